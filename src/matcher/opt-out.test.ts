import assert from "node:assert/strict";
import { stateOf } from "#domain/delivery.ts";
import { silentLog } from "#platform/log.ts";
import { recordArrivals } from "#storage/arrivals.ts";
import { findConsents } from "#storage/consent-lists.ts";
import { findMessage } from "#storage/messages.ts";
import { claimParts } from "#storage/outbox.ts";
import { localSignals } from "#storage/signals.ts";
import { traceOf } from "#storage/trace.ts";
import { arrivalOf, enqueue, messageEvent, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { matchBatch } from "./start.ts";

type Said = { text: string; at?: Date; channel?: string };

async function hear(stage: Stage, said: readonly Said[]): Promise<void> {
	const events = said.map(({ text, at, channel = "sms" }) =>
		messageEvent(stage.ids.next(), { text, channel, ...(at === undefined ? {} : { at }) }),
	);
	await stage.storage.write((tx) => recordArrivals(tx, [arrivalOf(stage, events)]));
	await matchBatch({ ...stage, signals: localSignals(), log: silentLog, settings: { leaseMs: 20_000 } });
}

function setWords(stage: Stage, settings: object) {
	const changed = { settings: JSON.stringify(settings) };
	return stage.storage.db.updateTable("messaging_services").set(changed).execute();
}

async function known(stage: Stage) {
	const consents = await findConsents(stage.storage.db, {}, { limit: 10 });
	return consents.map(({ usage, state, source }) => `${usage} ${state} ${source}`);
}

onBothDialects("STOP between accepting and claiming a message: it is not sent, and says why", async (open) => {
	const stage = await setStage(await open());
	const { storage, clock, ids, serviceId } = stage;
	const { messageId } = await enqueue(stage, { parts: 2 });
	await enqueue(stage, { contact: "+4915199999" });
	await hear(stage, [{ text: " Stop. " }]);
	const options = { serviceId, limit: 10, now: clock.now(), leaseMs: 1000, owner: "n", newAttemptId: () => ids.next() };
	const claims = await storage.alone("outbox", (tx) => claimParts(tx, options));
	assert.deepEqual(
		claims.map(({ contactAddress }) => contactAddress),
		["+4915199999"],
	);
	const message = await findMessage(storage.db, messageId);
	assert.deepEqual([message?.state, message?.error?.code], ["failed", "opted_out"]);
	const trace = message === undefined ? [] : await traceOf(storage.db, message);
	assert.equal(trace.filter(({ what, detail }) => what === "message.state" && detail["to"] === "failed").length, 2);
	assert.deepEqual(await known(stage), ["sms refused contact"]);
});

onBothDialects("START lets messages begin again; the message that said so tells it in its trace", async (open) => {
	const stage = await setStage(await open());
	await hear(stage, [{ text: "STOP" }]);
	stage.clock.advance(1000);
	await hear(stage, [{ text: "start" }]);
	assert.deepEqual(await known(stage), ["sms granted contact"]);
	const rows = await stage.storage.db.selectFrom("messages").select("id").orderBy("id").execute();
	const message = await findMessage(stage.storage.db, rows[1]?.id ?? "");
	const trace = message === undefined ? [] : await traceOf(stage.storage.db, message);
	assert.deepEqual(
		trace.flatMap(({ what, who }) => (what.startsWith("contact.") ? [`${what} ${who}`] : [])),
		["contact.optedIn Chain Matcher"],
	);
	const { partIds } = await enqueue(stage);
	const row = await stage.storage.db
		.selectFrom("outbox")
		.select("state")
		.where("id", "=", partIds[0] ?? "")
		.execute();
	assert.equal(stateOf(row[0]?.state ?? 0), "queued");
});

onBothDialects("words of one batch, an old one that comes late, and a clock that is ahead", async (open) => {
	const stage = await setStage(await open());
	const at = (seconds: number) => new Date(stage.clock.now().getTime() + seconds * 1000);
	await hear(stage, [
		{ text: "START", at: at(-10) },
		{ text: "STOP", at: at(-20) },
	]);
	assert.deepEqual(await known(stage), ["sms granted contact"], "the order in which it was said");
	await hear(stage, [{ text: "STOP", at: at(-30) }]);
	assert.deepEqual(await known(stage), ["sms granted contact"]);
	await hear(stage, [{ text: "STOP", at: at(3600) }]);
	assert.deepEqual(await known(stage), ["sms refused contact"]);
	stage.clock.advance(1000);
	await hear(stage, [{ text: "START" }]);
	assert.deepEqual(await known(stage), ["sms granted contact"], "nothing is said in the future");
});

onBothDialects("other texts, other channels and words that are switched off mean nothing", async (open) => {
	const stage = await setStage(await open());
	await hear(stage, [{ text: "please stop" }, { text: "STOP", channel: "whatsapp" }, { text: "stop ".repeat(100) }]);
	assert.deepEqual(await known(stage), []);
	await setWords(stage, { optOutWords: [] });
	await hear(stage, [{ text: "STOP" }]);
	assert.deepEqual(await known(stage), []);
	await setWords(stage, { optOutWords: ["Halt"], optWordChannels: "every" });
	await hear(stage, [{ text: "STOP" }, { text: "halt!", channel: "whatsapp" }]);
	assert.deepEqual(await known(stage), ["whatsapp refused contact"]);
});
