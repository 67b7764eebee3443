// What can happen to a chat, between real sockets: it is not taken, handed on, lost, too late, too much, and followed.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { pngOf } from "#test/file-scene.ts";
import {
	addPerson,
	appears,
	chatStage,
	type ChatStage,
	idIn,
	leaf,
	logInAgent,
	openPeer,
	type Peer,
	until,
	visit,
} from "#test/chat-scene.ts";

async function agentAt(t: TestContext, stage: ChatStage, login: string): Promise<Peer> {
	const peer = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent(login)));
	await peer.demand("PUT", "/properties", { work_status: "ready" });
	return peer;
}

async function visitorAt(t: TestContext, { origin }: ChatStage, destination = "support@desk.test"): Promise<Peer> {
	const peer = await openPeer(t, origin, { ...(await visit(origin)), side: "visitor" });
	const attached_data = { order: "4711" };
	await peer.demand("POST", "/interactions", { channel_type: "chat", destination, attached_data });
	return peer;
}

async function acceptedChat(t: TestContext, stage: ChatStage, agent: Peer): Promise<{ visitor: Peer; id: string }> {
	const visitor = await visitorAt(t, stage);
	const id = idIn(await visitor.hear(appears("queued"), "that it waits"));
	await agent.hear((one) => appears("incoming")(one) && idIn(one) === id, "the offer");
	await agent.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await visitor.hear(leaf("status", "accepted"));
	return { visitor, id };
}

/** Leo, whom the agent asks into the chat, and who comes. */
async function leoAskedIn(t: TestContext, stage: ChatStage, by: Peer, id: string): Promise<Peer> {
	const leo = await agentAt(t, stage, "leo");
	await by.demand("PUT", `/interactions/${id}`, { consult: "leo@127.0.0.1" });
	await leo.hear(appears("incoming"), "the question");
	await leo.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	return leo;
}

const gone = (id: string) => (one: { method: string; uri: string }) =>
	one.method === "DELETE" && one.uri.endsWith(`/interactions/${id}`);

test("what is rejected goes to somebody else, and back to nobody who rejected it", async (t) => {
	const stage = await chatStage(t);
	const mia = await agentAt(t, stage, "mia");
	const visitor = await visitorAt(t, stage);
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "rejected" });
	await mia.hear(leaf("status", "rejected"));
	await mia.hear(gone(id), "that it is gone");
	assert.equal((await mia.ask("PUT", `/interactions/${id}`, { status: "accepted" })).status_code, 404);
	const leo = await agentAt(t, stage, "leo");
	await leo.hear(appears("incoming"), "the offer");
	assert.equal(visitor.told.filter(leaf("status", "ended")).length, 0);
});

test("an offer that nobody answers is over, and the agent is not ready any more", async (t) => {
	const stage = await chatStage(t, { offerSeconds: 5 });
	const mia = await agentAt(t, stage, "mia");
	await visitorAt(t, stage);
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.hear(gone(id), "that the time is over");
	await mia.hear(leaf("work_status", "not_ready"));
});

test("of many who pick one chat at once exactly one gets it", async (t) => {
	const stage = await chatStage(t, { allocation: "huntGroup" });
	const peers = await Promise.all(["a", "b", "c", "d"].map((login) => agentAt(t, stage, login)));
	for (let round = 0; round < 5; round += 1) {
		const visitor = await visitorAt(t, stage);
		const contact_id = idIn(await visitor.hear(appears("queued"), "that it waits"));
		const body = { channel_type: "chat", status: "picked", contact_id, from_queue: { id: stage.queueId } };
		const answers = await Promise.all(peers.map((peer) => peer.ask("POST", "/interactions", body)));
		assert.deepEqual(
			answers.map(({ status_code: code }) => Number(code)).toSorted((a, b) => a - b),
			[200, 403, 403, 403],
		);
		const owner = peers[answers.findIndex(({ status_code }) => status_code === 200)];
		await owner?.hear((one) => appears("accepted")(one) && idIn(one) === contact_id, "that it is theirs");
		await owner?.demand("PUT", `/interactions/${contact_id}`, { status: "handled" });
	}
});

test("a transfer that is rejected stays; to a queue it goes at once, and the visitor waits again", async (t) => {
	const stage = await chatStage(t, { wrapUpSeconds: 0 });
	const other = await stage.call<{ id: string }>("POST", "/RI/rci/queues", {
		name: "Back",
		addresses: ["back@desk.test"],
	});
	const mia = await agentAt(t, stage, "mia");
	const { visitor, id } = await acceptedChat(t, stage, mia);
	const leo = await agentAt(t, stage, "leo");
	const transfer = { channel_status: "transferring", destination: "leo@127.0.0.1", attached_data: { note: "vip" } };
	await mia.demand("PUT", `/interactions/${id}`, transfer);
	await mia.hear(leaf("channel_status", "transferring"));
	const offer = await leo.hear(appears("incoming"), "the offer");
	assert.equal((offer.subscribed_resource as { attached_data: { note: string } }).attached_data.note, "vip");
	const shown = await visitor.demand("GET", `/interactions/${id}`);
	assert.deepEqual(shown.body?.["attached_data"], { order: "4711" }, "what is for the next agent is not the visitor's");
	const again = { ...transfer, destination: "back@desk.test", attached_data: { order: "0" } };
	const clash = await mia.ask("PUT", `/interactions/${id}`, again);
	assert.deepEqual([clash.status_code, clash.body?.["error"]], [403, "attached_data"]);
	const { data } = await stage.call<{ data: unknown }>("GET", `/RI/cmi/contactData/${id}`);
	assert.deepEqual(data, { order: "4711", note: "vip" });
	await leo.demand("PUT", `/interactions/${id}`, { status: "rejected" });
	await until(
		() => mia.told.filter(leaf("channel_status", "connected")).length > 1 || undefined,
		"mia has it as before",
	);
	const nobody = { channel_status: "transferring", destination: "nobody@desk.test" };
	assert.equal((await mia.ask("PUT", `/interactions/${id}`, nobody)).status_code, 404);
	await mia.demand("PUT", `/interactions/${id}`, { channel_status: "transferring", destination: "back@desk.test" });
	await mia.hear(gone(id), "that it is gone");
	await visitor.hear(leaf("status", "queued"));
	const eva = await addPerson(stage, "eva", [{ objectType: "queue", objectId: other.id, access: ["serve"] }]);
	const evas = await openPeer(t, stage.origin, await logInAgent(stage.origin, eva));
	await evas.demand("PUT", "/properties", { work_status: "ready" });
	await evas.hear(appears("incoming"), "the offer from the other queue");
});

test("somebody asked in speaks and goes; notes are for agents only", async (t) => {
	const stage = await chatStage(t);
	const mia = await agentAt(t, stage, "mia");
	const { visitor, id } = await acceptedChat(t, stage, mia);
	const leo = await leoAskedIn(t, stage, mia, id);
	await leo.demand("POST", `/interactions/${id}/transcript/messages`, { message: "I know it." });
	await leo.demand("POST", `/interactions/${id}/transcript/messages`, { message: "secret", type: "note" });
	await until(() => visitor.texts().includes("I know it.") || undefined, "the visitor reads it");
	await mia.hear(({ subscribed_resource: one }) => (one as { message?: string } | null)?.message === "secret");
	await leo.demand("PUT", `/interactions/${id}`, { status: "ended" });
	await leo.hear(gone(id), "that it is gone");
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "Still here." });
	await until(() => visitor.texts().includes("Still here.") || undefined, "mia goes on");
	assert.ok(!visitor.told.some(({ subscribed_resource: one }) => JSON.stringify(one).includes("secret")));
});

test("who was asked in has the chat at once when it is handed to them, with room for one chat only", async (t) => {
	const stage = await chatStage(t);
	await stage.call("PATCH", "/RI/rci/chatSettings", { chatsPerAgent: 1 });
	const mia = await agentAt(t, stage, "mia");
	const { visitor, id } = await acceptedChat(t, stage, mia);
	const leo = await leoAskedIn(t, stage, mia, id);
	await mia.demand("PUT", `/interactions/${id}`, { channel_status: "transferring", destination: "leo@127.0.0.1" });
	await leo.hear(leaf("role", "agent"), "that it is his");
	await mia.hear(leaf("status", "ended"), "her wrap-up");
	await leo.demand("PUT", `/interactions/${id}`, { status: "ended" });
	await visitor.hear(leaf("status", "ended"), "that only its owner may end it");
});

test(
	"an agent who is gone too long loses the chat to the top of its queue; a visitor's ends",
	{ timeout: 90_000 },
	async (t) => {
		const stage = await chatStage(t);
		await stage.call("PATCH", "/RI/rci/chatSettings", { agentLostSeconds: 10, visitorGoneSeconds: 10 });
		const prompt = { name: "Lost", type: "agentSessionLost", texts: { en: "{agent} is gone. One moment, {queue}." } };
		const { id: promptId } = await stage.call<{ id: string }>("POST", "/RI/rci/prompts", prompt);
		await stage.call("POST", "/RI/rci/schedules", { kind: "chatPrompts", promptType: "agentSessionLost", promptId });
		const mia = await agentAt(t, stage, "mia");
		const { visitor } = await acceptedChat(t, stage, mia);
		await mia.close();
		const heard = await until(() => visitor.told.find(leaf("status", "queued")), "it is back in the queue", 40_000);
		assert.ok(heard);
		assert.ok(visitor.texts().includes("mia Agent is gone. One moment, Support."), visitor.texts().join());
		const leo = await agentAt(t, stage, "leo");
		await leo.hear(appears("incoming"), "the offer");
		await leo.demand("PUT", `/interactions/${idIn(await leo.hear(appears("incoming")))}`, { status: "accepted" });
		await visitor.close();
		await until(() => leo.told.find(leaf("status", "ended")), "the visitor's chat ended", 40_000);
	},
);

test("a full, a closed and an unknown queue say so at once", async (t) => {
	const stage = await chatStage(t, { size: 1 });
	await visitorAt(t, stage);
	const refused = async (destination: string) => {
		const visitor = await visitorAt(t, stage, destination);
		const { subscribed_resource: chat } = await visitor.hear(appears("ended"), "that it cannot be");
		return (chat as { channel_status: string }).channel_status;
	};
	assert.equal(await refused("support@desk.test"), "queue_full");
	assert.equal(await refused("nowhere@desk.test"), "bad_address");
	await stage.call("POST", "/RI/rci/schedules", { kind: "serviceTimes", queueId: stage.queueId });
	assert.equal(await refused("support@desk.test"), "queue_closed");
});

test("a chat that waits too long goes to the queue behind, is told so, and is offered there", async (t) => {
	const stage = await chatStage(t);
	const named = { name: "Behind", addresses: ["behind@desk.test"] };
	const behind = await stage.call<{ id: string }>("POST", "/RI/rci/queues", named);
	const prompt = { name: "Moved", type: "internalTransfer", texts: { en: "On to {queue}, place {position}." } };
	const { id: promptId } = await stage.call<{ id: string }>("POST", "/RI/rci/prompts", prompt);
	await stage.call("POST", "/RI/rci/schedules", { kind: "chatPrompts", promptType: "internalTransfer", promptId });
	const overflow = { overflowQueueId: behind.id, overflowAfterSeconds: 1 };
	await stage.call("PATCH", `/RI/rci/queues/${stage.queueId}`, overflow);
	const eva = await addPerson(stage, "eva", [{ objectType: "queue", objectId: behind.id, access: ["serve"] }]);
	const evas = await openPeer(t, stage.origin, await logInAgent(stage.origin, eva));
	await evas.demand("PUT", "/properties", { work_status: "ready" });
	const visitor = await visitorAt(t, stage);
	// After a start nothing is moved for ten seconds.
	const offered = () => evas.told.find(appears("incoming"));
	const { subscribed_resource: chat } = await until(offered, "the offer from the queue behind", 20_000);
	assert.deepEqual((chat as { from_queue: object }).from_queue, { id: behind.id, name: named.name });
	assert.deepEqual(visitor.texts(), ["On to Behind, place 1."]);
});

test("a visitor cannot be somebody of ours, read others' chats, or say what only agents may", async (t) => {
	const stage = await chatStage(t);
	const mia = await agentAt(t, stage, "mia");
	const { visitor, id } = await acceptedChat(t, stage, mia);
	const stranger = await openPeer(t, stage.origin, { ...(await visit(stage.origin)), side: "visitor" });
	const status = async (peer: Peer, method: string, uri: string, body?: unknown) =>
		(await peer.ask(method, uri, body)).status_code;
	assert.equal(await status(stranger, "PUT", "/properties", { chat_address: "mia@127.0.0.1" }), 403);
	assert.equal(await status(stranger, "PUT", "/properties", { chat_address: "Support@desk.test" }), 403);
	assert.equal(await status(stranger, "GET", `/interactions/${id}`), 404);
	assert.equal(await status(stranger, "POST", `/interactions/${id}/transcript/messages`, { message: "x" }), 404);
	assert.equal(await status(stranger, "GET", "/queues"), 403);
	assert.equal(
		await status(visitor, "POST", `/interactions/${id}/transcript/messages`, { message: "x", type: "note" }),
		403,
	);
	assert.equal(await status(visitor, "PUT", `/interactions/${id}`, { status: "handled" }), 403);
	assert.equal(await status(visitor, "POST", `/interactions/${id}/transcript/messages`, { message: 5 }), 400);
	assert.equal(await status(visitor, "DELETE", `/interactions/${id}`), 405);
});

test("what a client repeats under its own id is said once", async (t) => {
	const stage = await chatStage(t);
	const mia = await agentAt(t, stage, "mia");
	const { visitor, id } = await acceptedChat(t, stage, mia);
	const said = { message: "once", client_message_id: "c1" };
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, said);
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, said);
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "twice" });
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "twice" });
	await until(() => visitor.texts().length >= 3 || undefined, "they arrive");
	assert.deepEqual(visitor.texts(), ["once", "twice", "twice"]);
	const asked = { message: "hello?", client_message_id: "v1" };
	await visitor.demand("POST", `/interactions/${id}/transcript/messages`, asked);
	await visitor.demand("PUT", `/interactions/${id}`, { status: "ended" });
	await mia.hear(leaf("status", "ended"), "that it is over");
	await visitor.demand("POST", `/interactions/${id}/transcript/messages`, asked);
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, said);
	const late = { message: "late", client_message_id: "c2" };
	assert.equal((await mia.ask("POST", `/interactions/${id}/transcript/messages`, late)).status_code, 403);
	await mia.demand("PUT", `/interactions/${id}`, { status: "handled" });
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, said);
});

test("files go both ways within the limits, and are what they say they are", async (t) => {
	const stage = await chatStage(t);
	const mia = await agentAt(t, stage, "mia");
	const { visitor, id } = await acceptedChat(t, stage, mia);
	const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
	const announce = (peer: Peer, facts: object) => peer.ask("POST", `/interactions/${id}/attachments`, facts);
	assert.equal((await announce(visitor, { filename: "a.exe", size: 5, mime_type: "image/png" })).status_code, 403);
	assert.equal((await announce(visitor, { filename: "a.png", size: 1e9, mime_type: "image/png" })).status_code, 413);
	const announceAgain = async (): Promise<string> =>
		String((await announce(visitor, { filename: "a.png", size: png.length, mime_type: "image/png" })).body?.["id"]);
	const put = (to: string, bytes: Uint8Array) =>
		fetch(`${stage.origin}/visitor/ecfs/media/${to}`, {
			method: "PUT",
			headers: { cookie: visitor.cookie, "content-type": "image/png" },
			body: bytes,
		});
	const refusedFile = await announceAgain();
	assert.equal((await put(refusedFile, Buffer.alloc(png.length))).status, 403, "zeros are no picture");
	assert.equal((await put(refusedFile, png)).status, 404, "what was refused is to be announced again");
	const file = await announceAgain();
	const atOnce = await Promise.all(Array.from({ length: 8 }, () => put(file, png)));
	assert.deepEqual(atOnce.filter(({ status }) => status === 200).length, 1, "once, whatever comes at the same time");
	assert.equal((await put(file, png)).status, 403, "and not later");
	await mia.hear(
		({ subscribed_resource: one }) => (one as { type?: string } | null)?.type === "attachment",
		"the file",
	);
	const lines = mia.told.filter(
		({ subscribed_resource: one }) => (one as { type?: string } | null)?.type === "attachment",
	);
	assert.equal(lines.length, 1);
	const got = await fetch(`${stage.origin}/ecfs/media/${file}`, { headers: { cookie: mia.cookie } });
	assert.deepEqual(Buffer.from(await got.arrayBuffer()), png);
	assert.match(got.headers.get("content-disposition") ?? "", /^attachment/);
	const [line] = lines.map(({ subscribed_resource: one }) => one as { message: string });
	const { attachments } = JSON.parse(line?.message ?? "{}") as { attachments: object[] };
	assert.deepEqual(
		attachments,
		[{ id: file, size: "16", filename: "a.png", mime_type: "image/png" }],
		"no size, no picture",
	);
	const stranger = await visit(stage.origin);
	const refused = await fetch(`${stage.origin}/visitor/ecfs/media/${file}`, { headers: { cookie: stranger.cookie } });
	assert.equal(refused.status, 404);
});

test("a file is what its ending says, whatever type is claimed, and no image floods a screen", async (t) => {
	const stage = await chatStage(t);
	const mia = await agentAt(t, stage, "mia");
	const { visitor, id } = await acceptedChat(t, stage, mia);
	const upload = async (filename: string, mime_type: string, bytes: Buffer): Promise<number | undefined> => {
		const facts = { filename, size: bytes.length, mime_type };
		const announced = await visitor.ask("POST", `/interactions/${id}/attachments`, facts);
		if (announced.status_code !== 200) {
			return announced.status_code;
		}
		const headers = { cookie: visitor.cookie, "content-type": mime_type };
		const url = `${stage.origin}/visitor/ecfs/media/${String(announced.body?.["id"])}`;
		return (await fetch(url, { method: "PUT", headers, body: new Uint8Array(bytes) })).status;
	};
	assert.equal(await upload("invoice.pdf", "application/octet-stream", Buffer.from("MZ a program")), 403);
	assert.equal(await upload("a.png", "image/svg+xml", Buffer.from("<svg/>")), 403);
	assert.equal(await upload("a.png", "image/png", pngOf(50_000)), 413);
	assert.equal(await upload("a.png", "application/octet-stream", pngOf(1)), 200);
	const { subscribed_resource: line } = await mia.hear(
		({ subscribed_resource: one }) => (one as { type?: string } | null)?.type === "attachment",
	);
	const { attachments } = JSON.parse((line as { message: string }).message) as { attachments: object[] };
	const [{ id: _id, ...facts }] = attachments as [{ id: string }];
	assert.deepEqual(facts, { size: "70", filename: "a.png", mime_type: "image/png", width: 1, height: 1 });
});

test("a supervisor follows an agent's chats, and barges in", async (t) => {
	const stage = await chatStage(t);
	const mia = await agentAt(t, stage, "mia");
	const { visitor, id } = await acceptedChat(t, stage, mia);
	const rights = [{ objectType: "user", objectId: null, access: ["listen", "bargeIn"] }];
	const person = await addPerson(stage, "sue", rights);
	const sue = await openPeer(t, stage.origin, await logInAgent(stage.origin, person));
	const begun = await sue.demand("POST", "/supervisor_sessions", { state: "monitoring", agent: { id: mia.id } });
	const session = String(begun.body?.["id"]);
	await sue.demand("SUBSCRIBE", `/supervisor_sessions/${session}/agent/model/interactions`);
	await visitor.demand("POST", `/interactions/${id}/transcript/messages`, { message: "Hello?" });
	const heard = await sue.hear(
		({ subscribed_resource: one }) => (one as { message?: string } | null)?.message === "Hello?",
	);
	assert.ok(heard.uri.startsWith(`/users/me/supervisor_sessions/${session}/agent/model/interactions/${id}/`));
	await sue.demand("PUT", `/supervisor_sessions/${session}`, { state: "barge_in" });
	await sue.hear((one) => appears("accepted")(one) && idIn(one) === id, "the chat");
	await sue.demand("POST", `/interactions/${id}/transcript/messages`, { message: "I can help." });
	await until(() => visitor.texts().includes("I can help.") || undefined, "the visitor reads it");
	const coach = await sue.ask("PUT", `/supervisor_sessions/${session}`, { state: "coaching" });
	assert.equal(coach.status_code, 403);
	await sue.demand("DELETE", `/supervisor_sessions/${session}`);
	await sue.hear(gone(id), "that it is gone");
	const none = await mia.ask("POST", "/supervisor_sessions", { state: "monitoring", agent: { id: sue.id } });
	assert.equal(none.status_code, 403);
});
