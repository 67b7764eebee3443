import assert from "node:assert/strict";
import type { UserId } from "#domain/ids.ts";
import { seededRandom, testClock } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { idsFrom } from "#platform/ids.ts";
import { deleteOldAnswers, findAnswer, keepAnswer } from "./idempotency.ts";
import { clearFailures, deleteOldFailures, readFailures, writeFailures } from "./logon-failures.ts";
import { deleteUser, insertUser } from "./people.ts";
import {
	clearBootstrap,
	deleteApiToken,
	deleteDeadSessions,
	deleteSessions,
	findApiToken,
	findApiTokenByHash,
	findSession,
	insertApiToken,
	insertSession,
	listApiTokens,
	readBootstrap,
	replaceBootstrap,
	sessionsOf,
	touchApiToken,
	touchSession,
} from "./sessions.ts";
import type { Storage } from "./storage.ts";

const clock = testClock();
const ids = idsFrom(clock, seededRandom(5));
const start = clock.now();
const minutes = (count: number) => new Date(start.getTime() + count * 60_000);
const hashOf = (byte: number) => new Uint8Array(32).fill(byte);

async function addUser(storage: Storage): Promise<UserId> {
	const id = ids.next<UserId>();
	const nothing = { email: null, title: null, location: null, phone: null, uiLanguage: null, timeZone: null };
	const fields = { firstName: "A", surname: "B", login: id, externalUser: false, enabled: true, externalId: null };
	await storage.write((tx) =>
		insertUser(tx, { id, fields: { ...fields, ...nothing }, password: { kind: "none" }, at: start }),
	);
	return id;
}

async function addSession(storage: Storage, userId: string, byte: number): Promise<string> {
	const id = ids.next();
	const times = { createdAt: start, lastSeenAt: start, expiresAt: minutes(600) };
	await storage.write((tx) => insertSession(tx, { id, userId, ...times, userAgent: "b", tokenHash: hashOf(byte) }));
	return id;
}

onBothDialects("a session is found by its hash until it is idle or over, and goes with its user", async (open) => {
	const storage = await open();
	const user = await addUser(storage);
	const id = await addSession(storage, user, 1);
	assert.equal((await findSession(storage.db, hashOf(1)))?.id, id);
	assert.equal(await findSession(storage.db, hashOf(2)), undefined);
	const idleMs = 30 * 60_000;
	const listed = async (now: Date) => (await sessionsOf(storage.db, user, { now, idleMs })).map((one) => one.id);
	assert.deepEqual(await listed(minutes(29)), [id]);
	assert.deepEqual(await listed(minutes(30)), []);
	await storage.write((tx) => touchSession(tx, id, minutes(595)));
	assert.deepEqual(await listed(minutes(599)), [id]);
	assert.deepEqual(await listed(minutes(600)), []);
	await storage.write((tx) => deleteDeadSessions(tx, { now: minutes(599), idleMs }));
	assert.notEqual(await findSession(storage.db, hashOf(1)), undefined);
	await storage.write((tx) => deleteDeadSessions(tx, { now: minutes(600), idleMs }));
	assert.equal(await findSession(storage.db, hashOf(1)), undefined);
	await addSession(storage, user, 3);
	await storage.write((tx) => deleteUser(tx, user));
	assert.equal(await findSession(storage.db, hashOf(3)), undefined);
});

onBothDialects(
	"one session, all but one, or all of a user's sessions are ended, never another user's",
	async (open) => {
		const storage = await open();
		const [user, other] = [await addUser(storage), await addUser(storage)];
		const [first, second] = [await addSession(storage, user, 1), await addSession(storage, user, 2)];
		await addSession(storage, user, 3);
		const foreign = await addSession(storage, other, 4);
		assert.equal(await storage.write((tx) => deleteSessions(tx, user, { id: foreign })), 0);
		assert.equal(await storage.write((tx) => deleteSessions(tx, user, { id: first })), 1);
		assert.equal(await storage.write((tx) => deleteSessions(tx, user, { except: second })), 1);
		assert.equal(await storage.write((tx) => deleteSessions(tx, user)), 1);
		assert.notEqual(await findSession(storage.db, hashOf(4)), undefined);
	},
);

onBothDialects(
	"an API token is found by hash and by id, listed for its owner and for who may view it",
	async (open) => {
		const storage = await open();
		const [user, other] = [await addUser(storage), await addUser(storage)];
		const add = async (userId: string, byte: number) => {
			const token = {
				id: ids.next<string>(),
				userId,
				name: "t",
				prefix: "parley_x",
				createdAt: start,
				lastUsedAt: null,
			};
			await storage.write((tx) => insertApiToken(tx, { ...token, expiresAt: minutes(60), tokenHash: hashOf(byte) }));
			return token.id;
		};
		const [own, foreign] = [await add(user, 1), await add(other, 2)];
		assert.equal((await findApiTokenByHash(storage.db, hashOf(1)))?.id, own);
		await storage.write((tx) => touchApiToken(tx, own, minutes(5)));
		assert.deepEqual((await findApiToken(storage.db, own))?.lastUsedAt, minutes(5));
		const list = async (visible: "every" | string[], userId?: string) =>
			(
				await listApiTokens(storage.db, {
					visible: { ids: visible, ownerId: user },
					limit: 10,
					offset: 0,
					...(userId === undefined ? {} : { userId }),
				})
			).map(({ id }) => id);
		assert.deepEqual(await list([]), [own]);
		assert.deepEqual(await list([foreign]), [own, foreign]);
		assert.deepEqual(await list("every", other), [foreign]);
		assert.deepEqual(await list([], other), []);
		await storage.write((tx) => deleteApiToken(tx, own));
		assert.equal(await findApiToken(storage.db, own), undefined);
	},
);

onBothDialects("there is one bootstrap token at a time, and of two that use it one removes it", async (open) => {
	const storage = await open();
	await storage.write((tx) => replaceBootstrap(tx, hashOf(1), minutes(30)));
	await storage.write((tx) => replaceBootstrap(tx, hashOf(2), minutes(31)));
	const stored = await readBootstrap(storage.db);
	assert.deepEqual([Buffer.from(stored?.tokenHash ?? []).at(0), stored?.expiresAt], [2, minutes(31)]);
	assert.equal(await storage.write(clearBootstrap), 1);
	assert.equal(await storage.write(clearBootstrap), 0);
});

onBothDialects("failed logons are kept per subject, replaced, cleared and forgotten", async (open) => {
	const storage = await open();
	const entry = { subject: "account:a", failures: 1, firstAt: start, lastAt: start, blockedUntil: start };
	await storage.write((tx) => writeFailures(tx, entry));
	await storage.write((tx) => writeFailures(tx, { ...entry, failures: 2 }));
	await storage.write((tx) => writeFailures(tx, { ...entry, subject: "address:b", blockedUntil: minutes(20) }));
	const failures = async () =>
		(await readFailures(storage.db, ["account:a", "address:b", "account:c"]))
			.map((one) => one.failures)
			.toSorted((one, other) => one - other);
	assert.deepEqual(await failures(), [1, 2]);
	await storage.write((tx) => deleteOldFailures(tx, { logons: minutes(10), codes: minutes(10) }));
	assert.deepEqual(await failures(), [1], "who still has to wait is not forgotten");
	await storage.write((tx) => clearFailures(tx, "address:b"));
	assert.deepEqual(await failures(), []);
});

onBothDialects("an answer is kept per scope and key, and an expired one gives way", async (open) => {
	const storage = await open();
	const answer = {
		scope: "u POST /x",
		key: "k",
		requestHash: "h",
		createdAt: start,
		status: 201,
		headers: { etag: '"1"' },
		body: "{}",
	};
	await storage.write((tx) => keepAnswer(tx, answer, minutes(-1)));
	assert.deepEqual(await findAnswer(storage.db, "u POST /x", "k", minutes(-1)), answer);
	assert.equal(await findAnswer(storage.db, "u POST /x", "k", minutes(1)), undefined);
	assert.equal(await findAnswer(storage.db, "v POST /x", "k", minutes(-1)), undefined);
	await assert.rejects(storage.write((tx) => keepAnswer(tx, answer, minutes(-1))));
	await storage.write((tx) => keepAnswer(tx, { ...answer, createdAt: minutes(5), body: "new" }, minutes(1)));
	assert.equal((await findAnswer(storage.db, "u POST /x", "k", minutes(1)))?.body, "new");
	await storage.write((tx) => deleteOldAnswers(tx, minutes(6)));
	assert.equal(await findAnswer(storage.db, "u POST /x", "k", minutes(0)), undefined);
});
