// A message that cannot be taken into a chat, whatever is done, holds up nobody: it is left out on record, and those before
// and after it come to their agent in order, each once.

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { appears, idIn, leaf, logInAgent, openPeer } from "#test/chat-scene.ts";
import { providerStage } from "#test/chat-provider.ts";
import { messages, until } from "#test/parley.ts";

test("an entry that always fails is left out of its chat, on record, and the others come", async (t) => {
	const { stage, simulator } = await providerStage(t, "twilio");
	const mia = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent("mia")));
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	refuseLines(stage.settings.dataDir, "a line that fails");
	await simulator.contactWrites({ from: simulator.somebody, text: "first" });
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await mia.hear(leaf("status", "accepted"));
	await simulator.contactWrites({ from: simulator.somebody, text: "a line that fails" });
	await simulator.contactWrites({ from: simulator.somebody, text: "last" });
	await until(() => mia.texts().includes("last") || undefined, "what came after it", 20_000);
	assert.deepEqual(mia.texts(), ["last"], "the first came with the offer");
	const [, failed] = await messages(stage, "direction=in");
	assert.equal(failed?.text, "a line that fails");
	type Entry = { what: string; who: string; detail: unknown };
	const trace = await stage.call<Entry[]>("GET", `/RI/cmi/messages/${failed.id}/trace`);
	const [entry, ...more] = trace.filter(({ what }) => what === "message.leftOut");
	assert.deepEqual([entry?.who, entry?.detail, more], ["Chat Server", { of: "message.matched" }, []]);
	const metrics = await (await fetch(`${stage.opsOrigin}/metrics`)).text();
	assert.match(metrics, /parley_alarm\{name="message_left_out"\} 1/);
});

/** As a fault of our own would: neither the database's trouble nor the caller's mistake. */
function refuseLines(dataDir: string, text: string): void {
	const db = new DatabaseSync(join(dataDir, "parley.db"));
	db.exec(`CREATE TRIGGER refuse BEFORE INSERT ON chat_lines WHEN new.message = '${text}'
		BEGIN SELECT RAISE(ABORT, 'it does not fit'); END`);
	db.close();
}
