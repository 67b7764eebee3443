// Goal: two nodes on one PostgreSQL serve the two ends of one conversation, and when one of them dies its people go on at the
// other. Method: an agent at the first node, a visitor at the second; then the first is killed. And whoever waits at one node
// is told the place they have among those who wait at both.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { addPerson, appears, idIn, leaf, logInAgent, openPeer, type Peer, until, visit } from "#test/chat-scene.ts";
import { type ChildParley, childParley } from "#test/parley.ts";
import { testServer } from "#test/postgres.ts";

type Server = Extract<Awaited<ReturnType<typeof testServer>>, { ok: true }>;

/** With one queue, and one agent who serves it. */
async function twoNodes(t: TestContext, server: Server, settings: Readonly<Record<string, unknown>>) {
	const database = ["--database", await server.freshDatabase()];
	const one = await childParley(t, database);
	await one.start();
	const two = await childParley(t, database, one);
	await two.start();
	const queue = { name: "Support", addresses: ["support@desk.test"], ...settings };
	const { id: queueId } = await one.api.call<{ id: string }>("POST", "/RI/rci/queues", queue);
	const person = await addPerson(one.api, "mia", [{ objectType: "queue", objectId: queueId, access: ["serve"] }]);
	return { one, two, agent: await logInAgent(one.api.origin, person) };
}

async function waitingAt(t: TestContext, { api: { origin } }: ChildParley): Promise<Peer> {
	const peer = await openPeer(t, origin, { ...(await visit(origin)), side: "visitor" });
	await peer.demand("POST", "/interactions", { channel_type: "chat", destination: "support@desk.test" });
	return peer;
}

test("an agent and a visitor at two nodes; one node dies", { timeout: 120_000 }, async (t) => {
	const server = await testServer();
	if (!server.ok) {
		t.skip(server.reason);
		return;
	}
	const { one, two, agent } = await twoNodes(t, server, {});
	const mia = await openPeer(t, one.api.origin, agent);
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	const ann = await waitingAt(t, two);
	const id = idIn(await mia.hear(appears("incoming"), "the offer, made on whichever node"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await ann.hear(leaf("status", "accepted"));
	for (let number = 0; number < 5; number += 1) {
		await ann.demand("POST", `/interactions/${id}/transcript/messages`, { message: `ann ${number}` });
		await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: `mia ${number}` });
	}
	await until(() => (ann.texts().length === 10 && mia.texts().length === 10) || undefined, "both have everything");
	assert.deepEqual(ann.texts(), mia.texts(), "in the same order");

	await one.kill();
	const again = await openPeer(t, two.api.origin, agent);
	const snapshot = await again.hear(({ uri }) => uri === "/users/me/interactions", "the snapshot");
	const [chat] = snapshot.subscribed_resource as { id: string; status: string }[];
	assert.deepEqual([chat?.id, chat?.status], [id, "accepted"]);
	await again.demand("POST", `/interactions/${id}/transcript/messages`, { message: "I am still here." });
	await until(() => ann.texts().includes("I am still here.") || undefined, "the visitor reads it");
	assert.equal(ann.told.filter(leaf("status", "queued")).length, 0);
});

test("places in a queue are those among all who wait, at whichever node", { timeout: 120_000 }, async (t) => {
	const server = await testServer();
	if (!server.ok) {
		t.skip(server.reason);
		return;
	}
	const { one, two, agent } = await twoNodes(t, server, { allocation: "huntGroup" });
	const ann = await waitingAt(t, one);
	const contact_id = idIn(await ann.hear(appears("queued")));
	const bob = await waitingAt(t, two);
	await bob.hear(leaf("queue_position", 2), "the second place");
	await ann.hear(leaf("queue_position", 1), "the first place");
	const mia = await openPeer(t, one.api.origin, agent);
	await mia.demand("POST", "/interactions", { channel_type: "chat", status: "picked", contact_id });
	await bob.hear(leaf("queue_position", 1), "that somebody at the other node left the queue");
	await ann.hear(leaf("queue_position", null), "that she does not wait any more");
});
