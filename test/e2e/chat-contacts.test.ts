// Contacts of chats, as an agent's client asks for them: who they are, what they said about our messages, and the merge of
// two that are one person, with its undo.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Access } from "#domain/rights.ts";
import { addPerson, appears, idIn, leaf, logInAgent, openPeer, type Peer } from "#test/chat-scene.ts";
import { type ProviderStage, providerStage } from "#test/chat-provider.ts";

type Said = { state: string; by?: string; note?: string | null };
type ContactOnWire = {
	id: string;
	name: string | null;
	may_merge: boolean;
	addresses: { address: string; said: Said[] | null }[];
	merges: { id: string; by: string; stands: string | null }[];
};

const customers = ["+4915110000001", "+4915110000002"] as const;
const history = { objectType: "messagingService", objectId: null, access: ["manageContactHistory"] };
const consents = { objectType: "customerConsent", objectId: null, access: ["view", "create"] };

type Scene = ProviderStage & {
	join(login: string, ...more: { objectType: string; access: string[] }[]): Promise<Peer>;
};

async function open(t: TestContext): Promise<Scene> {
	const scene = await providerStage(t, "twilio");
	const { stage } = scene;
	const serve = { objectType: "queue", objectId: stage.queueId, access: ["serve"] satisfies Access[] };
	return {
		...scene,
		async join(login, ...more) {
			const rights = [serve, ...more.map((one) => ({ objectId: null, ...one }))];
			const peer = await openPeer(
				t,
				stage.origin,
				await logInAgent(stage.origin, await addPerson(stage, login, rights)),
			);
			await peer.demand("PUT", "/properties", { work_status: "ready" });
			return peer;
		},
	};
}

/** A chat that the agent has with the customer. */
async function talk({ simulator }: Scene, agent: Peer, from: string): Promise<string> {
	const before = agent.told.filter(appears("incoming")).length;
	await simulator.contactWrites({ from, text: `from ${from}` });
	await agent.hear(() => agent.told.filter(appears("incoming")).length > before, "the offer");
	const offer = agent.told.filter(appears("incoming")).at(-1);
	assert.ok(offer);
	const id = idIn(offer);
	await agent.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await agent.hear((one) => leaf("status", "accepted")(one) && one.uri.includes(id));
	return id;
}

const contactOf = async (agent: Peer, id: string) =>
	(await agent.demand("GET", `/interactions/${id}/contact`)).body as unknown as ContactOnWire;

test("two contacts are found, previewed, merged and given back; earlier chats follow", async (t) => {
	const scene = await open(t);
	const mia = await scene.join("mia", history);
	const first = await talk(scene, mia, customers[0]);
	const second = await talk(scene, mia, customers[1]);
	const one = await contactOf(mia, first);
	assert.equal(one.may_merge, true);
	const found = (await mia.demand("GET", `/interactions/${second}/contact/find/${customers[0].slice(1)}`)).body;
	assert.deepEqual(
		(found as unknown as { id: string }[]).map(({ id }) => id),
		[one.id],
	);
	const previewed = await mia.demand("GET", `/interactions/${second}/contact/preview/${one.id}/this`);
	const preview = previewed.body as unknown as { kept: { id: string }; other: { id: string; messages: number } };
	const two = await contactOf(mia, second);
	assert.deepEqual([preview.kept.id, preview.other.id, preview.other.messages], [two.id, one.id, 1]);
	const body = { with: one.id, reason: "She told me." };
	const merged = await mia.demand("POST", `/interactions/${second}/contact/merges`, body);
	const id = String(merged.body?.["id"]);
	const whole = await contactOf(mia, second);
	assert.deepEqual(
		whole.addresses.map(({ address }) => address),
		[customers[1], customers[0]],
	);
	assert.deepEqual(
		whole.merges.map((merge) => [merge.id, merge.by, merge.stands]),
		[[id, "mia Agent", null]],
	);
	assert.equal((await contactOf(mia, first)).id, whole.id, "also of the chat with the other");
	const earlier = (await mia.demand("GET", `/interactions/${second}/history`)).body as unknown as { id: string }[];
	assert.deepEqual(
		earlier.map((chat) => chat.id),
		[first],
	);
	const again = await mia.ask("POST", `/interactions/${second}/contact/merges`, body);
	assert.deepEqual([again.status_code, again.body?.["error"]], [403, "merge_merged"]);
	await mia.demand("DELETE", `/interactions/${second}/contact/merges/${id}`);
	assert.equal((await contactOf(mia, first)).id, one.id);
	assert.equal((await contactOf(mia, second)).addresses.length, 1);
	const stays = await mia.demand("POST", `/interactions/${second}/contact/merges`, { ...body, stays: "other" });
	assert.ok(stays.body?.["id"]);
	assert.equal((await contactOf(mia, second)).id, one.id);
	const log = await scene.stage.call<{ action: string; via: string; actor: string }[]>(
		"GET",
		"/RI/rci/auditLog?objectType=contact",
	);
	assert.deepEqual(
		log.map(({ action, via, actor }) => [action, via, actor]),
		[
			["merge", "chat", "mia"],
			["undoMerge", "chat", "mia"],
			["merge", "chat", "mia"],
		],
	);
});

test("a new talk is linked to the talks of both while they are merged, and to one's own again afterwards", async (t) => {
	const scene = await open(t);
	const mia = await scene.join("mia", history);
	const close = async (id: string) => {
		await mia.demand("PUT", `/interactions/${id}`, { status: "ended" });
		await mia.hear(({ method, uri }) => method === "DELETE" && uri.endsWith(id), "that it is gone");
	};
	const earlierOf = async (id: string) =>
		((await mia.demand("GET", `/interactions/${id}/history`)).body as unknown as { id: string }[]).map((one) => one.id);
	const first = await talk(scene, mia, customers[0]);
	const one = await contactOf(mia, first);
	await close(first);
	const second = await talk(scene, mia, customers[1]);
	const two = await contactOf(mia, second);
	const body = { with: one.id, reason: "She told me." };
	const merged = await mia.demand("POST", `/interactions/${second}/contact/merges`, body);
	await close(second);
	const third = await talk(scene, mia, customers[0]);
	assert.equal((await contactOf(mia, third)).id, two.id, "the other address is the kept contact's");
	assert.deepEqual(await earlierOf(third), [second, first]);
	const undo = `/interactions/${third}/contact/merges/${String(merged.body?.["id"])}`;
	await mia.demand("DELETE", undo);
	assert.equal((await contactOf(mia, third)).id, one.id);
	assert.deepEqual(await earlierOf(third), [first]);
	await close(third);
	const fourth = await talk(scene, mia, customers[1]);
	assert.equal((await contactOf(mia, fourth)).id, two.id);
	assert.deepEqual(await earlierOf(fourth), [second]);
});

test("without the right an agent sees the chat's own address and merges nothing", async (t) => {
	const scene = await open(t);
	const mia = await scene.join("mia");
	const id = await talk(scene, mia, customers[0]);
	const { body } = await mia.demand("GET", `/interactions/${id}/contact`);
	const contact = body as unknown as ContactOnWire;
	assert.deepEqual([contact.may_merge, contact.merges, contact.addresses.length], [false, [], 1]);
	assert.deepEqual((await mia.demand("GET", `/interactions/${id}/contact/find/${customers[0]}`)).body, []);
	for (const stays of ["this", "other"]) {
		const refused = await mia.ask("GET", `/interactions/${id}/contact/preview/${contact.id}/${stays}`);
		assert.equal(refused.status_code, 404);
	}
	const merging = { with: "0".repeat(32), reason: "x" };
	assert.equal((await mia.ask("POST", `/interactions/${id}/contact/merges`, merging)).status_code, 404);
	assert.equal((await mia.ask("POST", `/interactions/${id}/contact/merges`, { with: merging.with })).status_code, 400);
	assert.equal((await mia.ask("DELETE", `/interactions/${id}/contact/merges/${merging.with}`)).status_code, 404);
	const said = { channel: "sms", address: customers[0], state: "refused" };
	assert.equal((await mia.ask("POST", "/consents", said)).status_code, 403);
	const leo = await scene.join("leo", history, consents);
	assert.equal((await leo.ask("GET", `/interactions/${id}/contact`)).status_code, 404, "it is not leo's chat");
	assert.equal((await leo.ask("POST", `/interactions/${id}/contact/merges`, merging)).status_code, 404);
});

test("a consent is withdrawn and given at the desk, also where the contact refused one service", async (t) => {
	const scene = await open(t);
	const mia = await scene.join("mia", consents);
	const id = await talk(scene, mia, customers[0]);
	const said = async () => (await contactOf(mia, id)).addresses[0]?.said;
	assert.deepEqual(await said(), []);
	const write = () => mia.ask("POST", `/interactions/${id}/transcript/messages`, { message: "Hello" });
	const enter = (state: string) =>
		mia.demand("POST", "/consents", { channel: "sms", address: customers[0], state, note: "by phone" });
	await enter("refused");
	assert.deepEqual(
		(await said())?.map(({ state, by, note }) => [state, by, note]),
		[["refused", "mia Agent", "by phone"]],
	);
	assert.deepEqual((await write()).body?.["error"], "OPTOUT");
	await enter("granted");
	assert.equal((await write()).status_code, 200);
	await scene.simulator.contactWrites({ from: customers[0], text: "STOP" });
	await mia.hear(() => mia.texts().includes("STOP"), "the word");
	assert.deepEqual((await write()).body?.["error"], "OPTOUT");
	await enter("granted");
	assert.deepEqual(
		(await said())?.map(({ state }) => state),
		["granted", "granted"],
	);
	assert.equal((await write()).status_code, 200);
	const bare = { channel: "sms", address: "sms:", state: "granted" };
	assert.equal((await mia.ask("POST", "/consents", bare)).status_code, 400);
});
