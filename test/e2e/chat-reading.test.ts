// Reading what was said long ago: every line of a long chat, page by page, and every chat that one may read.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
	addPerson,
	appears,
	chatStage,
	type ChatStage,
	idIn,
	logInAgent,
	openPeer,
	type Peer,
	visit,
} from "#test/chat-scene.ts";

import { copyBeside, writeBeside } from "#test/long-chat.ts";

type Told = { seq: number; type: string; message: string };

async function sitDown(t: TestContext, stage: ChatStage, login: string) {
	return openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent(login)));
}

/** Mia has a chat with Ann, in which Ann wrote. */
async function inChat(t: TestContext) {
	const stage = await chatStage(t, { wrapUpSeconds: 0 });
	const mia = await sitDown(t, stage, "mia");
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	const ann = await openPeer(t, stage.origin, { ...(await visit(stage.origin)), side: "visitor" });
	await ann.demand("POST", "/interactions", { channel_type: "chat", destination: "support@desk.test" });
	const id = idIn(await mia.hear(appears("incoming")));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	const said = await ann.ask("POST", `/interactions/${id}/transcript/messages`, { message: "my parcel is late" });
	assert.equal(said.status_code, 200);
	return { stage, mia, ann, id };
}

/** From the newest to the first, as a client does that scrolls up. */
async function readAll(peer: Peer, newest: readonly Told[], before: string): Promise<readonly Told[]> {
	let lines = newest;
	for (;;) {
		const { body } = await peer.demand("GET", `${before}/${lines[0]?.seq ?? 0}`);
		const page = body as unknown as readonly Told[];
		if (page.length === 0) {
			return lines;
		}
		lines = [...page, ...lines];
	}
}

async function snapshotOf(peer: Peer): Promise<readonly Told[]> {
	const { subscribed_resource: all } = await peer.hear(({ uri }) => uri === "/users/me/interactions", "its chats");
	return (all as { transcript: { messages: Told[] } }[])[0]?.transcript.messages ?? [];
}

for (const [what, texts] of [
	["110 long lines", Array.from({ length: 110 }, (_, index) => `${index} `.padEnd(10_000, "x"))],
	["7,000 lines", Array.from({ length: 7000 }, (_, index) => `line ${index}`)],
] as const) {
	test(`every one of ${what} is read page by page on the socket, during the chat and after it`, async (t) => {
		const { stage, mia, ann, id } = await inChat(t);
		writeBeside(stage, id, texts);
		const again = await openPeer(t, stage.origin, mia);
		const wanted = ["my parcel is late", ...texts];
		const textsOf = (lines: readonly Told[]) => lines.filter(({ type }) => type === "text").map((one) => one.message);
		const own = await readAll(again, await snapshotOf(again), `/interactions/${id}/transcript/before`);
		assert.deepEqual(textsOf(own), wanted);
		const theirs = await openPeer(t, stage.origin, { ...ann, side: "visitor" });
		assert.deepEqual(
			textsOf(await readAll(theirs, await snapshotOf(theirs), `/interactions/${id}/transcript/before`)),
			wanted,
		);
		await ann.demand("PUT", `/interactions/${id}`, { status: "ended" });
		const { body } = await again.demand("GET", `/history/${id}`);
		const { messages } = body as unknown as { messages: readonly Told[] };
		assert.deepEqual(textsOf(await readAll(again, messages, `/history/${id}/before`)), wanted);
	});
}

test("who is the first to come is told the queues' figures at once", async (t) => {
	const stage = await chatStage(t);
	const mia = await sitDown(t, stage, "mia");
	assert.equal((await mia.ask("SUBSCRIBE", "/statistics/queues")).status_code, 200);
	await mia.hear(({ uri }) => uri === "/users/me/statistics/queues", "the figures");
});

test("a supervisor reads the lines of a chat one follows, and nobody those of others", async (t) => {
	const { stage, mia, id } = await inChat(t);
	const eva = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent("eva")));
	const before = `/interactions/${id}/transcript/before/100`;
	assert.equal((await eva.ask("GET", before)).status_code, 404);
	assert.equal((await mia.ask("GET", `/interactions/${id}/transcript/before/x`)).status_code, 404);
	assert.equal((await mia.ask("SUBSCRIBE", before)).status_code, 405);
	await stage.call("PUT", `/RI/rci/users/${eva.id}/rights`, [
		{ objectType: "user", objectId: mia.id, access: ["listen"] },
	]);
	const { body } = await eva.demand("POST", "/supervisor_sessions", { state: "monitoring", agent: { id: mia.id } });
	const session = (body as { id: string }).id;
	const { body: lines } = await eva.demand("GET", `/supervisor_sessions/${session}/agent/model${before}`);
	assert.equal((lines as unknown as Told[]).at(-1)?.message, "my parcel is late");
});

test("one finds the chats one had, also those that somebody else had after, page by page", async (t) => {
	const { stage, mia, ann, id } = await inChat(t);
	const { id: other } = await stage.call<{ id: string }>("POST", "/RI/rci/queues", {
		name: "Other",
		addresses: ["other@desk.test"],
	});
	const facts = { filename: "note.txt", size: 3, mime_type: "text/plain" };
	const announced = await mia.demand("POST", `/interactions/${id}/attachments`, facts);
	const media = `${stage.origin}/ecfs/media/${(announced.body as { id: string }).id}`;
	const headers = { cookie: mia.cookie, "content-type": "text/plain" };
	assert.equal((await fetch(media, { method: "PUT", headers, body: "two" })).status, 200);
	await mia.demand("PUT", `/interactions/${id}`, { channel_status: "transferring", destination: "other@desk.test" });
	await ann.demand("PUT", `/interactions/${id}`, { status: "ended" });
	copyBeside(stage, id, { count: 130, queueId: other });
	const ids = async (peer: Peer, uri: string) =>
		((await peer.demand("GET", uri)).body as unknown as readonly { id: string }[]).map((one) => one.id);
	assert.deepEqual(await ids(mia, "/history/find/parcel"), [id]);
	assert.equal((await mia.ask("GET", `/history/${id}`)).status_code, 200);
	assert.equal(await (await fetch(media, { headers: { cookie: mia.cookie } })).text(), "two");
	const leo = await openPeer(
		t,
		stage.origin,
		await logInAgent(
			stage.origin,
			await addPerson(stage, "leo", [{ objectType: "queue", objectId: other, access: ["manageContactHistory"] }]),
		),
	);
	const first = await ids(leo, "/history/find/parcel");
	const second = await ids(leo, `/history/find/parcel/before/${first.at(-1)}`);
	assert.deepEqual([first.length, second.length], [100, 31]);
	assert.equal(new Set([...first, ...second]).size, 131);
	const eva = await sitDown(t, stage, "eva");
	assert.deepEqual(await ids(eva, "/history/find/parcel"), []);
	assert.equal((await eva.ask("GET", `/history/${id}`)).status_code, 404);
	assert.equal((await fetch(media, { headers: { cookie: eva.cookie } })).status, 404);
});
