import assert from "node:assert/strict";
import { stateOf } from "#domain/delivery.ts";
import type { RemoteId } from "#domain/ids.ts";
import { addService, enqueue, receiptEvent, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { deleteConsent, findConsents } from "./consent-lists.ts";
import { recordConsent, refusedAmong, type SaidConsent } from "./consents.ts";
import { readChainForSending } from "./conversations.ts";
import { type Claim, claimParts } from "./outbox.ts";
import { settleParts } from "./outbox-moves.ts";
import { applyReceipt } from "./receipts.ts";

const contact = "+4915112345";

function say(stage: Stage, over: Partial<SaidConsent> = {}): Promise<boolean> {
	const { storage, clock, ids, serviceId } = stage;
	const said: SaidConsent = {
		id: ids.next(),
		channel: "sms",
		address: contact,
		serviceId,
		state: "refused",
		source: "contact",
		at: clock.now(),
		messageId: null,
		conversationId: null,
		...over,
	};
	return storage.write((tx) => recordConsent(tx, said, clock.now()));
}

const all = { limit: 100 };

async function states(stage: Stage): Promise<string[]> {
	const rows = await stage.storage.db.selectFrom("outbox").select(["state", "error_code"]).orderBy("id").execute();
	return rows.map((row) => [stateOf(row.state), row.error_code].filter((one) => one !== null).join(" "));
}

async function events(stage: Stage): Promise<string[]> {
	const rows = await stage.storage.db.selectFrom("events").select(["type", "data"]).orderBy("seq").execute();
	return rows
		.filter(({ type, data }) => type.startsWith("contact.") || data.includes('"to":"failed"'))
		.map(({ type, data }) => `${type} ${data}`);
}

function claim(stage: Stage): Promise<Claim[]> {
	const { storage, clock, ids, serviceId } = stage;
	const options = { serviceId, limit: 10, now: clock.now(), leaseMs: 1000, owner: "n" };
	return storage.alone("outbox", (tx) => claimParts(tx, { ...options, newAttemptId: () => ids.next() }));
}

onBothDialects("a refusal ends what is queued for the contact, and leaves what is being sent or held", async (open) => {
	const stage = await setStage(await open());
	const held = await enqueue(stage);
	await enqueue(stage, { contact: "+4915199999" });
	await claim(stage);
	await enqueue(stage, { parts: 2 });
	await stage.storage.db
		.updateTable("outbox")
		.set({ state: 2 })
		.where("id", "=", held.partIds[0] ?? "")
		.execute();
	await enqueue(stage);
	const [sending] = await claim(stage);
	assert.equal(await say(stage), true);
	assert.deepEqual(await states(stage), ["held", "sending", "sending", "failed opted_out", "failed opted_out"]);
	assert.deepEqual(
		(await events(stage)).map((line) => line.replace(/"part":\d/, "")),
		[
			'contact.optedOut {"usage":"sms","source":"contact","everyService":false}',
			...Array.from({ length: 2 }, () => 'message.state {,"from":"queued","to":"failed","code":"opted_out"}'),
		],
	);
	assert.equal(sending?.isRefused, false);
});

onBothDialects("a refusal concerns one channel and one service, or every service", async (open) => {
	const stage = await setStage(await open());
	const other = { ...stage, serviceId: stage.ids.next<never>() as string };
	await addService(stage.storage, other.serviceId, stage.clock.now());
	await enqueue(stage);
	await enqueue(other);
	await say(stage, { channel: "whatsapp" });
	assert.deepEqual(await states(stage), ["queued", "queued"]);
	await say(stage, { address: "4915112345" });
	assert.deepEqual(await states(stage), ["failed opted_out", "queued"], "in whatever spelling");
	await say(stage, { serviceId: null });
	assert.deepEqual(await states(stage), ["failed opted_out", "failed opted_out"]);
	await enqueue(other);
	assert.deepEqual(
		(await claim(other)).map(({ isRefused }) => isRefused),
		[true],
	);
});

onBothDialects("whatever is queued past a refusal is told by its claim", async (open) => {
	const stage = await setStage(await open());
	const stranger = "+4915199999";
	await say(stage);
	await enqueue(stage);
	await enqueue(stage, { contact: stranger });
	const claims = await claim(stage);
	assert.deepEqual(claims.map(({ contactAddress, isRefused }) => `${contactAddress} ${isRefused}`).toSorted(), [
		`${contact} true`,
		`${stranger} false`,
	]);
	const refused = claims.find(({ isRefused }) => isRefused);
	assert.ok(refused);
	stage.clock.advance(1000);
	const outcome = { kind: "rejected", code: "opted_out", detail: "x" } as const;
	const next = { to: "failed", code: "opted_out", detail: "x" } as const;
	await settleParts(stage.storage, [{ claim: refused, outcome, exchange: [], next }], stage.clock.now());
	const [consent] = await findConsents(stage.storage.db, {}, all);
	assert.equal(consent?.source, "contact", "our own refusal is no news");
});

onBothDialects("the newest word counts; of one moment the refusal; a word again changes nothing", async (open) => {
	const stage = await setStage(await open());
	const at = (ms: number) => new Date(stage.clock.now().getTime() + ms);
	assert.equal(await say(stage, { at: at(0) }), true);
	assert.equal(await say(stage, { at: at(0) }), false);
	assert.equal(await say(stage, { at: at(-1), state: "granted" }), false);
	assert.equal(await say(stage, { at: at(0), state: "granted" }), false);
	assert.equal(await say(stage, { at: at(1), state: "granted" }), true);
	assert.equal(await say(stage, { at: at(1) }), true);
	assert.equal(await say(stage, { at: at(2), state: "granted" }), true);
	const consents = await findConsents(stage.storage.db, {}, all);
	assert.deepEqual(
		consents.map(({ state, version }) => [state, version]),
		[["granted", 4]],
	);
	assert.deepEqual(
		(await events(stage)).map((line) => line.split(" ")[0]),
		["contact.optedOut", "contact.optedIn", "contact.optedOut", "contact.optedIn"],
	);
});

onBothDialects("the same claim applied twice is one consent, also under the same id", async (open) => {
	const stage = await setStage(await open());
	const id: string = stage.ids.next();
	await say(stage, { id });
	await say(stage, { id, at: new Date(stage.clock.now().getTime() + 1) });
	assert.equal((await findConsents(stage.storage.db, {}, all)).length, 1);
});

onBothDialects("what a provider says of a send, at once or later, becomes the consent", async (open) => {
	const stage = await setStage(await open());
	const { storage, clock, ids, serviceId } = stage;
	await enqueue(stage);
	const [first] = await claim(stage);
	assert.ok(first);
	clock.advance(5000);
	await enqueue(stage);
	const outcome = { kind: "rejected", code: "opted_out", detail: "STOP" } as const;
	const next = { to: "failed", code: "opted_out", detail: "STOP" } as const;
	await settleParts(storage, [{ claim: first, outcome, exchange: [], next }], clock.now());
	assert.deepEqual(await states(stage), ["failed opted_out", "failed opted_out"]);
	const [consent] = await findConsents(storage.db, { usage: "sms", address: contact }, all);
	assert.deepEqual(
		[consent?.state, consent?.source, consent?.messageId, consent?.at],
		["refused", "provider", first.messageId, first.startedAt],
	);

	await say(stage, { state: "granted", at: new Date(first.startedAt.getTime() + 1) });
	await enqueue(stage);
	const [second] = await claim(stage);
	assert.ok(second);
	const sent = { to: "sent", remoteIds: ["r1"], at: clock.now() } as const;
	const accepted = { kind: "accepted", code: null, detail: null } as const;
	await settleParts(storage, [{ claim: second, outcome: accepted, exchange: [], next: sent }], clock.now());
	const receipt = receiptEvent("f", {
		target: { by: "remote", remoteId: "r1" as RemoteId },
		status: "failed",
		fault: { code: "opted_out", detail: "STOP" },
	});
	const row = { id: ids.next<string>(), serviceId, requestId: "q", receivedAt: clock.now(), attempts: 1, epoch: 1 };
	await storage.alone("outbox", (tx) => applyReceipt(tx, row, receipt, { now: clock.now(), newId: () => ids.next() }));
	const [again] = await findConsents(storage.db, {}, all);
	assert.deepEqual([again?.state, again?.messageId], ["refused", second.messageId]);
});

onBothDialects("who is about to send learns in one statement of the chain and of a refusal", async (open) => {
	const stage = await setStage(await open());
	const { storage, serviceId } = stage;
	const chain = { serviceId, channel: "sms", ourAddress: "+493012345", contactAddress: contact };
	const read = () => storage.write((tx) => readChainForSending(tx, chain));
	assert.deepEqual(await read(), { isRefused: false });
	await say(stage);
	assert.deepEqual(await read(), { isRefused: true }, "also where there is no conversation yet");
	await enqueue(stage);
	const known = await read();
	assert.ok(known.open !== undefined && known.isRefused);
	const [consent] = await findConsents(storage.db, {}, all);
	assert.ok(consent);
	assert.equal(await storage.write((tx) => deleteConsent(tx, { ...consent, version: 9 })), false);
	assert.equal(await storage.write((tx) => deleteConsent(tx, consent)), true);
	assert.equal((await read()).isRefused, false);
	const nobody = await storage.write((tx) => refusedAmong(tx, [chain]));
	assert.equal(nobody.size, 0);
});
