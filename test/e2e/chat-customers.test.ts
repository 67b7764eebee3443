// Customers on providers, simulated: what they write comes to an agent through the queue that has the address, and what the
// agent answers goes back and tells what became of it.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { systemClock } from "#platform/clock.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { simulators } from "#simulators/simulators.ts";
import {
	appears,
	chatStage,
	type ChatStage,
	idIn,
	leaf,
	logInAgent,
	openPeer,
	type Peer,
	until,
} from "#test/chat-scene.ts";
import { configure, messages, type MessageObject } from "#test/parley.ts";
import { seededRandom } from "#test/scene.ts";

type Stage = { stage: ChatStage; simulator: Simulator; mia: Peer; serviceId: string };

async function open(t: TestContext, type: string, queue: Readonly<Record<string, unknown>> = {}): Promise<Stage> {
	const run = simulators[type];
	assert.ok(run);
	const simulator = await run({ clock: systemClock, random: seededRandom(7) });
	t.after(() => simulator.close());
	const stage = await chatStage(t, { ...queue, addresses: [simulator.account.ourAddress] });
	const service = await configure(stage, simulator);
	const mia = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent("mia")));
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	return { stage, simulator, mia, serviceId: service.id };
}

async function accepted({ simulator, mia }: Stage, text: string): Promise<string> {
	await simulator.contactWrites({ from: simulator.somebody, text });
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await mia.hear(leaf("status", "accepted"));
	return id;
}

for (const type of ["twilio", "sinchconversation", "facebook", "telegram"]) {
	test(`${type}: a customer's message is offered, answered, and its delivery told`, async (t) => {
		const stage = await open(t, type);
		const { simulator, mia } = stage;
		const id = await accepted(stage, "Where is my parcel?");
		const offer = await mia.hear(appears("incoming"));
		const chat = offer.subscribed_resource as { transcript: { messages: { message: string }[] }; originator: string };
		assert.ok(chat.transcript.messages.some(({ message }) => message === "Where is my parcel?"));
		await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "It comes tomorrow." });
		await until(() => simulator.taken.find(({ text }) => text === "It comes tomorrow."), "the provider takes it");
		await mia.hear((one) => one.uri.endsWith("/delivery_status") && one.subscribed_resource !== "queued", "delivery");
		await simulator.contactWrites({ from: simulator.somebody, text: "Thanks!" });
		await until(() => mia.texts().includes("Thanks!") || undefined, "the answer comes into the same chat");
		assert.equal(mia.told.filter(appears("incoming")).length, 1);
		assert.equal(mia.texts().filter((text) => text === "Thanks!").length, 1);
	});
}

test("what a provider refuses is told in a sentence, and can be sent again", async (t) => {
	const stage = await open(t, "twilio");
	const { simulator, mia } = stage;
	const id = await accepted(stage, "Hello");
	const refusal = { code: 21211, message: "Invalid 'To' Phone Number", status: 400 };
	simulator.script.push({ kind: "answer", status: 400, body: JSON.stringify(refusal) });
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "It comes tomorrow." });
	const failed = await mia.hear(leaf("delivery_status", "failed"), "that it failed");
	const error = await mia.hear(({ subscribed_resource: one }) => (one as { type?: string } | null)?.type === "error");
	const { message, originator } = error.subscribed_resource as { message: string; originator: string };
	const own = await mia.hear(
		({ subscribed_resource: one }) => (one as { message?: string } | null)?.message === "It comes tomorrow.",
	);
	assert.equal(originator, (own.subscribed_resource as { originator: string }).originator, "no bot answers it");
	const told = JSON.parse(message) as { error_code: string; error_description: string };
	assert.equal(told.error_code, "DELIVERYFAILED");
	assert.match(told.error_description, /\w+ .*\w/);
	const line = failed.uri.split("/")[7] ?? "";
	await mia.demand("POST", `/interactions/${id}/transcript/messages/${line}/retry`);
	await until(() => simulator.taken.find(({ text }) => text === "It comes tomorrow."), "the provider takes it now");
	await mia.hear(leaf("delivery_status", "delivered"), "that it arrived");
	assert.equal((await mia.ask("POST", `/interactions/${id}/transcript/messages/${line}/retry`)).status_code, 403);
});

test("an agent writes first from an address of the queue, and the answer comes to them", async (t) => {
	const stage = await open(t, "twilio");
	const { simulator, mia } = stage;
	const queue = { from_queue: { id: stage.stage.queueId } };
	const body = { channel_type: "chat", destination: simulator.somebody, ...queue, message: "Your order is here." };
	const begun = await mia.demand("POST", "/interactions", { ...body, attached_data: { channel: "sms" } });
	const id = String(begun.body?.["id"]);
	await mia.hear((one) => appears("accepted")(one) && idIn(one) === id, "the chat");
	await until(() => simulator.taken.find(({ text }) => text === "Your order is here."), "the provider takes it");
	await simulator.contactWrites({ from: simulator.somebody, text: "Great" });
	await until(() => mia.texts().includes("Great") || undefined, "the answer comes into the chat");
	assert.equal((await mia.ask("POST", "/interactions", body)).status_code, 403, "a chat with them goes on already");
});

test("prompts go to the customer, and a closed queue says so once", async (t) => {
	const stage = await open(t, "twilio");
	const { simulator } = stage;
	const { call, queueId } = stage.stage;
	const prompt = { name: "Closed", type: "serviceClosed", texts: { en: "We are closed." } };
	const { id: promptId } = await call<{ id: string }>("POST", "/RI/rci/prompts", prompt);
	await call("POST", "/RI/rci/schedules", { kind: "chatPrompts", promptType: "serviceClosed", promptId });
	await call("POST", "/RI/rci/schedules", { kind: "serviceTimes", queueId });
	await simulator.contactWrites({ from: simulator.somebody, text: "Hello?" });
	await until(() => simulator.taken.find(({ text }) => text === "We are closed."), "the customer is told");
	assert.equal(simulator.taken.length, 1);
});

test("after the end the customer's next message comes to the same agent, linked to the talk before", async (t) => {
	const stage = await open(t, "twilio", { wrapUpSeconds: 0 });
	const { simulator, mia } = stage;
	const first = await accepted(stage, "One");
	await mia.demand("PUT", `/interactions/${first}`, { status: "ended" });
	await mia.hear(({ method, uri }) => method === "DELETE" && uri.endsWith(first), "that it is gone");
	await simulator.contactWrites({ from: simulator.somebody, text: "Two" });
	const again = await until(
		() => mia.told.find((one) => appears("incoming")(one) && idIn(one) !== first),
		"a new chat is offered",
	);
	const chat = again.subscribed_resource as { original_contact_id: string };
	assert.equal(chat.original_contact_id, first);
	const history = await mia.demand("GET", `/interactions/${idIn(again)}/history`);
	assert.deepEqual(
		(history.body as unknown as { id: string }[]).map(({ id }) => id),
		[first],
	);
	const all = await messages(stage.stage, `service=${stage.serviceId}&direction=in`);
	assert.equal(new Set(all.map(({ conversation }: MessageObject) => conversation)).size <= 2, true);
});
