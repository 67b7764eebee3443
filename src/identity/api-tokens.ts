// API tokens: for programs that call REST as a user. Shown once, stored as a hash, always with an end.

import { newSecret } from "#platform/random.ts";
import { findApiTokenByHash, touchApiToken, type ApiToken } from "#storage/sessions.ts";
import type { IdentityDeps } from "./deps.ts";
import { apiTokenPrefix, tokenHash } from "./tokens.ts";

export const tokenDaysMax = 365;
const shownCharacters = apiTokenPrefix.length + 6;
const touchEveryMs = 60_000;

export type NewApiToken = { token: string; row: ApiToken & { tokenHash: Uint8Array } };

/** Makes the token and its row; the caller inserts the row in the transaction of its own. */
export function makeApiToken(
	deps: Pick<IdentityDeps, "clock" | "random" | "ids">,
	owner: { userId: string; name: string; expiresAt: Date },
): NewApiToken {
	const token = `${apiTokenPrefix}${newSecret(deps.random)}`;
	return {
		token,
		row: {
			id: deps.ids.next(),
			userId: owner.userId,
			name: owner.name,
			prefix: token.slice(0, shownCharacters),
			createdAt: deps.clock.now(),
			expiresAt: owner.expiresAt,
			lastUsedAt: null,
			tokenHash: tokenHash(token),
		},
	};
}

/** The token's row, when it is known and has not ended. */
export async function resumeApiToken(deps: IdentityDeps, token: string): Promise<ApiToken | undefined> {
	if (!token.startsWith(apiTokenPrefix)) {
		return undefined;
	}
	const now = deps.clock.now();
	const hash = tokenHash(token);
	const row = await deps.storage.remembered(`token ${Buffer.from(hash).toString("base64")}`, (db) =>
		findApiTokenByHash(db, hash),
	);
	if (row === undefined || row.expiresAt.getTime() <= now.getTime()) {
		return undefined;
	}
	if (now.getTime() - (row.lastUsedAt?.getTime() ?? 0) >= touchEveryMs) {
		row.lastUsedAt = now; // What is remembered too: the next call of this minute writes nothing.
		await deps.storage.write((tx) => touchApiToken(tx, row.id, now));
	}
	return row;
}
