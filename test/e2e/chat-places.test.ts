// A visitor's place in the queue, between real sockets: it goes down as others get an agent or leave, it is the one that the
// in-queue prompt says, and it is there again after a reconnect, a restart and a transfer.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
	appears,
	chatStage,
	type ChatStage,
	idIn,
	leaf,
	logInAgent,
	openPeer,
	type Peer,
	visit,
} from "#test/chat-scene.ts";

const destination = "support@desk.test";

type Who = { id: string; cookie: string };

async function sayPlaces({ call }: ChatStage): Promise<void> {
	const prompt = { name: "Place", type: "inQueue", texts: { en: "You are number {position}." } };
	const { id: promptId } = await call<{ id: string }>("POST", "/RI/rci/prompts", prompt);
	await call("POST", "/RI/rci/schedules", { kind: "chatPrompts", promptType: "inQueue", promptId });
}

async function waiting(t: TestContext, origin: string): Promise<{ who: Who; peer: Peer; id: string }> {
	const who = await visit(origin);
	const peer = await openPeer(t, origin, { ...who, side: "visitor" });
	await peer.demand("POST", "/interactions", { channel_type: "chat", destination });
	return { who, peer, id: idIn(await peer.hear(appears("queued"), "that it waits")) };
}

/** What the peer was told of its place, in order; not what snapshots say. */
function places({ told }: Peer): unknown[] {
	return told
		.filter(({ method, uri }) => method === "PUT" && uri.endsWith("/queue_position"))
		.map(({ subscribed_resource: place }) => place);
}

async function snapshotPlace(t: TestContext, origin: string, who: Who): Promise<unknown> {
	const again = await openPeer(t, origin, { ...who, side: "visitor" });
	const { subscribed_resource: chats } = await again.hear(({ uri }) => uri === "/users/me/interactions");
	return (chats as { queue_position: unknown }[])[0]?.queue_position;
}

test("a visitor is told their place whenever it is another one, and that they have none any more", async (t) => {
	const stage = await chatStage(t, { allocation: "huntGroup" });
	await sayPlaces(stage);
	const mia = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent("mia")));
	const pick = (contact_id: string) =>
		mia.demand("POST", "/interactions", { channel_type: "chat", status: "picked", contact_id });
	const ann = await waiting(t, stage.origin);
	const bob = await waiting(t, stage.origin);
	const eva = await waiting(t, stage.origin);
	await eva.peer.hear(leaf("queue_position", 3), "the third place");
	const { subscribed_resource: begun } = await eva.peer.hear(appears("queued"));
	assert.match(JSON.stringify(begun), /You are number 3\./, "as the prompt says");

	await pick(ann.id);
	await ann.peer.hear(leaf("queue_position", null), "that she does not wait any more");
	await eva.peer.hear(leaf("queue_position", 2), "the second place");
	await bob.peer.demand("PUT", `/interactions/${bob.id}`, { status: "ended" });
	await eva.peer.hear(leaf("queue_position", 1), "the first place");
	await bob.peer.hear(leaf("queue_position", null), "that he has left");
	assert.deepEqual(
		[places(eva.peer), places(bob.peer)],
		[
			[3, 2, 1],
			[2, 1, null],
		],
		"each once",
	);
	assert.equal(await snapshotPlace(t, stage.origin, eva.who), 1);
	assert.equal(await snapshotPlace(t, stage.origin, ann.who), null);
	const shown = (await mia.demand("GET", `/interactions/${ann.id}`)).body ?? {};
	assert.ok(!("queue_position" in shown), "agents have other figures");

	await stage.stop();
	const { origin } = await stage.again();
	assert.equal(await snapshotPlace(t, origin, eva.who), 1, "after a restart");
});

test("what comes from another queue keeps its age: the prompt says its true place, and so is it told", async (t) => {
	const stage = await chatStage(t, { allocation: "huntGroup", wrapUpSeconds: 0 });
	const front = { name: "Front", addresses: ["front@desk.test"] };
	const { id: frontId } = await stage.call<{ id: string }>("POST", "/RI/rci/queues", front);
	await sayPlaces(stage);
	const person = await stage.agent("mia");
	const rights = [frontId, stage.queueId].map((objectId) => ({ objectType: "queue", objectId, access: ["serve"] }));
	await stage.call("PUT", `/RI/rci/users/${person.id}/rights`, rights);
	const mia = await openPeer(t, stage.origin, await logInAgent(stage.origin, person));
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	const ann = await openPeer(t, stage.origin, { ...(await visit(stage.origin)), side: "visitor" });
	await ann.demand("POST", "/interactions", { channel_type: "chat", destination: "front@desk.test" });
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await waiting(t, stage.origin);
	const bob = await waiting(t, stage.origin);
	await bob.peer.hear(leaf("queue_position", 2), "the second place");
	await mia.demand("PUT", `/interactions/${id}`, { channel_status: "transferring", destination });
	await ann.hear(leaf("queue_position", 1), "the first place: she came before both");
	assert.equal(ann.texts().at(-1), "You are number 1.");
	await bob.peer.hear(leaf("queue_position", 3), "that somebody older came");
});
