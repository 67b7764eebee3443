// The first start: no account exists and none is made by default. A one-time address, printed to whoever starts the
// server, makes the first administrator; it works for 30 minutes and only while there is no user.

import type { UserId } from "#domain/ids.ts";
import { type Grant, accessesOf, administeredTypes } from "#domain/rights.ts";
import { newSecret } from "#platform/random.ts";
import { appendAudit } from "#storage/audit.ts";
import { findBagByName, giveRole, insertBag } from "#storage/bags.ts";
import { replaceGrants } from "#storage/grants.ts";
import { lockUntilCommit } from "#storage/lock.ts";
import { countUsers, insertUser } from "#storage/people.ts";
import { clearBootstrap, readBootstrap, replaceBootstrap } from "#storage/sessions.ts";
import type { Tx } from "#storage/storage.ts";
import type { IdentityDeps } from "./deps.ts";
import { equalBytes, tokenHash } from "./tokens.ts";

export const bootstrapMinutes = 30;
export const administratorRole = "Administrator";

export type FirstAdministrator = { firstName: string; surname: string; login: string; password: string };

export type Bootstrap = {
	/** The one-time address, or undefined when there is a user already. Earlier addresses stop working. */
	open(): Promise<string | undefined>;
	isOpenFor(token: string): Promise<boolean>;
	/** Undefined: the token does not count (any more). The password was checked against the rules by the caller. */
	create(token: string, person: FirstAdministrator): Promise<UserId | undefined>;
};

/** Every access on every object type that is not given separately, on all objects. */
export function everyGrant(): Grant[] {
	return administeredTypes.map((objectType) => ({ objectType, objectId: null, access: accessesOf[objectType] }));
}

export function openBootstrap(deps: IdentityDeps): Bootstrap {
	const { storage, clock, settings } = deps;

	async function isOpenFor(token: string): Promise<boolean> {
		const stored = await readBootstrap(storage.db);
		const isRight = stored !== undefined && equalBytes(stored.tokenHash, tokenHash(token));
		const isInTime = stored !== undefined && stored.expiresAt.getTime() > clock.now().getTime();
		return isRight && isInTime && (await countUsers(storage.db)) === 0;
	}

	return {
		isOpenFor,
		async open() {
			if ((await countUsers(storage.db)) > 0) {
				return undefined;
			}
			const token = newSecret(deps.random);
			const expiresAt = new Date(clock.now().getTime() + bootstrapMinutes * 60_000);
			await storage.write((tx) => replaceBootstrap(tx, tokenHash(token), expiresAt));
			return `${settings.publicBaseUrl}${settings.basePath}/bootstrap/${token}`;
		},
		async create(token, person) {
			if (!(await isOpenFor(token))) {
				return undefined;
			}
			const hash = await deps.passwords.hash(person.password);
			return storage.write(async (tx) => {
				await lockUntilCommit(tx, "rights");
				if ((await clearBootstrap(tx)) !== 1 || (await countUsers(tx)) > 0) {
					return undefined;
				}
				return insertAdministrator(deps, tx, { ...person, hash });
			});
		},
	};
}

async function insertAdministrator(
	deps: IdentityDeps,
	tx: Tx,
	person: FirstAdministrator & { hash: string },
): Promise<UserId> {
	const id = deps.ids.next<UserId>();
	const at = deps.clock.now();
	const { firstName, surname, login, hash } = person;
	const nothing = { email: null, title: null, location: null, phone: null, uiLanguage: null, timeZone: null };
	const fields = { firstName, surname, login, externalUser: false, enabled: true, externalId: null, ...nothing };
	await insertUser(tx, { id, fields, password: { kind: "person", hash }, at });
	await giveRole(tx, await administratorRoleId(deps, tx, at), { kind: "user", id });
	const changes = { login: { after: login }, role: { after: administratorRole }, password: { after: "set" } };
	const who = { userId: id, actor: login, via: "system", action: "bootstrap" } as const;
	const what = { objectType: "user", objectId: id, objectName: login, changes };
	await appendAudit(tx, { at, ...who, ...what }, (...pieces) => deps.mac("audit", ...pieces));
	return id;
}

/** The role that holds every right; made where there is none. */
export async function administratorRoleId(deps: Pick<IdentityDeps, "ids">, tx: Tx, at: Date): Promise<string> {
	const present = await findBagByName(tx, "roles", administratorRole);
	const id = present?.id ?? deps.ids.next();
	if (present === undefined) {
		const description = "Every access on every object type.";
		await insertBag(tx, "roles", { id, fields: { name: administratorRole, description }, at });
	}
	await replaceGrants(tx, { kind: "role", id }, everyGrant(), () => deps.ids.next());
	return id;
}
