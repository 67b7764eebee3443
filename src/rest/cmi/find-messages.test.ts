import assert from "node:assert/strict";
import test from "node:test";
import { recordArrivals } from "#storage/arrivals.ts";
import { type CmiStage, grantOn, openCmi, sendAll } from "#test/cmi-stage.ts";
import { addService, arrivalOf, enqueue, messageEvent } from "#test/scene.ts";
import type { MessageObject } from "./schemas.ts";

async function receive(stage: CmiStage, ...texts: string[]): Promise<void> {
	const events = texts.map((text) => messageEvent(`id of ${text}`, { text }));
	await stage.storage.write((tx) => recordArrivals(tx, [arrivalOf(stage, events)]));
}

async function find(stage: CmiStage, text: string, over: { who?: string; more?: string } = {}) {
	const { who = "agent", more = "" } = over;
	const answer = await stage.call(who, { api: `/messages?find=${encodeURIComponent(text)}${more}` });
	return { ...answer, ...shown(answer) };
}

function shown(answer: { status: number; body: unknown; headers: Record<string, unknown> }) {
	const messages = answer.status === 200 ? (answer.body as MessageObject[]) : [];
	const { link: given } = answer.headers;
	const link = /^<https:\/\/parley\.example\/RI\/cmi([^>]+)>; rel="next"$/.exec(typeof given === "string" ? given : "");
	return { texts: messages.map((message) => message.text), next: link?.[1] };
}

/** Page after page by their links; at most `most`. */
async function pages(stage: CmiStage, first: { texts: string[]; next: string | undefined }, most = 10) {
	const found = [first.texts];
	for (let { next } = first; next !== undefined && found.length < most;) {
		const page = shown(await stage.call("agent", { api: next }));
		found.push(page.texts);
		({ next } = page);
	}
	return found;
}

test("an id or an address that is known is all that is told; else words are looked for", async (t) => {
	const stage = await openCmi(t);
	await receive(stage, "about remote-1", "about something else");
	assert.deepEqual((await find(stage, "remote-1")).texts, ["about remote-1"]);
	const { messageId } = await enqueue(stage, { contact: "+4915100000" });
	await sendAll(stage, "remote-");
	assert.deepEqual((await find(stage, "remote-1")).texts, ["hello"]);
	assert.deepEqual((await find(stage, messageId.toLowerCase())).texts, ["hello"]);
	assert.deepEqual((await find(stage, "0049 (151) 000-00")).texts, ["hello"]);
	assert.deepEqual((await find(stage, "remote-1", { more: "&direction=in" })).texts, ["about remote-1"]);
	assert.deepEqual((await find(stage, "about", { more: "&state=matched" })).texts, []);
});

test("what is found comes page by page, newest first, each once", async (t) => {
	const stage = await openCmi(t);
	await receive(stage, "word 1", "other", "word 2", "word 3");
	const found = await find(stage, "word", { more: "&limit=2" });
	assert.deepEqual(await pages(stage, found), [["word 3", "word 2"], ["word 1"]]);
	assert.equal(found.headers["searched-back-to"], undefined);
	const byAddress = await find(stage, "+4915112345", { more: "&limit=3" });
	assert.deepEqual(await pages(stage, byAddress), [["word 3", "word 2", "other"], ["word 1"]]);
});

test("a search that ends early says until when it looked, and its link leads on", async (t) => {
	const stage = await openCmi(t);
	await receive(stage, "the needle");
	stage.clock.advance(60_000);
	const many = Array.from({ length: 50_000 }, (_, index) => messageEvent(`${index}`, { text: "straw" }));
	const firstOfMany = stage.clock.now().toISOString();
	for (let start = 0; start < many.length; start += 5000) {
		const arrival = arrivalOf(stage, many.slice(start, start + 5000));
		await stage.storage.write((tx) => recordArrivals(tx, [arrival]));
	}
	const found = await find(stage, "needle");
	assert.deepEqual([found.status, found.texts, found.headers["searched-back-to"]], [200, [], firstOfMany]);
	assert.deepEqual(await pages(stage, found), [[], ["the needle"]]);
});

test("nothing is found of a service that is not visible", async (t) => {
	const stage = await openCmi(t);
	const other: string = stage.ids.next();
	await addService(stage.storage, other, stage.clock.now());
	await receive({ ...stage, serviceId: other }, "secret word");
	stage.grants.set("other", [grantOn(other, "messaging")]);
	for (const text of ["secret", "id of secret word", "+4915112345"]) {
		assert.deepEqual((await find(stage, text)).texts, [], text);
		assert.deepEqual((await find(stage, text, { who: "other" })).texts, ["secret word"], text);
		assert.equal((await find(stage, text, { who: "nobody" })).status, 403);
	}
});

test("a search that cannot be read is refused", async (t) => {
	const stage = await openCmi(t);
	await receive(stage, "a", "b");
	const { next = "" } = await find(stage, "+4915112345", { more: "&limit=1" });
	const cursor = new URLSearchParams(next.split("?")[1]).get("cursor") ?? "none";
	for (const query of [
		"?find=",
		"?find=%20",
		"?find=%00",
		`?find=${"x".repeat(401)}`,
		"?find=a&order=asc",
		"?find=a&cursor=x",
	]) {
		const { status, body } = await stage.call("agent", { api: `/messages${query}` });
		assert.deepEqual([status, (body as { code: string }).code], [400, "invalid_query"], query);
	}
	assert.equal((await stage.call("agent", { api: `/messages?cursor=${cursor}` })).status, 400, "of another list");
});
