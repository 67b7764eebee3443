// Goal: rounds of upkeep keep what comes in alive: subscriptions are made, renewed, made anew and ended, keys are fetched,
// and whatever a notification missed is found, once under one key; and the simulator is as strict as Microsoft.

import assert from "node:assert/strict";
import test from "node:test";
import { connector } from "#connectors/teams/index.ts";
import type { AttemptId, MessageId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import { minuteMs, TeamsStage as Stage } from "#test/teams-stage.ts";
import { jsonReply } from "./kit.ts";
import { keyPair, pemOf } from "./teams-keys.ts";

const from = (stage: Stage) => stage.simulator.somebody;

test("subscribed, told, answered: the whole way, and the echo of our own answer is no message", async (t) => {
	const stage = await Stage.open(t);
	const first = await stage.round();
	assert.deepEqual(first.trouble, undefined);
	assert.equal(first.nextAt.getTime() - stage.clock.now().getTime(), 20_000, "what came in meanwhile is looked for");
	const [subscription] = stage.simulator.graph.subscriptions;
	const userId = stage.simulator.graph.directory.user.id;
	assert.equal(subscription?.resource, `/users/${userId}/chats/getAllMessages`);
	assert.equal(subscription?.lifecycleNotificationUrl, stage.webhookUrl);
	await stage.simulator.contactWrites({ from: from(stage), text: "1 < 2 & so on" });
	assert.deepEqual(stage.texts, ["1 < 2 & so on"]);
	const [message] = stage.events;
	assert.ok(message?.kind === "message");
	assert.deepEqual(message.contact, { address: from(stage), name: "Robin Kline" });

	const outcome = await connector.send(answerTo(stage, message.contact.address), stage.config, stage.tools());
	await stage.simulator.settled();
	const [taken] = stage.simulator.taken;
	assert.deepEqual([taken?.text, taken?.attemptId], ["Good <day> & bye\nRegards", attemptId]);
	assert.deepEqual(outcome, { kind: "accepted", remoteIds: [taken?.remoteId] });
	assert.equal(stage.events.at(-1)?.kind === "activity" && stage.events.at(-1)?.kind, "activity");
	assert.deepEqual(stage.statuses, [202, 202]);
	await stage.settle();
	assert.deepEqual(stage.texts, ["1 < 2 & so on"]);
	assert.deepEqual(stage.simulator.refusals, []);
});

const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as AttemptId;

function answerTo(stage: Stage, contactAddress: string): OutboundMessage {
	return {
		messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as MessageId,
		attemptId,
		channel: "teams",
		ourAddress: stage.simulator.account.ourAddress,
		contactAddress,
		text: "Good <day> & bye\nRegards",
		attachments: [],
		validUntil: new Date(stage.clock.now().getTime() + minuteMs),
		webhookUrl: stage.webhookUrl,
	};
}

test("a message whose answer was lost is found by its text; two of them settle nothing", async (t) => {
	const stage = await Stage.open(t);
	await stage.round();
	const message = answerTo(stage, from(stage));
	const attemptedAt = stage.clock.now();
	const look = (since = attemptedAt) => {
		assert.ok(connector.lookup);
		return connector.lookup(message, since, stage.config, stage.tools());
	};
	assert.equal((await look()).kind, "unknown");
	await connector.send(message, stage.config, stage.tools());
	stage.clock.advance(2000);
	assert.deepEqual(await look(), { kind: "accepted", remoteIds: [stage.simulator.taken[0]?.remoteId] });
	assert.equal((await look(stage.clock.now())).kind, "unknown", "another one, with the same text and shortly after it");
	await connector.send(message, stage.config, stage.tools());
	assert.equal((await look()).kind, "unknown");
	stage.clock.advance(10 * minuteMs);
	assert.equal((await look(stage.clock.now())).kind, "unknown", "what was written long before is another message");
});

test("a person is written to in the one chat with them", async (t) => {
	const stage = await Stage.open(t);
	await stage.round();
	const { mail, id } = stage.simulator.person;
	for (const to of [mail, id, mail]) {
		const outcome = await connector.send(answerTo(stage, to), stage.config, stage.tools());
		assert.equal(outcome.kind, "accepted");
	}
	assert.equal(new Set(stage.simulator.taken.map(({ to }) => to)).size, 1);
	assert.match(stage.simulator.taken[0]?.to ?? "", /^19:.*@unq\.gbl\.spaces$/);
	const nobody = await connector.send(answerTo(stage, "nobody@contoso.example"), stage.config, stage.tools());
	assert.deepEqual([nobody.kind, "code" in nobody && nobody.code], ["rejected", "recipient"]);
	stage.simulator.answers = { chat: jsonReply(504, {}) };
	const unclear = await connector.send(answerTo(stage, mail), stage.config, stage.tools());
	assert.equal(unclear.kind, "retry", "no message was sent, whatever became of the chat");
});

test("subscriptions are renewed in the second half of their hour, and nothing is asked twice", async (t) => {
	const stage = await Stage.open(t);
	const settled = await stage.settle();
	assert.deepEqual(stage.asked("POST"), []);
	const waitMs = settled.nextAt.getTime() - stage.clock.now().getTime();
	assert.ok(waitMs > 25 * minuteMs && waitMs < 30 * minuteMs, String(waitMs));
	const [id] = stage.simulator.graph.subscriptions.map((one) => one.id);
	for (let hour = 0; hour < 6; hour++) {
		const { nextAt } = await stage.settle();
		stage.clock.advance(nextAt.getTime() - stage.clock.now().getTime());
		await stage.round();
		assert.deepEqual(stage.asked("PATCH"), [`/v1.0/subscriptions/${id}`]);
		assert.deepEqual([stage.asked("POST"), stage.asked("DELETE")], [[], []]);
	}
	assert.deepEqual(stage.simulator.refusals, []);
});

test("what was missed while nothing was subscribed to is found, and told once", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	await stage.simulator.contactWrites({ from: from(stage), text: "told" });
	stage.clock.advance(3 * 60 * minuteMs); // Down for hours: the subscription ran out.
	stage.simulator.writesUnheard({ from: from(stage), text: "missed one" });
	stage.clock.advance(1000);
	stage.simulator.writesUnheard({ from: "19:another@thread.v2", text: "missed two" });
	await stage.round();
	assert.equal(stage.asked("POST").length, 1);
	assert.deepEqual(stage.texts.toSorted(), ["missed one", "missed two", "told"]);
	await stage.settle();
	assert.equal(stage.texts.length, 3);
	assert.ok(!stage.calls.some(({ url }) => url.includes("/messages")), "a chat without anything newer is not read");
});

test("what was written before the service was made is not told", async (t) => {
	const stage = await Stage.open(t);
	stage.simulator.writesUnheard({ from: from(stage), text: "old" });
	stage.clock.advance(5 * minuteMs);
	await stage.settle();
	assert.deepEqual(stage.texts, []);
});

test("a long gap is read in several rounds, told oldest first, nothing of it twice and nothing lost", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	const expected = Array.from({ length: 1234 }, (_, index) => `number ${index}`);
	for (const text of expected) {
		stage.clock.advance(10);
		stage.simulator.writesUnheard({ from: from(stage), text });
	}
	stage.clock.advance(3 * minuteMs);
	const byRound: number[] = [];
	for (let turn = 0; turn < 4; turn++) {
		const before = stage.texts.length;
		const { trouble } = await stage.round();
		assert.equal(trouble, undefined);
		assert.ok(stage.calls.length <= 25, `${stage.calls.length} requests`);
		byRound.push(stage.texts.length - before);
		stage.clock.advance(1000);
	}
	assert.deepEqual(byRound, [0, 254, 980, 0]);
	const told = stage.events.flatMap((event) => (event.kind === "message" ? [event.text] : []));
	assert.deepEqual(told, expected);
	stage.simulator.writesUnheard({ from: from(stage), text: "after it" });
	await stage.round();
	assert.equal(stage.texts.at(-1), "after it");
});

test("a round that breaks off anywhere loses nothing", async (t) => {
	for (const broken of ["token", "metadata", "keys", "me", "subscriptions", "chats"] as const) {
		const stage = await Stage.open(t);
		await stage.settle();
		stage.clock.advance(40 * minuteMs);
		stage.simulator.writesUnheard({ from: from(stage), text: "missed" });
		stage.simulator.forgetTokens();
		stage.simulator.answers = { [broken]: jsonReply(500, {}) };
		const bad = await stage.round();
		assert.ok(bad.trouble, broken);
		stage.simulator.answers = {};
		stage.clock.advance(minuteMs);
		const good = await stage.settle();
		assert.deepEqual([good.trouble, stage.texts], [undefined, ["missed"]], broken);
	}
});

test("a removed subscription is made anew, and Microsoft's word for it asks for a round", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	await stage.simulator.lifecycle("subscriptionRemoved");
	const told = stage.events.at(-1);
	assert.ok(told?.kind === "activity" && told.wakesUpkeep === true);
	stage.simulator.graph.subscriptions = [];
	stage.simulator.writesUnheard({ from: from(stage), text: "in between" });
	await stage.round();
	assert.equal(stage.simulator.graph.subscriptions.length, 1);
	assert.deepEqual(stage.texts, ["in between"]);
});

test("another client state, certificate or address makes another subscription and ends the one before", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	const change = (id: string, secret: string) => {
		stage.stored.authentications = stage.stored.authentications.map((entry) =>
			entry.authenticationId === id ? { ...entry, secrets: [secret, ...entry.secrets] } : entry,
		);
	};
	const now = stage.clock.now().getTime();
	change("certificate", pemOf(keyPair(0), new Date(now), new Date(now + 1e9)));
	await stage.simulator.contactWrites({ from: from(stage), text: "encrypted for the old one" });
	await stage.settle();
	await stage.simulator.contactWrites({ from: from(stage), text: "encrypted for the new one" });
	change("webhook", "another client state");
	await stage.simulator.contactWrites({ from: from(stage), text: "with the old client state" });
	await stage.settle();
	assert.deepEqual(
		stage.simulator.graph.subscriptions.map(({ clientState }) => clientState),
		["another client state"],
	);
	await stage.simulator.contactWrites({ from: from(stage), text: "with the new client state" });
	assert.deepEqual(stage.statuses, [202, 202, 202, 202]);
	assert.equal(stage.texts.length, 4);
	assert.ok(!JSON.stringify(stage.state).includes("another client state"));
});

test("what is left of an earlier configuration is ended", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	stage.state = {};
	await stage.settle();
	assert.equal(stage.simulator.graph.subscriptions.length, 1);
	const channel = "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b/19:general@thread.tacv2";
	stage.stored.settings = { ...stage.stored.settings, subscribeTo: `19:one@thread.v2 ${channel}` };
	await stage.settle();
	assert.deepEqual(
		stage.simulator.graph.subscriptions.map(({ resource }) => resource),
		[
			"/chats/19:one@thread.v2/messages",
			"/teams/fbe2bf47-16c8-47cf-b4a5-4b9b187c508b/channels/19:general@thread.tacv2/messages",
		],
	);
});

test("a channel: its messages come with the address of their thread, and an answer goes there", async (t) => {
	const stage = await Stage.open(t);
	const channel = "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b/19:general@thread.tacv2";
	stage.simulator.writesUnheard({ from: channel, text: "before" });
	stage.clock.advance(5 * minuteMs);
	stage.stored.settings = { ...stage.stored.settings, subscribeTo: channel };
	await stage.settle();
	await stage.simulator.contactWrites({ from: channel, text: "told" });
	const [told] = stage.events;
	assert.ok(told?.kind === "message");
	assert.match(told.contact.address, /^fbe2bf47-[-0-9a-f]+\/19:general@thread\.tacv2\/\d+$/);
	const outcome = await connector.send(answerTo(stage, told.contact.address), stage.config, stage.tools());
	assert.equal(outcome.kind, "accepted");
	assert.equal(stage.simulator.taken[0]?.to, told.contact.address);
	stage.clock.advance(1000);
	stage.simulator.writesUnheard({ from: told.contact.address, text: "missed" });
	await stage.round();
	assert.deepEqual(stage.texts, ["told", "missed"]);
});

test("without a certificate a notification only makes us ask", async (t) => {
	const stage = await Stage.open(t);
	stage.stored.authentications = stage.stored.authentications.filter(
		({ authenticationId }) => authenticationId !== "certificate",
	);
	await stage.settle();
	await stage.simulator.contactWrites({ from: from(stage), text: "secret text" });
	const [told] = stage.events;
	assert.ok(told?.kind === "activity" && told.wakesUpkeep === true);
	await stage.round();
	assert.deepEqual(stage.texts, ["secret text"]);
});

test("a new key of Microsoft's is asked for again, at most every five minutes", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	stage.clock.advance(6 * minuteMs);
	stage.simulator.rotateKey();
	assert.equal((await stage.simulator.lifecycle("missed")).status, 503);
	await stage.round();
	assert.equal((await stage.simulator.lifecycle("missed")).status, 202);
	stage.simulator.rotateKey();
	await stage.round();
	assert.equal((await stage.simulator.lifecycle("missed")).status, 503);
});

test("the private key is in no request, and secrets are in no URL, state or finding", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	stage.clock.advance(40 * minuteMs);
	stage.simulator.writesUnheard({ from: from(stage), text: "x" });
	await stage.round();
	const all = [...stage.calls, stage.state, stage.events].map((told) => JSON.stringify(told));
	const secrets = stage.stored.authentications.flatMap(({ secrets: own }) => own);
	const pem = secrets.find((secret) => secret.includes("PRIVATE KEY")) ?? "";
	const lines = pem.slice(0, pem.indexOf("-----END PRIVATE")).split("\n").slice(1);
	assert.ok(lines.length > 20);
	for (const line of lines.filter((text) => text !== "")) {
		assert.ok(!all.some((text) => text.includes(line)), "a line of the private key");
	}
	for (const secret of secrets) {
		assert.ok(!stage.calls.some(({ url }) => url.includes(secret)));
		assert.ok(!JSON.stringify(stage.state).includes(secret));
	}
});

test("another technical user starts anew", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	const before = stage.state["userId"];
	stage.simulator.answers = { me: jsonReply(200, { id: "11111111-2222-4333-8444-555555555555" }) };
	stage.simulator.writesUnheard({ from: from(stage), text: "to the other" });
	stage.clock.advance(5 * minuteMs);
	const round = await stage.round();
	assert.match(round.trouble?.detail ?? "", /cannot be made/, "the simulator knows one user only");
	assert.notEqual(stage.state["userId"], before);
	assert.deepEqual(stage.state["chats"], {});
});

test("a bot: keys by upkeep, activities by signed token, answers to the Bot Connector", async (t) => {
	const stage = await Stage.open(t, { mode: "bot" });
	const conversation = from(stage);
	const { nextAt, trouble } = await stage.round();
	assert.equal(trouble, undefined);
	assert.equal(nextAt.getTime() - stage.clock.now().getTime(), 6 * 60 * minuteMs);
	assert.equal((await stage.simulator.contactWrites({ from: conversation, text: "hi" })).status, 202);
	assert.deepEqual(stage.texts, ["hi"]);
	const outcome = await connector.send(answerTo(stage, conversation), stage.config, stage.tools());
	assert.deepEqual(outcome, { kind: "accepted", remoteIds: [stage.simulator.taken[0]?.remoteId] });
	assert.equal(stage.simulator.taken[0]?.text, "Good <day> & bye\nRegards");
	assert.deepEqual(stage.simulator.refusals, []);
});

test("the simulator refuses what Microsoft would", async (t) => {
	const stage = await Stage.open(t);
	await stage.round();
	const authorization = stage.calls.find(({ url }) => url.endsWith("/subscriptions"))?.headers["authorization"] ?? "";
	const ask = async (path: string, body: unknown, headers = { authorization, "content-type": "application/json" }) => {
		const answer = await stage.tools().http({
			method: "POST",
			url: `${stage.simulator.origin}${path}`,
			headers,
			body: typeof body === "string" ? body : JSON.stringify(body),
		});
		return answer.kind === "answered" ? answer.status : 0;
	};
	const messages = `/v1.0/chats/${encodeURIComponent(from(stage))}/messages`;
	const html = (content: string) => ({ body: { contentType: "html", content } });
	assert.equal(await ask(messages, html("<b>x</b>")), 400, "markup that we never write");
	assert.equal(await ask(messages, html("a & b")), 400);
	assert.equal(await ask(messages, html("")), 400);
	assert.equal(await ask(messages, { ...html("x"), more: 1 }), 400);
	assert.equal(await ask(messages, html("x".repeat(30_000))), 413);
	assert.equal(await ask("/v1.0/chats/19%3Anone%40thread.v2/messages", html("x")), 404);
	assert.equal(await ask(messages, html("x"), { authorization: "Bearer x", "content-type": "application/json" }), 401);
	assert.equal(await ask("/v1.0/subscriptions", { resource: "/chats/19:x@thread.v2/messages" }), 400);
	assert.equal(await ask("/v1.0/unheard-of", {}), 404);
	assert.equal(await ask(`/${stage.simulator.tenant}/oauth2/v2.0/token`, "grant_type=password"), 400);
	assert.equal(stage.simulator.refusals.length, 10);
	assert.deepEqual(stage.simulator.taken, []);
});
