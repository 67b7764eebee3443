// Goal: a bot that works as an agent and answers whatever is not its own, as the vendor's public agent bot does, answers the
// contact and not itself: neither its own arrival nor the failure of its own answer. Method: such a bot at a real socket.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { providerStage } from "#test/chat-provider.ts";
import {
	chatStage,
	type ChatStage,
	logInAgent,
	openPeer,
	type Peer,
	type Transaction,
	until,
} from "#test/chat-scene.ts";
import { startChat } from "#test/desk-scene.ts";
import { messages } from "#test/parley.ts";

const interaction = /^\/users\/me\/interactions\/([A-F0-9]{32})(.*)$/;

/** What the public agent bot does with each transaction: it accepts what is new, answers what is said, handles what has ended. */
async function echoBot(t: TestContext, stage: ChatStage): Promise<Peer> {
	const bot = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent("robot")));
	const own = bot.told.find(({ uri }) => uri === "/users/me/properties")?.subscribed_resource as {
		chat_address: string;
	};
	const known = new Set<string>();
	let number = 0;
	const send = (method: string, uri: string, body: object): void => {
		number += 1;
		bot.ws.send(JSON.stringify({ client_req_id: `bot ${number}`, method, uri: `/users/me/interactions/${uri}`, body }));
	};
	const act = ({ method, uri, subscribed_resource: value }: Transaction): void => {
		const [, id = "", below = ""] = interaction.exec(uri) ?? [];
		if (method === "POST" && id !== "" && !known.has(id)) {
			known.add(id);
			send("PUT", id, { status: "accepted", retries: 0 });
		} else if (method === "POST" && below.startsWith("/transcript/")) {
			const { originator, message } = value as { originator: string; message: string };
			if (originator !== own.chat_address) {
				send("POST", `${id}/transcript/messages`, { message: `You said ${message}` });
			}
		} else if (method === "PUT" && below === "/status" && value === "ended") {
			send("PUT", id, { status: "handled" });
		}
	};
	bot.ws.on("message", (bytes: Buffer) => {
		const { body } = JSON.parse(bytes.toString()) as { body?: { transactions?: Transaction[] } };
		body?.transactions?.forEach(act);
	});
	await bot.demand("PUT", "/properties", { work_status: "ready" });
	return bot;
}

const isGone = ({ method, uri }: Transaction): boolean => method === "DELETE" && interaction.test(uri);

test("a visitor gets the bot's answers to what they wrote, and nothing else", async (t) => {
	const stage = await chatStage(t);
	const bot = await echoBot(t, stage);
	const { visitor, id, say } = await startChat(t, stage);
	await visitor.hear(({ uri, subscribed_resource: value }) => uri.endsWith("/status") && value === "accepted");
	await say("Hello");
	await until(() => visitor.texts().includes("You said Hello") || undefined, "the answer");
	await say("Bye");
	await until(() => visitor.texts().includes("You said Bye") || undefined, "the second answer");
	assert.deepEqual(visitor.texts(), ["Hello", "You said Hello", "Bye", "You said Bye"]);
	await visitor.demand("PUT", `/interactions/${id}`, { status: "ended" });
	await bot.hear(isGone, "that the chat is handled");
});

test("what the provider refuses of the bot is not answered by the bot, for ever", async (t) => {
	const { stage, simulator } = await providerStage(t, "twilio");
	const bot = await echoBot(t, stage);
	const refusal = { code: 21211, message: "Invalid 'To' Phone Number", status: 400 };
	for (let turn = 0; turn < 20; turn += 1) {
		simulator.script.push({ kind: "answer", status: 400, body: JSON.stringify(refusal) });
	}
	await simulator.contactWrites({ from: simulator.somebody, text: "Hello" });
	await bot.hear(({ uri, subscribed_resource: value }) => uri.endsWith("/status") && value === "accepted");
	for (const text of ["One", "Two"]) {
		await simulator.contactWrites({ from: simulator.somebody, text });
		await bot.hear(
			({ subscribed_resource: value }) => (value as { message?: string } | null)?.message === `You said ${text}`,
		);
	}
	const errors = () =>
		bot.told.filter(({ subscribed_resource: value }) => (value as { type?: string } | null)?.type === "error");
	await until(() => errors().length >= 2 || undefined, "both failures are told");
	await bot.demand("GET", "/properties"); // What it had sent before is done by then.
	const out = await messages(stage, "direction=out");
	assert.deepEqual(out.map(({ text }) => text).toSorted(), ["You said One", "You said Two"]);
});
