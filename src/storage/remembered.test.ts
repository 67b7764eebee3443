import assert from "node:assert/strict";
import type { ServiceId, UserId } from "#domain/ids.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { addMember, deleteBag, giveRole, insertBag, removeMember, replaceParents, takeRole } from "./bags.ts";
import { replaceGrants } from "./grants.ts";
import { deleteUser, findCredentials, insertUser, updateUser } from "./people.ts";
import { configurationRevision, openRemembered } from "./remembered.ts";
import { deleteService, findService, insertService, stopService, updateService } from "./services.ts";
import { deleteApiToken, insertApiToken, touchApiToken } from "./sessions.ts";
import type { Storage, Tx } from "./storage.ts";

const at = new Date("2026-11-24T10:00:00.000Z");
const idOf = (n: number) => n.toString(16).toUpperCase().padStart(32, "0");
const userId = idOf(1) as UserId;
const serviceId = idOf(2) as ServiceId;

const userFields = {
	firstName: "Ada",
	surname: "Byron",
	login: "ada",
	externalUser: false,
	enabled: true,
	email: null,
	title: null,
	location: null,
	phone: null,
	uiLanguage: null,
	timeZone: null,
	externalId: null,
};
const serviceFields = {
	name: "Shop",
	enabled: true,
	serviceConnection: "https://a.example/x",
	authenticationUrl: null,
	authenticationScope: null,
	incomingMode: "enforce" as const,
	settings: {},
	authentications: [],
};
const bag = (n: number) => ({ id: idOf(n), fields: { name: `Bag ${n}`, description: "" }, at });

/** Each in a transaction of its own. */
const changes: readonly [name: string, change: (tx: Tx) => Promise<unknown>][] = [
	["a user is made", (tx) => insertUser(tx, { id: userId, fields: userFields, password: { kind: "none" }, at })],
	[
		"a user is disabled",
		(tx) => updateUser(tx, { id: userId, version: 1, fields: { ...userFields, enabled: false }, at }),
	],
	["a token is made", (tx) => insertApiToken(tx, { ...token, tokenHash: Buffer.alloc(32, 1) })],
	["a token is taken away", (tx) => deleteApiToken(tx, token.id)],
	["a service is made", (tx) => insertService(tx, { ...serviceFields, id: serviceId, type: "twilio" }, at)],
	// The clock was set back: a time of change would not tell.
	["a service is changed", (tx) => updateService(tx, { ...serviceFields, id: serviceId, version: 1 }, new Date(0))],
	["a service is stopped", (tx) => stopService(tx, serviceId, "gone", at)],
	["a service is deleted", (tx) => deleteService(tx, { id: serviceId, version: 3 })],
	[
		"a right is given",
		(tx) =>
			replaceGrants(tx, { kind: "user", id: userId }, [{ objectType: "role", objectId: null, access: ["view"] }], () =>
				idOf(30),
			),
	],
	["a right is taken", (tx) => replaceGrants(tx, { kind: "user", id: userId }, [], () => idOf(31))],
	["a member joins", (tx) => addMember(tx, idOf(3), userId)],
	["groups are nested", (tx) => replaceParents(tx, idOf(3), [idOf(4)])],
	["a member leaves", (tx) => removeMember(tx, idOf(3), userId)],
	["a role is given", (tx) => giveRole(tx, idOf(5), { kind: "user", id: userId })],
	["a role is taken", (tx) => takeRole(tx, idOf(5), { kind: "user", id: userId })],
	["a role is given again", (tx) => giveRole(tx, idOf(5), { kind: "user", id: userId })],
	["the role is deleted with what hangs on it", (tx) => deleteBag(tx, "roles", idOf(5))],
	["the user is deleted", (tx) => deleteUser(tx, userId)],
];

const token = {
	id: idOf(6),
	userId,
	name: "t",
	prefix: "parley_x",
	createdAt: at,
	lastUsedAt: null,
	expiresAt: new Date("2027-01-01T00:00:00.000Z"),
};

async function withBags(storage: Storage): Promise<void> {
	await storage.write(async (tx) => {
		await insertBag(tx, "user_groups", bag(3));
		await insertBag(tx, "user_groups", bag(4));
		await insertBag(tx, "roles", bag(5));
	});
}

onBothDialects("every change of what is configured raises the revision, with its commit", async (open) => {
	const storage = await open();
	await withBags(storage);
	let before = await configurationRevision(storage.db);
	for (const [name, change] of changes) {
		await storage.write(change);
		const after = await configurationRevision(storage.db);
		assert.ok(after > before, name);
		before = after;
	}
	assert.equal(await configurationRevision(storage.db), before, "reading changes nothing");
});

onBothDialects("what was taken back raises nothing, and neither does the use of a token", async (open) => {
	const storage = await open();
	await storage.write((tx) => insertUser(tx, { id: userId, fields: userFields, password: { kind: "none" }, at }));
	await storage.write((tx) => insertApiToken(tx, { ...token, tokenHash: Buffer.alloc(32, 1) }));
	const before = await configurationRevision(storage.db);
	await storage.write((tx) => touchApiToken(tx, token.id, at));
	const broken = storage.write(async (tx) => {
		await deleteUser(tx, userId);
		throw new Error("taken back");
	});
	await assert.rejects(broken, /taken back/);
	assert.equal(await configurationRevision(storage.db), before);
});

onBothDialects(
	"what is remembered counts until something changes; what is not there is asked for again",
	async (open) => {
		const storage = await open();
		const read = () => storage.remembered("ada", (db) => findCredentials(db, { id: userId }));
		assert.equal(await read(), undefined);
		await storage.write((tx) => insertUser(tx, { id: userId, fields: userFields, password: { kind: "none" }, at }));
		const first = await read();
		assert.equal(first?.enabled, true);
		assert.equal(await read(), first, "the same object: nothing was read");
		await storage.write((tx) =>
			updateUser(tx, { id: userId, version: 1, fields: { ...userFields, enabled: false }, at }),
		);
		assert.equal((await read())?.enabled, false);
		await storage.write((tx) => insertService(tx, { ...serviceFields, id: serviceId, type: "twilio" }, at));
		const service = await storage.remembered("shop", (db) => findService(db, serviceId));
		assert.equal(service?.name, "Shop");
	},
);

onBothDialects(
	"what is remembered has a bound: at the bound all is forgotten, and nothing is kept beyond it",
	async (open) => {
		const { db } = await open();
		const remembered = openRemembered(db, 3);
		const reads: string[] = [];
		const ask = (key: string) => remembered(key, () => Promise.resolve(`${key}${reads.push(key)}`));
		for (const key of ["a", "b", "a", "b"]) {
			await ask(key);
		}
		assert.deepEqual(reads, ["a", "b"], "below the bound nothing is read again");
		for (const key of ["c", "d", "a", "a", "d"]) {
			await ask(key);
		}
		assert.deepEqual(reads, ["a", "b", "c", "d", "a"], "three are too many: all was read anew");
	},
);

onBothDialects(
	"a change of many rows raises the revision without going through them again and again",
	async (open, dialect) => {
		const storage = await open();
		const before = await configurationRevision(storage.db);
		const grants = Array.from({ length: 3000 }, (_, n) => ({
			objectType: "role" as const,
			objectId: idOf(1000 + n),
			access: ["view" as const],
		}));
		let made = 0;
		await storage.write((tx) => replaceGrants(tx, { kind: "user", id: userId }, grants, () => idOf(10_000 + made++)));
		const raised = (await configurationRevision(storage.db)) - before;
		assert.equal(
			raised,
			dialect === "postgres" ? 1 : 3000,
			"in PostgreSQL each raise would leave a version to read over",
		);
	},
);
