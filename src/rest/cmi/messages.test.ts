import assert from "node:assert/strict";
import test from "node:test";
import { claimSends, type CmiStage, grantOn, openCmi, sendAll, settleSend } from "#test/cmi-stage.ts";
import { addService, arrivalOf, enqueue, messageEvent } from "#test/scene.ts";
import { recordArrivals } from "#storage/arrivals.ts";
import type { MessageObject } from "./schemas.ts";

async function receive(stage: CmiStage, ...remoteIds: string[]): Promise<void> {
	const arrivals = remoteIds.map((id) => arrivalOf(stage, [messageEvent(id)]));
	await stage.storage.write((tx) => recordArrivals(tx, arrivals));
}

async function list(stage: CmiStage, query = "", who = "agent") {
	const answer = await stage.call(who, { api: `/messages${query}` });
	const messages = answer.status === 200 ? (answer.body as MessageObject[]) : [];
	return { ...answer, messages, texts: messages.map(({ text }) => text) };
}

/** The address of the next page, below the interface's base. */
function nextOf(headers: Record<string, unknown>): string | undefined {
	const link = typeof headers["link"] === "string" ? headers["link"] : "";
	const url = /^<([^>]+)>; rel="next"$/.exec(link)?.[1];
	return url?.replace("https://parley.example/RI/cmi", "");
}

test("pages follow each other by their links, whatever comes meanwhile", async (t) => {
	const stage = await openCmi(t);
	await receive(stage, "a", "b", "c", "d", "e");
	const first = await list(stage, `?limit=2&service=${stage.serviceId}`);
	assert.deepEqual(first.texts, ["text e", "text d"]);
	await receive(stage, "new");
	const seen: string[] = [];
	for (let next = nextOf(first.headers); next !== undefined;) {
		const page = await stage.call("agent", { api: next });
		assert.equal(page.status, 200);
		seen.push(...(page.body as MessageObject[]).map(({ text }) => text));
		next = nextOf(page.headers);
	}
	assert.deepEqual(seen, ["text c", "text b", "text a"]);
	const oldest = await list(stage, "?limit=1&order=asc");
	assert.deepEqual(oldest.texts, ["text a"]);
	const cursor = new URLSearchParams(nextOf(oldest.headers)?.split("?")[1]).get("cursor") ?? "";
	const wrongOrder = await list(stage, `?cursor=${cursor}`);
	assert.deepEqual([wrongOrder.status, (wrongOrder.body as { code: string }).code], [400, "invalid_query"]);
});

test("a message is found by any id, by an address however it is written, and by a word, within the rights of who asks", async (t) => {
	const stage = await openCmi(t);
	await receive(stage, "remote-1");
	const { messageId } = await enqueue(stage, { contact: "+4915100000" });
	await sendAll(stage, "sent-7");
	const [incoming] = (await list(stage, "?direction=in")).messages;
	const [outgoing] = (await list(stage, "?direction=out")).messages;
	const remoteId = outgoing?.remoteId ?? "";
	assert.notEqual(remoteId, "");
	const found = async (find: string) =>
		(await list(stage, `?find=${encodeURIComponent(find)}`)).messages.map(({ id }) => id);
	for (const find of [messageId, messageId.toLowerCase(), remoteId, "+49 151 00000", "0049 (151) 00-000", "HELL"]) {
		assert.deepEqual(await found(find), [messageId], find);
	}
	for (const find of [incoming?.id ?? "", "remote-1", "text REMOTE"]) {
		assert.deepEqual(await found(find), [incoming?.id], find);
	}
	assert.deepEqual(await found("%"), [], "a sign of patterns is a sign");
	assert.deepEqual(await found("text_remote-1"), []);
	assert.deepEqual((await list(stage, "?find=hello&direction=in")).texts, []);
	const stranger = await stage.call("nobody", { api: `/messages?find=${messageId}` });
	assert.equal(stranger.status, 403);
});

test("filters work alone and together, a service by id or name", async (t) => {
	const stage = await openCmi(t);
	await receive(stage, "a");
	const { messageId } = await enqueue(stage, { contact: "+4915100000" });
	await sendAll(stage, "r");
	assert.deepEqual(
		(await list(stage, "?state=sent&direction=out")).messages.map(({ id }) => id),
		[messageId],
	);
	assert.deepEqual((await list(stage, "?state=received")).texts, ["text a"]);
	assert.deepEqual((await list(stage, "?state=failed")).texts, []);
	assert.deepEqual((await list(stage, `?service=Service%20${stage.serviceId}`)).texts, ["hello", "text a"]);
	assert.deepEqual((await list(stage, "?service=No%20such")).texts, []);
	assert.deepEqual((await list(stage, `?since=${stage.clock.now().toISOString()}&channel=sms`)).texts, [
		"hello",
		"text a",
	]);
	assert.deepEqual((await list(stage, `?until=${stage.clock.now().toISOString()}`)).texts, []);
	const [out] = (await list(stage, "?direction=out")).messages;
	assert.deepEqual((await list(stage, `?conversation=${out?.conversation}&contact=${out?.contact}`)).texts, ["hello"]);
});

test("a query that cannot be read is refused", async (t) => {
	const stage = await openCmi(t);
	const queries = [
		"?limit=0",
		"?limit=1001",
		"?limit=x",
		"?state=lost",
		"?direction=up",
		"?order=up",
		"?since=yesterday",
		"?since=2026-01-02T23:59:60Z",
		"?conversation=1",
		"?cursor=x",
		"?offset=1",
		"?service=",
		"?limit=1&limit=2",
	];
	for (const query of queries) {
		const { status, body } = await list(stage, query);
		assert.deepEqual([status, (body as { code: string }).code], [400, "invalid_query"], query);
	}
});

test("messages of a service that is not visible are not there", async (t) => {
	const stage = await openCmi(t);
	const other: string = stage.ids.next();
	await addService(stage.storage, other, stage.clock.now());
	await receive(stage, "a");
	await receive({ ...stage, serviceId: other }, "b");
	stage.grants.set("other", [grantOn(other, "messaging")]);
	stage.grants.set("all", [grantOn(null, "manageContactHistory")]);
	stage.grants.set("viewer", [grantOn(null, "view", "modify", "use")]);
	assert.deepEqual((await list(stage, "", "other")).texts, ["text b"]);
	assert.deepEqual((await list(stage, "", "historian")).texts, ["text a"]);
	assert.deepEqual((await list(stage, "", "all")).texts, ["text b", "text a"]);
	assert.deepEqual((await list(stage, `?service=${stage.serviceId}`, "other")).texts, []);
	assert.equal((await list(stage, "", "viewer")).status, 403);
	const [mine] = (await list(stage)).messages;
	for (const path of ["", "/trace", "/raw"]) {
		const hidden = await stage.call("other", { api: `/messages/${mine?.id}${path}` });
		assert.ok(path === "/raw" ? hidden.status === 403 : hidden.status === 404);
		assert.doesNotMatch(hidden.text, /text a/);
	}
});

test("an incoming message shows both sides, and its request only to who may read the history", async (t) => {
	const stage = await openCmi(t);
	await receive(stage, "remote-a");
	const [message] = (await list(stage)).messages;
	assert.ok(message);
	assert.deepEqual(
		[message.direction, message.from, message.to, message.state, message.remoteId, message.parts, message.contact],
		["in", "+4915112345", "+493012345", "received", "remote-a", [], null],
	);
	assert.equal((await stage.call("agent", { api: `/messages/${message.id}/raw` })).status, 403);
	const raw = await stage.call("historian", { api: `/messages/${message.id}/raw` });
	assert.deepEqual(raw.body, {
		method: "POST",
		url: "https://parley.example/sms/twilio/x",
		headers: { "content-type": "application/json" },
		bodyBase64: "e30=",
		bodyText: "{}",
		receivedAt: "2026-01-02T12:00:00.000Z",
		verdict: "ok",
	});
	const { messageId } = await enqueue(stage);
	assert.equal((await stage.call("historian", { api: `/messages/${messageId}/raw` })).status, 404);
	assert.equal((await stage.call("agent", { api: `/messages/${"F".repeat(32)}` })).status, 404);
	assert.equal((await stage.call("agent", { api: "/messages/x" })).status, 400);
});

test("the trace is shown with times and causes", async (t) => {
	const stage = await openCmi(t);
	const { messageId } = await enqueue(stage);
	const [claim] = await claimSends(stage);
	assert.ok(claim);
	stage.clock.advance(500);
	await settleSend(stage, claim, { to: "failed", code: "recipient", detail: "No such number." });
	const { status, body } = await stage.call("agent", { api: `/messages/${messageId}/trace` });
	assert.equal(status, 200);
	const entries = body as { at: string; what: string; who: string; detail: Record<string, unknown> }[];
	assert.deepEqual(
		entries.map(({ at, what }) => [at, what]),
		[
			["2026-01-02T12:00:00.000Z", "message.queued"],
			["2026-01-02T12:00:00.000Z", "attempt.started"],
			["2026-01-02T12:00:00.000Z", "message.state"],
			["2026-01-02T12:00:00.500Z", "attempt.finished"],
			["2026-01-02T12:00:00.500Z", "message.state"],
		],
	);
	assert.deepEqual(entries[3]?.detail["exchange"], { status: 503 });
	const shown = await stage.call("agent", { api: `/messages/${messageId}` });
	assert.deepEqual((shown.body as MessageObject).error, { code: "recipient", detail: "No such number." });
});
