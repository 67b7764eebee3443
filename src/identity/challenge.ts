// Between the page that took the password and the page that takes the code: a proof, in the form, that the password was
// right. It holds for five minutes and for the account as it was. Who posts it again still needs a code that was not used
// and waits like everybody after wrong ones, so nothing has to be stored.

import { type Credentials, findCredentials } from "#storage/people.ts";
import type { IdentityDeps } from "./deps.ts";
import { equalBytes } from "./tokens.ts";

const challengeMs = 5 * 60_000;

export type Challenges = {
	make(user: Credentials): string;
	/** Whose password it was; undefined: it is too old, not ours, or the account was changed since. */
	open(challenge: string): Promise<Credentials | undefined>;
};

export function openChallenges(deps: Pick<IdentityDeps, "storage" | "clock" | "mac">): Challenges {
	const proofOf = (id: string, version: string, endsAt: string) => deps.mac("logon challenge", id, version, endsAt);
	return {
		make({ id, version }) {
			const endsAt = String(deps.clock.now().getTime() + challengeMs);
			const proof = Buffer.from(proofOf(id, String(version), endsAt)).toString("base64url");
			return [id, version, endsAt, proof].join(".");
		},
		async open(challenge) {
			const [id = "", version = "", endsAt = "", proof = ""] = challenge.split(".");
			const isOurs = equalBytes(Buffer.from(proof, "base64url"), proofOf(id, version, endsAt));
			if (!isOurs || Number(endsAt) <= deps.clock.now().getTime()) {
				return undefined;
			}
			const user = await findCredentials(deps.storage.db, { id });
			return user !== undefined && user.enabled && user.version === Number(version) ? user : undefined;
		},
	};
}
