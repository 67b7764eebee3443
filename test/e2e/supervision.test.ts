// A supervisor at a socket: follows an agent's chats, comes in unseen, is seen, goes unseen again; and an agent asks for help.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { presenceProfiles } from "#chat/presences.ts";
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
	type Transaction,
	visit,
} from "#test/chat-scene.ts";

async function startChat(t: TestContext, { origin }: ChatStage, name: string): Promise<Peer> {
	const visitor = await openPeer(t, origin, { ...(await visit(origin)), side: "visitor" });
	await visitor.demand("PUT", "/properties", { chat_address: `${name}@home.test`, alias: name });
	await visitor.demand("POST", "/interactions", { channel_type: "chat", destination: "support@desk.test" });
	return visitor;
}

type Cast = { stage: ChatStage; mia: Peer; eva: Peer; ann: Peer; id: string };

/** Mia talks with Ann, Eva may supervise Mia. */
async function cast(t: TestContext): Promise<Cast> {
	const stage = await chatStage(t);
	const person = await stage.agent("mia");
	const mia = await openPeer(t, stage.origin, await logInAgent(stage.origin, person));
	const supervisor = await addPerson(stage, "eva", [
		{ objectType: "user", objectId: person.id, access: ["listen", "coach", "bargeIn"] },
	]);
	const eva = await openPeer(t, stage.origin, await logInAgent(stage.origin, supervisor));
	await eva.demand("SUBSCRIBE", "/supervisor_sessions");
	await mia.demand("SUBSCRIBE", "/supervisor_sessions");
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	const ann = await startChat(t, stage, "ann");
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await ann.hear(leaf("status", "accepted"));
	return { stage, mia, eva, ann, id };
}

test("a supervisor follows an agent's chats, comes in unseen, is seen, and goes again", async (t) => {
	const { mia, eva, ann, id } = await cast(t);
	const { body } = await eva.demand("GET", "/colleagues");
	assert.deepEqual((body as unknown as unknown[])[0], {
		kind: "agent",
		id: mia.id,
		address: "mia@127.0.0.1",
		name: "mia Agent",
		state: "ready",
		can_take: true,
		chats: 1,
		may: { listen: true, coach: true, barge_in: true },
		asks_for_help: false,
	});
	const begun = await eva.demand("POST", "/supervisor_sessions", { state: "monitoring", agent: { id: mia.id } });
	const guidance = { channel_type: "chat", destination: "mia@127.0.0.1", supervisor_session_id: begun.body?.["id"] };
	const apart = await eva.ask("POST", "/interactions", guidance);
	assert.deepEqual([apart.status_code, apart.body?.["error"]], [403, "guidance_chat"]);
	const session = (begun.body as { id: string }).id;
	const model = `/supervisor_sessions/${session}/agent/model/interactions`;
	await eva.demand("SUBSCRIBE", model);
	await ann.demand("POST", `/interactions/${id}/transcript/messages`, { message: "Where is my parcel?" });
	await eva.hear(({ uri }) => uri.startsWith(`/users/me${model}/${id}/transcript/messages/`), "what Ann says");

	await eva.demand("PUT", `/supervisor_sessions/${session}`, { state: "silent_listening" });
	await eva.hear(appears("accepted"), "the chat as one of her own");
	const said = await eva.ask("POST", `/interactions/${id}/transcript/messages`, { message: "Hello?" });
	assert.equal(said.status_code, 403);
	await eva.demand("POST", `/interactions/${id}/transcript/messages`, { message: "Offer a refund.", type: "note" });
	await mia.hear(({ subscribed_resource: one }) => (one as { message?: string } | null)?.message === "Offer a refund.");

	await eva.demand("PUT", `/supervisor_sessions/${session}`, { state: "barge_in" });
	await eva.hear(leaf("role", "consulted"), "that she may speak");
	await eva.demand("POST", `/interactions/${id}/transcript/messages`, { message: "I am Mia's supervisor." });
	await ann.hear(
		({ subscribed_resource: one }) => (one as { message?: string } | null)?.message === "I am Mia's supervisor.",
	);
	await eva.demand("PUT", `/supervisor_sessions/${session}`, { state: "coaching" });
	await eva.hear(leaf("role", "supervisor"), "that she looks on again");
	const again = await eva.ask("POST", `/interactions/${id}/transcript/messages`, { message: "And another thing." });
	assert.equal(again.status_code, 403);
	assert.equal(again.body?.["error"], "looking_on");

	await eva.demand("DELETE", `/supervisor_sessions/${session}`);
	await eva.hear(({ method, uri }) => method === "DELETE" && uri === `/users/me/interactions/${id}`, "that it is gone");
	assert.deepEqual(ann.texts(), ["Where is my parcel?", "I am Mia's supervisor."]);
	assert.equal(ann.told.filter(({ subscribed_resource: one }) => /LEFT/.test(JSON.stringify(one))).length, 0);
});

test("an agent asks for help, also with all the chats one may have, only a supervisor sees it, and takes it over", async (t) => {
	const { stage, mia, eva } = await cast(t);
	await stage.call("PATCH", "/RI/rci/chatSettings", { chatsPerAgent: 1 });
	const leo = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent("leo")));
	await mia.demand("POST", "/supervisor_sessions", { state: "monitoring" });
	const { body } = await eva.demand("GET", "/colleagues");
	const [shown] = body as unknown as { asks_for_help: boolean; can_take: boolean }[];
	assert.deepEqual([shown?.asks_for_help, shown?.can_take], [true, false]);
	const seenByLeo = (await leo.demand("GET", "/colleagues")).body as unknown as Record<string, unknown>[];
	const miaThere = seenByLeo.find(({ id }) => id === mia.id);
	assert.deepEqual(
		[miaThere?.["name"], miaThere?.["may"], miaThere?.["asks_for_help"]],
		["mia Agent", undefined, undefined],
	);
	const { id: lunch } = presenceProfiles.find(({ reason }) => reason === "LUNCH") ?? assert.fail();
	await leo.demand("PUT", "/properties", { presence: lunch });
	const again = (await eva.demand("GET", "/colleagues")).body as unknown as { id?: string; state: string }[];
	assert.deepEqual(
		again.flatMap(({ id, state }) => (id === leo.id ? [state] : [])),
		["away"],
	);
	await eva.demand("POST", "/supervisor_sessions", { state: "monitoring", agent: { id: mia.id } });
	const told = await mia.hear(
		({ uri, subscribed_resource: one }) =>
			uri.startsWith("/users/me/supervisor_sessions/") &&
			(one as { supervisor?: { id: string | null } } | null)?.supervisor?.id === eva.id,
		"who comes",
	);
	assert.equal((told.subscribed_resource as { supervisor: { name: string } }).supervisor.name, "eva Agent");
});

test("a supervisor comes into the agent's next chat, and does not go along when it leaves the agent", async (t) => {
	const { stage, mia, eva } = await cast(t);
	await eva.demand("POST", "/supervisor_sessions", { state: "coaching", agent: { id: mia.id } });
	await startChat(t, stage, "bob");
	const isOffer = appears("incoming");
	const isBobs = (one: Transaction) => JSON.stringify(one.subscribed_resource).includes("bob@home.test");
	const id = idIn(await mia.hear((one) => isOffer(one) && isBobs(one), "Bob's chat"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	const seen = await eva.hear((one) => appears("accepted")(one) && idIn(one) === id, "Bob's chat");
	assert.equal((seen.subscribed_resource as { role: string }).role, "supervisor");
	await mia.demand("PUT", `/interactions/${id}`, { channel_status: "transferring", destination: "support@desk.test" });
	await eva.hear(({ method, uri }) => method === "DELETE" && uri === `/users/me/interactions/${id}`, "that it is gone");
});

test("an agent never learns who listens silently, unless they asked for help", async (t) => {
	const { mia, eva } = await cast(t);
	const toldMia = () => mia.told.filter(({ uri }) => uri.includes("/supervisor_sessions/")).map(({ method }) => method);
	const seenByMia = async () => (await mia.demand("GET", "/supervisor_sessions")).body as unknown as { id: string }[];
	const session = await begin(eva, mia, "silent_listening");
	const uri = `/supervisor_sessions/${session}`;
	assert.deepEqual(await seenByMia(), []);
	assert.equal((await mia.ask("GET", uri)).status_code, 404);
	assert.equal((await mia.ask("DELETE", uri)).status_code, 404);
	assert.deepEqual(toldMia(), []);
	await eva.demand("PUT", uri, { state: "coaching" });
	assert.equal((await seenByMia())[0]?.id, session);
	await eva.demand("PUT", uri, { state: "silent_listening" });
	assert.deepEqual(await seenByMia(), []);
	await eva.demand("PUT", uri, { state: "silent_listening" });
	await eva.demand("DELETE", uri);
	assert.deepEqual(toldMia(), ["POST", "DELETE"], "she came and went when she was to be seen");

	const asked = await mia.demand("POST", "/supervisor_sessions", { state: "monitoring" });
	assert.equal(await begin(eva, mia, "silent_listening"), (asked.body as { id: string }).id);
	assert.equal((await seenByMia()).length, 1, "now she wants to know who comes");
});

async function begin(supervisor: Peer, agent: Peer, state: string): Promise<string> {
	const { body } = await supervisor.demand("POST", "/supervisor_sessions", { state, agent: { id: agent.id } });
	return (body as { id: string }).id;
}

const isGone = (uri: string) => (one: Transaction) => one.method === "DELETE" && one.uri === `/users/me${uri}`;

test("whose right is taken away follows nothing any more, at once, and hears that it ended", async (t) => {
	const { stage, mia, eva, ann, id } = await cast(t);
	const begun = await eva.demand("POST", "/supervisor_sessions", { state: "barge_in", agent: { id: mia.id } });
	const session = `/supervisor_sessions/${(begun.body as { id: string }).id}`;
	const model = `${session}/agent/model/interactions`;
	const followed = await eva.demand("SUBSCRIBE", model);
	const deep = await openPeer(t, stage.origin, eva);
	await deep.demand("SUBSCRIBE", model);
	await stage.call("PUT", `/RI/rci/users/${eva.id}/rights`, []);
	assert.equal((await eva.ask("GET", model)).status_code, 404);
	assert.equal((await eva.ask("GET", session)).status_code, 404);
	assert.equal((await eva.ask("SUBSCRIBE", `${session}/agent/model`)).status_code, 404);
	await eva.hear(isGone(`/interactions/${id}`), "that the chat is gone");
	await eva.hear(isGone(session), "that the session is over");
	await deep.hear(isGone(session), "that what she follows is over");
	await mia.hear(isGone(session), "that nobody is with her");
	await ann.demand("POST", `/interactions/${id}/transcript/messages`, { message: "My card number is 1234." });
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "A hard one.", type: "note" });
	await mia.hear(({ subscribed_resource: one }) => (one as { message?: string } | null)?.message === "A hard one.");
	const said = await eva.ask("POST", `/interactions/${id}/transcript/messages`, { message: "I am still here." });
	assert.equal(said.status_code, 404);
	const bob = await startChat(t, stage, "bob");
	await acceptNext(mia, "bob@home.test");
	await bob.hear(leaf("status", "accepted"));
	await eva.demand("GET", "/properties");
	const heard = JSON.stringify([eva.told, deep.told]);
	assert.deepEqual(
		[heard.includes("1234"), heard.includes("A hard one."), heard.includes("bob@home.test")],
		[false, false, false],
	);
	const left = await eva.ask("UNSUBSCRIBE", `/subscriptions/${String(followed.body?.["subscription_id"])}`);
	assert.equal(left.status_code, 404, "the subscription ended with the session");
});

async function acceptNext(agent: Peer, contact: string): Promise<string> {
	const isTheirs = (one: Transaction) => JSON.stringify(one.subscribed_resource).includes(contact);
	const id = idIn(await agent.hear((one) => appears("incoming")(one) && isTheirs(one), `the chat of ${contact}`));
	await agent.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	return id;
}

for (const how of ["logs out", "is deleted", "is disabled"] as const) {
	test(`a supervisor who ${how} comes into no chat any more, and another may supervise`, async (t) => {
		const { stage, mia, eva, ann, id } = await cast(t);
		const access = ["listen", "coach", "bargeIn"];
		const other = await addPerson(stage, "sam", [{ objectType: "user", objectId: mia.id, access }]);
		const sam = await openPeer(t, stage.origin, await logInAgent(stage.origin, other));
		await eva.demand("POST", "/supervisor_sessions", { state: "barge_in", agent: { id: mia.id } });
		const begin = () => sam.ask("POST", "/supervisor_sessions", { state: "monitoring", agent: { id: mia.id } });
		assert.equal((await begin()).status_code, 403, "one at a time");
		await (how === "logs out"
			? eva.demand("PUT", "/properties", { login_status: "logged_out" })
			: how === "is deleted"
				? stage.call("DELETE", `/RI/rci/users/${eva.id}`)
				: stage.call("PATCH", `/RI/rci/users/${eva.id}`, { enabled: false }));
		assert.equal((await begin()).status_code, 200);
		await startChat(t, stage, "bob");
		const bobs = await acceptNext(mia, "bob@home.test");
		const { body } = await mia.demand("GET", `/interactions/${bobs}/participants`);
		assert.deepEqual(
			(body as unknown as { uniquekey: string }[]).map(({ uniquekey }) => uniquekey),
			["bob@home.test", "mia@127.0.0.1"],
		);
		const inAnns = (await ann.demand("GET", `/interactions/${id}/participants`)).body as unknown as object[];
		assert.equal(inAnns.length, 2, "and is in the others no more");
	});
}
