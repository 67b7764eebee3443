// A visitor and an agent at real sockets, and a customer on a simulated provider: chats come to people, and what they say
// arrives on the other side, once and in order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addPerson, apiAt, appears, chatStage, idIn, leaf, logInAgent, openPeer, visit } from "#test/chat-scene.ts";

test("a visitor's chat is offered, accepted, talked in and wrapped up", async (t) => {
	const stage = await chatStage(t);
	const person = await stage.agent("mia");
	const mia = await openPeer(t, stage.origin, await logInAgent(stage.origin, person));
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	await mia.hear(leaf("work_status", "ready"));

	const ann = await openPeer(t, stage.origin, { ...(await visit(stage.origin)), side: "visitor" });
	await ann.demand("PUT", "/properties", { chat_address: "ann@home.test", alias: "Ann" });
	await ann.demand("POST", "/interactions", {
		channel_type: "chat",
		channel_sub_type: "text",
		destination: "support@desk.test",
		attached_data: { order: "4711" },
	});
	const queued = await ann.hear(appears("queued"), "that it waits");
	const id = idIn(queued);
	const offered = await mia.hear(appears("incoming"), "the offer");
	assert.equal(idIn(offered), id);
	assert.deepEqual((offered.subscribed_resource as { attached_data: unknown }).attached_data, {
		order: "4711",
		channel: "web",
	});
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await ann.hear(leaf("status", "accepted"), "that somebody accepted");
	await ann.demand("POST", `/interactions/${id}/transcript/messages`, { message: "Where is my parcel?" });
	await mia.hear(
		({ subscribed_resource: one }) => (one as { message?: string } | null)?.message === "Where is my parcel?",
	);
	await mia.demand("PUT", `/interactions/${id}/participants/mia@127.0.0.1`, { status: "typing" });
	await ann.hear(leaf("status", "typing"), "typing");
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "I will check." });
	await ann.hear(({ subscribed_resource: one }) => (one as { message?: string } | null)?.message === "I will check.");
	await mia.demand("PUT", `/interactions/${id}`, { status: "ended" });
	await ann.hear(leaf("status", "ended"));
	await mia.hear(leaf("status", "ended"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "handled", reason: "answered" });
	await mia.hear(({ method, uri }) => method === "DELETE" && uri.endsWith(id), "that it is gone");
	assert.deepEqual(ann.texts(), ["Where is my parcel?", "I will check."]);
	assert.deepEqual(mia.texts(), ["Where is my parcel?", "I will check."]);

	const found = await stage.call<{ id: string; state: string; reason: string | null }[]>(
		"GET",
		"/RI/cmi/chats?find=parc",
	);
	assert.deepEqual(
		found.map((chat) => [chat.id, chat.state, chat.reason]),
		[[id, "ended", "answered"]],
	);
	assert.deepEqual(await stage.call("GET", "/RI/cmi/chats?find=parcel+elsewhere"), []);
	const lines = await stage.call<{ type: string; text: string }[]>("GET", `/RI/cmi/chatMessages?chat=${id}`);
	assert.deepEqual(
		lines.filter(({ type }) => type === "text").map(({ text }) => text),
		["Where is my parcel?", "I will check."],
	);
	const { data } = await stage.call<{ data: unknown }>("GET", `/RI/cmi/contactData/${id}`);
	assert.deepEqual(data, { order: "4711" });
});

test("data is added to a chat that has ended, for the history only", async (t) => {
	const stage = await chatStage(t);
	const mia = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent("mia")));
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	const ann = await openPeer(t, stage.origin, { ...(await visit(stage.origin)), side: "visitor" });
	const destination = "support@desk.test";
	await ann.demand("POST", "/interactions", { channel_type: "chat", destination, attached_data: { order: "4711" } });
	const contact = idIn(await mia.hear(appears("incoming"), "the offer"));
	const add = (data: Readonly<Record<string, unknown>>) =>
		stage.call<{ data: unknown }>("POST", "/RI/cmi/contactData", { contact, data });
	await assert.rejects(add({ mood: "good" }), /409/);
	await mia.demand("PUT", `/interactions/${contact}`, { status: "accepted" });
	await mia.demand("PUT", `/interactions/${contact}`, { status: "ended" });
	assert.deepEqual((await add({ mood: "good", rating: 5 })).data, { order: "4711", mood: "good", rating: 5 });
	await assert.rejects(add({ order: "0815" }), /order/);
	await assert.rejects(add({ nested: { a: 1 } }), /nested/);
	for (let n = 0; n < 4; n += 1) {
		await add({ [`long${n}`]: "x".repeat(3900) });
	}
	await assert.rejects(add({ more: "x".repeat(3900) }), /too much/);
	await mia.demand("PUT", `/interactions/${contact}`, { status: "handled", reason: "answered" });
	const { data } = await stage.call<{ data: Record<string, unknown> }>("GET", `/RI/cmi/contactData/${contact}`);
	assert.deepEqual([data["mood"], data["order"], Object.keys(data).length], ["good", "4711", 7]);
});

test("a chat that came to no queue is read by who reads the history of every one", async (t) => {
	const stage = await chatStage(t);
	const ann = await openPeer(t, stage.origin, { ...(await visit(stage.origin)), side: "visitor" });
	await ann.demand("POST", "/interactions", { channel_type: "chat", destination: "nobody@desk.test" });
	const [chat, ...others] = await stage.call<{ id: string; queue: null; failure: string }[]>("GET", "/RI/cmi/chats");
	assert.deepEqual([chat?.queue, chat?.failure, others], [null, "bad_address", []]);
	const paths = [`chats/${chat?.id}`, `chatMessages?chat=${chat?.id}`, `contactData/${chat?.id}`];
	for (const path of paths) {
		await stage.call("GET", `/RI/cmi/${path}`);
	}
	const rights = [{ objectType: "queue", objectId: stage.queueId, access: ["manageContactHistory"] }];
	const lea = apiAt(stage.origin, await addPerson(stage, "lea", rights));
	assert.deepEqual(await lea.call("GET", "/RI/cmi/chats"), []);
	for (const path of paths) {
		assert.equal((await lea.ask("GET", `/RI/cmi/${path}`)).status, 404);
	}
});
