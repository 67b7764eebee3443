// Visitors who say, or prove, who they are: what of it becomes the address and the name that agents read.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { appears, chatStage, type ChatStage, idIn, logInAgent, openPeer, visit } from "#test/chat-scene.ts";

const secret = "a secret of a site that is long enough";

async function come({ origin }: ChatStage, said: { id: string; name?: string; email?: string }) {
	const issuedAt = Math.floor(Date.now() / 1000);
	const expiresAt = issuedAt + 600;
	const signature = createHmac("sha256", secret).update(`${said.id}\n${issuedAt}\n${expiresAt}`).digest("hex");
	const answer = await fetch(`${origin}/visitor/ecfs/authentication`, {
		method: "POST",
		headers: { authorization: "Anonymous", "content-type": "application/json" },
		body: JSON.stringify({ identity: { ...said, issuedAt, expiresAt, signature } }),
	});
	const { id = "" } = answer.ok ? ((await answer.json()) as { id?: string }) : {};
	const [cookie = ""] = (answer.headers.get("set-cookie") ?? "").split(";");
	return { status: answer.status, id, cookie, side: "visitor" as const };
}

test("name and address of a proven visitor are those of the first meeting, and nobody's here", async (t) => {
	const stage = await chatStage(t);
	await stage.call("PATCH", "/RI/rci/chatSettings", { widgetIdentitySecret: secret });
	const calledNow = async (said: Parameters<typeof come>[1]) => {
		const peer = await openPeer(t, stage.origin, await come(stage, said));
		const { body } = await peer.demand("GET", "/properties");
		return [body?.["alias"], body?.["chat_address"]];
	};
	assert.deepEqual(await calledNow({ id: "7", name: "Ann", email: "ann@home.test" }), ["Ann", "ann@home.test"]);
	assert.deepEqual(await calledNow({ id: "7", name: "Eve", email: "eve@evil.test" }), ["Ann", "ann@home.test"]);
	for (const [id, email] of [
		["8", "support@desk.test"],
		["9", ""],
	] as const) {
		const [, address] = await calledNow({ id, email });
		assert.match(String(address), /^visitor-.*@anonymous\.invalid$/);
	}
	assert.equal((await come(stage, { id: "10", email: "Contact Center" })).status, 401);
});

test("files that are announced and never come, and files in sum, have their bounds", async (t) => {
	const stage = await chatStage(t);
	await stage.call("PATCH", "/RI/rci/chatSettings", { attachmentBytesMax: 1024, attachmentTypes: ["txt"] });
	const mia = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent("mia")));
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	const who = await visit(stage.origin);
	const ann = await openPeer(t, stage.origin, { ...who, side: "visitor" });
	await ann.demand("POST", "/interactions", { channel_type: "chat", destination: "support@desk.test" });
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	const file = { filename: "note.txt", size: 1024, mime_type: "text/plain" };
	const announce = (peer: typeof mia) => peer.ask("POST", `/interactions/${id}/attachments`, file);
	for (let n = 0; n < 10; n += 1) {
		const { body } = await announce(ann);
		const sent = await fetch(`${stage.origin}/visitor/ecfs/media/${String(body?.["id"])}`, {
			method: "PUT",
			headers: { cookie: who.cookie, "content-type": "text/plain" },
			body: "x".repeat(1024),
		});
		assert.equal(sent.status, 200);
		assert.equal((await announce(mia)).status_code, 200);
	}
	assert.equal((await announce(mia)).body?.["error"], "too_many_files");
	await wait(10_500); // Until messages are heard again.
	assert.equal((await announce(ann)).body?.["error"], "too_large");
});

test("a visitor begins so many chats an hour, whatever becomes of them; saying the same twice is one", async (t) => {
	const stage = await chatStage(t);
	const ann = await openPeer(t, stage.origin, { ...(await visit(stage.origin)), side: "visitor" });
	const begin = (destination: string) => ann.ask("POST", "/interactions", { channel_type: "chat", destination });
	assert.equal((await begin("")).status_code, 400, "no chat");
	for (let n = 0; n < 3; n += 1) {
		assert.equal((await begin("support@desk.test")).status_code, 200, "one chat");
	}
	for (let n = 0; n < 9; n += 1) {
		assert.equal((await begin(`nobody${n}@desk.test`)).status_code, 200, "a chat that nobody can have");
	}
	assert.equal((await begin("nobody@desk.test")).body?.["error"], "too_many_starts");
	assert.equal((await begin("support@desk.test")).status_code, 200, "the one that goes on");
});

test("a file that is refused by its bytes takes no place of another", async (t) => {
	const stage = await chatStage(t);
	const mia = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent("mia")));
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	const ann = await openPeer(t, stage.origin, { ...(await visit(stage.origin)), side: "visitor" });
	await ann.demand("POST", "/interactions", { channel_type: "chat", destination: "support@desk.test" });
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	const file = { filename: "box.png", size: 4, mime_type: "image/png" };
	for (let n = 0; n < 12; n += 1) {
		const { body } = await mia.demand("POST", `/interactions/${id}/attachments`, file);
		const sent = await fetch(`${stage.origin}/ecfs/media/${String(body?.["id"])}`, {
			method: "PUT",
			headers: { cookie: mia.cookie, "content-type": "image/png" },
			body: "text",
		});
		assert.equal(sent.status, 403);
	}
});
