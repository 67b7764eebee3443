// Goal: kill −9 during chats: nothing that was answered is lost, nothing is told or kept twice, and everybody is back where
// they were within ten seconds. Method: the program as a process of its own, killed at seeded moments while a visitor and an
// agent write; both come back with their old sessions, repeat what got no answer under its own id, and compare.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { addPerson, appears, idIn, leaf, logInAgent, openPeer, type Peer, until, visit } from "#test/chat-scene.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { type ChildParley, childParley } from "#test/parley.ts";
import { testServer } from "#test/postgres.ts";
import { seededRandom } from "#test/scene.ts";

const seed = seedFlag();
const cycles = numberFlag("cycles", 6);
const backMsMax = 10_000;

type Who = { id: string; cookie: string; side?: "visitor" };
type Wire = { id: string; status: string; transcript: { messages: { message: string; client_message_id?: string }[] } };

async function chatOf(peer: Peer, id: string): Promise<Wire> {
	const snapshot = await peer.hear(({ uri }) => uri === "/users/me/interactions", "the snapshot");
	const found = (snapshot.subscribed_resource as Wire[]).find((chat) => chat.id === id);
	assert.ok(found, "the chat is where it was");
	return found;
}

/** Says numbered words until the line breaks; tells those that were answered. */
async function talk(peer: Peer, { id, name, from }: { id: string; name: string; from: number }): Promise<number> {
	let said = from;
	try {
		for (;;) {
			const words = { message: `${name} ${said}`, client_message_id: `${name}-${said}` };
			const { status_code } = await peer.ask("POST", `/interactions/${id}/transcript/messages`, words);
			if (status_code !== 200) {
				return said; // Too many in a short time: the limit is the server's right.
			}
			said += 1;
			await wait(30);
		}
	} catch {
		return said; // The last one may or may not have been heard: it is repeated under its own id.
	}
}

async function killDuringChats(t: TestContext, argv: readonly string[]): Promise<void> {
	const parley: ChildParley = await childParley(t, argv);
	await parley.start();
	const { api } = parley;
	const queue = { name: "Support", addresses: ["support@desk.test"] };
	const { id: queueId } = await api.call<{ id: string }>("POST", "/RI/rci/queues", queue);
	const person = await addPerson(api, "mia", [{ objectType: "queue", objectId: queueId, access: ["serve"] }]);
	const agent: Who = await logInAgent(api.origin, person);
	const visitor: Who = { ...(await visit(api.origin)), side: "visitor" };
	let mia = await openPeer(t, api.origin, agent);
	let ann = await openPeer(t, api.origin, visitor);
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	await ann.demand("POST", "/interactions", { channel_type: "chat", destination: "support@desk.test" });
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await ann.hear(leaf("status", "accepted"));
	const random = seededRandom(seed);
	const answered = { mia: 0, ann: 0 };
	for (let cycle = 0; cycle < cycles; cycle += 1) {
		const talking = Promise.all([
			talk(mia, { id, name: "mia", from: answered.mia }),
			talk(ann, { id, name: "ann", from: answered.ann }),
		]);
		await wait(100 + (random.bytes(1)[0] ?? 0) * 3);
		await parley.kill();
		[answered.mia, answered.ann] = await talking;
		await parley.start();
		const startMs = performance.now();
		mia = await openPeer(t, api.origin, agent);
		ann = await openPeer(t, api.origin, visitor);
		const [mias, anns] = [await chatOf(mia, id), await chatOf(ann, id)];
		assert.ok(performance.now() - startMs < backMsMax, "everybody is back within ten seconds");
		assert.equal(mias.status, "accepted");
		assert.equal(anns.status, "accepted");
		for (const [name, count] of Object.entries(answered)) {
			for (const chat of [mias, anns]) {
				const ids = chat.transcript.messages.flatMap(({ client_message_id: own }) => own ?? []);
				const theirs = ids.filter((own) => own.startsWith(name));
				assert.equal(new Set(theirs).size, theirs.length, "nothing is there twice");
				const missing = Array.from({ length: count }, (_, index) => `${name}-${index}`).filter(
					(own) => !ids.includes(own),
				);
				assert.deepEqual(missing, [], "nothing that was answered is lost");
			}
		}
		await wait(11_000 * Number(cycle === cycles - 2)); // Once beyond the limit of messages in ten seconds.
	}
	await until(() => (answered.mia > 0 && answered.ann > 0) || undefined, "both have spoken");
}

test(`kill −9 during chats, ${cycles} times (sqlite, seed ${seed})`, { timeout: 240_000 }, (t) =>
	killDuringChats(t, []),
);

test(`kill −9 during chats, ${cycles} times (postgres, seed ${seed})`, { timeout: 240_000 }, async (t) => {
	const server = await testServer();
	if (!server.ok) {
		t.skip(server.reason);
		return;
	}
	await killDuringChats(t, ["--database", await server.freshDatabase()]);
});
