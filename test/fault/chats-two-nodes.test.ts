// Goal: two nodes on one PostgreSQL serve the two ends of one conversation, and when one of them dies its people go on at the
// other. Method: an agent at the first node, a visitor at the second; then the first is killed.

import assert from "node:assert/strict";
import test from "node:test";
import { addPerson, appears, idIn, leaf, logInAgent, openPeer, until, visit } from "#test/chat-scene.ts";
import { childParley } from "#test/parley.ts";
import { testServer } from "#test/postgres.ts";

test("an agent and a visitor at two nodes; one node dies", { timeout: 120_000 }, async (t) => {
	const server = await testServer();
	if (!server.ok) {
		t.skip(server.reason);
		return;
	}
	const database = ["--database", await server.freshDatabase()];
	const one = await childParley(t, database);
	await one.start();
	const two = await childParley(t, database, one);
	await two.start();
	const queue = { name: "Support", addresses: ["support@desk.test"] };
	const { id: queueId } = await one.api.call<{ id: string }>("POST", "/RI/rci/queues", queue);
	const person = await addPerson(one.api, "mia", [{ objectType: "queue", objectId: queueId, access: ["serve"] }]);
	const agent = await logInAgent(one.api.origin, person);
	const mia = await openPeer(t, one.api.origin, agent);
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	const ann = await openPeer(t, two.api.origin, { ...(await visit(two.api.origin)), side: "visitor" });
	await ann.demand("POST", "/interactions", { channel_type: "chat", destination: "support@desk.test" });
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
