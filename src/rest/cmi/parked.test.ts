import assert from "node:assert/strict";
import test from "node:test";
import { type CmiStage, grantOn, openCmi } from "#test/cmi-stage.ts";
import { addService, arrivalOf, enqueue, messageEvent } from "#test/scene.ts";
import { codeOf } from "#domain/delivery.ts";
import { ledgerSource } from "./event-source.ts";
import { recordArrivals } from "#storage/arrivals.ts";
import type { KeptEvent } from "#storage/arrivals.ts";

async function park(stage: CmiStage, event: KeptEvent): Promise<string> {
	const arrival = arrivalOf(stage, [event]);
	await stage.storage.write((tx) => recordArrivals(tx, [arrival]));
	const id = arrival.events[0]?.id ?? "";
	await stage.storage.db.updateTable("inbox").set({ state: "parked", reason: "why" }).where("id", "=", id).execute();
	return id;
}

async function hold(stage: CmiStage): Promise<string> {
	const { messageId } = await enqueue(stage);
	const columns = { state: codeOf("held"), error_code: "unreachable", error_detail: "Nobody knows." };
	await stage.storage.db.updateTable("outbox").set(columns).where("message_id", "=", messageId).execute();
	return messageId;
}

async function entries(stage: CmiStage, who = "historian") {
	const { body } = await stage.call(who, { api: "/parked" });
	return body as {
		id: string;
		kind: string;
		event: string;
		retryable: boolean;
		reason: string;
		message: string | null;
	}[];
}

const post = (stage: CmiStage, id: string, who = "historian", body?: object) =>
	stage.call(who, { method: "POST", api: `/parked/${id}/retry`, ...(body === undefined ? {} : { body }) });

test("what waits for a person is one list, each entry with its message and its request", async (t) => {
	const stage = await openCmi(t);
	const received = await park(stage, messageEvent("a"));
	const held = await hold(stage);
	assert.deepEqual(
		(await entries(stage)).map(({ id, kind, retryable, reason }) => [id, kind, retryable, reason]),
		[
			[held, "held", true, "Nobody knows."],
			[received, "received", true, "why"],
		],
	);
	type Detail = { content: { text: string; state: string } | null; request: { bodyText: string } | null };
	const event = (await stage.call("historian", { api: `/parked/${received}` })).body as Detail;
	assert.deepEqual([event.content?.text, event.request?.bodyText], ["text a", "{}"]);
	const message = (await stage.call("historian", { api: `/parked/${held}` })).body as Detail;
	assert.deepEqual([message.content?.state, message.request], ["held", null]);
	const page = await stage.call("historian", { api: "/parked?limit=1" });
	const next = String(page.headers["link"]).replace("<https://parley.example/RI/cmi", "").split(">")[0] ?? "";
	assert.deepEqual(
		((await stage.call("historian", { api: next })).body as { id: string }[]).map(({ id }) => id),
		[received],
	);
});

test("a retried event is work again; it cannot be retried twice", async (t) => {
	const stage = await openCmi(t);
	const id = await park(stage, messageEvent("a"));
	assert.equal((await post(stage, id)).status, 202);
	assert.equal((await post(stage, id)).status, 404);
	const row = await stage.storage.db.selectFrom("inbox").select(["state", "attempts"]).executeTakeFirstOrThrow();
	assert.deepEqual({ ...row }, { state: "received", attempts: 0 });
	assert.deepEqual(stage.nudged, ["matcher", "events"]);
	const audit = await stage.storage.db.selectFrom("audit_log").select(["action", "object_id"]).execute();
	assert.deepEqual(
		audit.map((entry) => ({ ...entry })),
		[{ action: "retry", object_id: id }],
	);
});

test("why something is tried again is in the audit log and in the trace of the message, not in the stream", async (t) => {
	const stage = await openCmi(t);
	stage.grants.set("historian", [grantOn(stage.serviceId, "manageContactHistory", "messaging")]);
	const received = await park(stage, messageEvent("a"));
	const held = await hold(stage);
	const because = "The rule was mended.\nSee case 17.";
	for (const body of [
		{ reason: "" },
		{ reason: "x".repeat(501) },
		{ reason: "a\u0000b" },
		{ because },
		{ reason: 1 },
	]) {
		assert.equal((await post(stage, received, "historian", body)).status, 400, JSON.stringify(body));
	}
	assert.equal((await post(stage, received, "historian", { reason: because })).status, 202);
	assert.equal((await post(stage, held, "historian", { reason: "x".repeat(500) })).status, 202);
	const audit = await stage.storage.db.selectFrom("audit_log").select("changes").orderBy("seq").execute();
	const told = audit.map(({ changes }) => JSON.parse(changes) as Record<string, { before?: string; after?: string }>);
	assert.deepEqual(
		told.map(({ because: given, reason }) => [given?.after, reason?.before]),
		[
			[because, "why"],
			["x".repeat(500), "Nobody knows."],
		],
	);
	type Entry = { what: string; detail: { by?: string; user?: string; because?: string } };
	const actOf = async (id: string) => {
		const { body } = await stage.call("historian", { api: `/messages/${id}/trace` });
		const entry = (body as Entry[]).find(({ detail }) => detail.by === "person");
		return [entry?.what, entry?.detail.user, entry?.detail.because];
	};
	assert.deepEqual(await actOf(received), ["message.retried", "historian", because]);
	assert.deepEqual(await actOf(held), ["message.state", "historian", "x".repeat(500)]);
	const sight = { messages: "every", quarantine: "every", chats: "every" } as const;
	const source = ledgerSource(stage.deps, { cursor: { tx: 0, seq: 0 }, sight });
	const { events } = await source.next();
	assert.ok(events.some(({ type }) => type === "message.retried"));
	assert.doesNotMatch(JSON.stringify(events), /case 17|xxx|historian/);
});

test("a consent that could not be kept is retried by who keeps consents", async (t) => {
	const stage = await openCmi(t);
	const consent = { state: "refused", channel: "whatsapp" } as const;
	const contact = { address: "+4915112345" };
	const id = await park(stage, { kind: "activity", dedupKey: "o", name: "opt-out", contact, consent, facts: {} });
	const shown = await entries(stage);
	assert.deepEqual(
		shown.map(({ event, retryable }) => [event, retryable]),
		[["activity", true]],
	);
	assert.equal((await post(stage, id)).status, 202);
	assert.deepEqual(stage.nudged, ["receipts"]);
});

test("held parts are sent again, marked, or given up for good", async (t) => {
	const stage = await openCmi(t);
	const again = await hold(stage);
	const given = await hold(stage);
	assert.equal((await post(stage, again)).status, 403, "sending needs the right to send");
	stage.grants.set("historian", [grantOn(stage.serviceId, "manageContactHistory", "messaging")]);
	assert.equal((await post(stage, again)).status, 202);
	assert.deepEqual(stage.nudged, ["sender", "events"]);
	assert.equal((await stage.call("historian", { method: "DELETE", api: `/parked/${given}` })).status, 204);
	const stateOf = async (id: string) => {
		const { state, possibleDuplicate } = (await stage.call("agent", { api: `/messages/${id}` })).body as {
			state: string;
			possibleDuplicate: boolean;
		};
		return [state, possibleDuplicate];
	};
	assert.deepEqual(await stateOf(again), ["queued", true]);
	assert.deepEqual(await stateOf(given), ["failed", false]);
	assert.deepEqual(await entries(stage), []);
});

test("what cannot be read can only be deleted", async (t) => {
	const stage = await openCmi(t);
	const id = await park(stage, { kind: "unreadable", dedupKey: "u", reason: "Not JSON." });
	assert.equal((await entries(stage))[0]?.retryable, false);
	assert.equal((await post(stage, id)).status, 409);
	assert.equal((await stage.call("historian", { method: "DELETE", api: `/parked/${id}` })).status, 204);
	assert.equal((await stage.call("historian", { method: "DELETE", api: `/parked/${id}` })).status, 404);
	const row = await stage.storage.db.selectFrom("inbox").select(["state", "reason"]).executeTakeFirstOrThrow();
	assert.deepEqual({ ...row }, { state: "done", reason: "discarded" });
});

test("entries of a service whose history may not be read are not there, and nothing happens to them", async (t) => {
	const stage = await openCmi(t);
	const id = await park(stage, messageEvent("a"));
	const other: string = stage.ids.next();
	await addService(stage.storage, other, stage.clock.now());
	stage.grants.set("other", [grantOn(other, "manageContactHistory")]);
	assert.deepEqual(await entries(stage, "other"), []);
	assert.equal((await stage.call("other", { api: `/parked/${id}` })).status, 404);
	assert.equal((await post(stage, id, "other")).status, 404);
	assert.equal((await post(stage, id, "agent")).status, 403);
	assert.equal((await stage.call("other", { method: "DELETE", api: `/parked/${id}` })).status, 404);
	assert.equal((await entries(stage)).length, 1);
});
