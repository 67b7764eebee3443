// Goal: a database that the bench made large is one that Parley could have made: every copy whole, with a contact and a
// conversation of its own, and nothing that copies share by mistake.
// Method: real rows by the storage functions, multiplied, then counted and joined.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import test, { type TestContext } from "node:test";
import { addCopies } from "#bench/copies.ts";
import { contactAddress } from "#bench/requests.ts";
import { contacts } from "#bench/stand.ts";
import { chainKey } from "#domain/chains.ts";
import { openStorage } from "#storage/storage.ts";
import { enqueue, setStage } from "#test/scene.ts";

const copies = 3;

async function multiplied(t: TestContext): Promise<{ file: DatabaseSync; serviceId: string }> {
	const folder = mkdtempSync(join(tmpdir(), "parley-test-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const location = `sqlite:${join(folder, "parley.db")}`;
	const storage = await openStorage(location, () => undefined);
	const stage = await setStage(storage);
	await enqueue(stage, { contact: contactAddress(0) });
	await enqueue(stage, { contact: contactAddress(0) });
	await enqueue(stage, { contact: contactAddress(1) });
	await storage.close();
	addCopies(location, copies);
	const file = new DatabaseSync(join(folder, "parley.db"));
	t.after(() => file.close());
	return { file, serviceId: stage.serviceId };
}

test("every copy is whole and stands by itself", async (t) => {
	const { file, serviceId } = await multiplied(t);
	const count = (what: string): unknown =>
		Object.values(file.prepare(`SELECT count(*) AS n FROM ${what}`).get() ?? {})[0];
	const times = 1 + copies;
	assert.equal(count("contacts"), 2 * times);
	assert.equal(count("conversations WHERE state = 'open'"), 2 * times);
	assert.equal(count("messages"), 3 * times);
	assert.equal(count("outbox WHERE state = 3"), 3 * times);
	assert.equal(count("events WHERE type = 'message.queued'"), 3 * times);
	// Joined by their ids: none lost, none shared.
	assert.equal(
		count(`outbox JOIN messages ON messages.id = outbox.message_id
			JOIN conversations ON conversations.id = messages.conversation_id
			JOIN contact_addresses ON contact_addresses.contact_id = conversations.contact_id
			AND contact_addresses.address = messages.contact_address AND conversations.contact_address = messages.contact_address`),
		3 * times,
	);
	assert.equal(count("(SELECT DISTINCT lane FROM outbox)"), 2 * times);
	const lanes = file
		.prepare("SELECT DISTINCT lane FROM outbox")
		.all()
		.map((row) => String(row["lane"]));
	for (let copy = 0; copy <= copies; copy++) {
		const contact = contactAddress(1 + contacts * copy);
		const chain = { serviceId, channel: "sms", ourAddress: "+493012345", contactAddress: contact };
		assert.ok(lanes.includes(chainKey(chain)), contact);
	}
});

test("the database is as Parley left it: WAL, and without faults", async (t) => {
	const { file } = await multiplied(t);
	assert.deepEqual(Object.values(file.prepare("PRAGMA journal_mode").get() ?? {}), ["wal"]);
	assert.deepEqual(Object.values(file.prepare("PRAGMA integrity_check").get() ?? {}), ["ok"]);
	assert.deepEqual(file.prepare("PRAGMA foreign_key_check").all(), []);
});

test("more copies than can be told apart are refused", () => {
	assert.throws(() => addCopies("sqlite:/nowhere", 65_536), RangeError);
});
