import assert from "node:assert/strict";
import type { AuthenticationEntryId, ServiceId } from "#domain/ids.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import {
	type AuthenticationEntry,
	deleteService,
	findService,
	insertService,
	listServices,
	stopService,
	updateService,
} from "./services.ts";
import type { Storage } from "./storage.ts";

const at = new Date("2026-11-24T10:00:00.000Z");
const later = new Date("2026-11-24T11:00:00.000Z");
const idOf = (n: number) => n.toString(16).toUpperCase().padStart(32, "0");

const fields = {
	name: "Shop",
	enabled: true,
	serviceConnection: "https://a.example/x",
	authenticationUrl: null,
	authenticationScope: null,
	incomingMode: "enforce",
	settings: { sendsAtOnce: 3 },
} as const;

const entry = (n: number, changes: Partial<AuthenticationEntry> = {}): AuthenticationEntry => ({
	id: idOf(n) as AuthenticationEntryId,
	authenticationId: `key${n}`,
	direction: "outgoing",
	secret: null,
	previous: null,
	changedAt: null,
	...changes,
});

function insert(
	storage: Storage,
	n: number,
	changes: { name?: string; type?: string; authentications?: readonly AuthenticationEntry[] } = {},
) {
	const { type = "twilio", authentications = [], name = `Service ${n}` } = changes;
	const service = { ...fields, name, id: idOf(n) as ServiceId, type, authentications };
	return storage.write((tx) => insertService(tx, service, at));
}

onBothDialects("a messaging service comes back as it was stored", async (open) => {
	const storage = await open();
	const authentications = [
		entry(12, {
			direction: "both",
			secret: { sealed: Buffer.from([1, 2]), origin: "https://a.example ", fingerprint: "ab12" },
			previous: { sealed: Buffer.from([3]), validUntil: later },
			changedAt: at,
		}),
		entry(11),
	];
	assert.equal(await insert(storage, 1, { authentications }), "written");
	const found = await findService(storage.db, idOf(1));
	assert.ok(found !== undefined);
	const [first, second] = found.authentications;
	assert.deepEqual(Buffer.from(first?.secret?.sealed ?? []), Buffer.from([1, 2]));
	assert.deepEqual({ ...first?.secret, sealed: 0 }, { sealed: 0, origin: "https://a.example ", fingerprint: "ab12" });
	assert.deepEqual(first?.previous?.validUntil, later);
	assert.deepEqual(first?.changedAt, at);
	assert.deepEqual(second, entry(11));
	const { authentications: _entries, ...others } = found;
	assert.deepEqual(others, {
		...fields,
		name: "Service 1",
		id: idOf(1),
		type: "twilio",
		stoppedReason: null,
		version: 1,
		createdAt: at,
		updatedAt: at,
	});
	assert.equal(await findService(storage.db, idOf(2)), undefined);
});

onBothDialects("a name is unique within its type, without regard to case", async (open) => {
	const storage = await open();
	assert.equal(await insert(storage, 1, { name: "Shop É" }), "written");
	assert.equal(await insert(storage, 2, { name: "shop é" }), "name taken");
	assert.equal(await insert(storage, 3, { name: "shop é", type: "facebook" }), "written");
	assert.equal(await insert(storage, 4, { name: "other" }), "written");
	const changed = { ...fields, name: "SHOP é", id: idOf(4) as ServiceId, version: 1, authentications: [] };
	const refused = storage.write(async (tx) => {
		throw new Error(await updateService(tx, changed, later));
	});
	await assert.rejects(refused, { message: "name taken" });
	assert.equal((await findService(storage.db, idOf(4)))?.name, "other");
	assert.equal((await listServices(storage.db)).length, 3);
});

onBothDialects("a change needs the version it was made from, and replaces the whole list", async (open) => {
	const storage = await open();
	await insert(storage, 1, { authentications: [entry(11), entry(12)] });
	const change = {
		...fields,
		name: "Renamed",
		id: idOf(1) as ServiceId,
		version: 1,
		// Two entries that swap their names must not meet at the unique index.
		authentications: [entry(12, { authenticationId: "key11" }), entry(11, { authenticationId: "key12" })],
	};
	await storage.write((tx) => stopService(tx, idOf(1), "gone", at));
	assert.equal((await findService(storage.db, idOf(1)))?.stoppedReason, "gone");
	assert.equal(await storage.write((tx) => updateService(tx, change, later)), "changed meanwhile");
	assert.equal(await storage.write((tx) => updateService(tx, { ...change, version: 2 }, later)), "written");
	const found = await findService(storage.db, idOf(1));
	assert.deepEqual(
		found?.authentications.map(({ id, authenticationId }) => [id, authenticationId]),
		[
			[idOf(12), "key11"],
			[idOf(11), "key12"],
		],
	);
	assert.equal(found?.version, 3);
	assert.equal(found?.stoppedReason, null, "a change opens a stopped service again");
	assert.deepEqual(found?.updatedAt, later);
	assert.deepEqual(found?.createdAt, at);
});

onBothDialects("a deleted service takes its authentications along", async (open) => {
	const storage = await open();
	await insert(storage, 1, { authentications: [entry(11)] });
	assert.equal(await storage.write((tx) => deleteService(tx, { id: idOf(1), version: 2 })), false);
	assert.equal(await storage.write((tx) => deleteService(tx, { id: idOf(1), version: 1 })), true);
	assert.deepEqual(await storage.db.selectFrom("authentications").selectAll().execute(), []);
});

onBothDialects("lists are ordered by name and hold what was asked for", async (open) => {
	const storage = await open();
	await insert(storage, 1, { name: "b" });
	await insert(storage, 2, { name: "A" });
	await insert(storage, 3, { name: "c", type: "facebook", authentications: [entry(31)] });
	const ids = async (...asked: Parameters<typeof listServices> extends [unknown, ...infer Rest] ? Rest : never) =>
		(await listServices(storage.db, ...asked)).map(({ id }) => Number.parseInt(id, 16));
	assert.deepEqual(await ids(), [2, 1, 3]);
	assert.deepEqual(await ids({ type: "twilio" }), [2, 1]);
	assert.deepEqual(await ids({ only: [idOf(3), idOf(9)] }), [3]);
	assert.deepEqual(await ids({ only: [] }), []);
	const many = [idOf(3), ...Array.from({ length: 1500 }, (_, n) => idOf(1000 + n))];
	assert.deepEqual(await ids({ only: many }), [3]);
});

onBothDialects("of two changes made from one version at the same moment, one is written", async (open) => {
	const storage = await open();
	await insert(storage, 1, { authentications: [entry(11)] });
	const change = (name: string) => {
		const changed = { ...fields, name, id: idOf(1) as ServiceId, version: 1, authentications: [entry(12)] };
		return storage.write((tx) => updateService(tx, changed, later));
	};
	const written = await Promise.all([change("one"), change("two"), change("three")]);
	assert.deepEqual(written.toSorted(), ["changed meanwhile", "changed meanwhile", "written"]);
	const found = await findService(storage.db, idOf(1));
	assert.equal(found?.name, ["one", "two", "three"][written.indexOf("written")]);
	assert.equal(found?.version, 2);
});
