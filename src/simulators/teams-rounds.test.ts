// Goal: what is refused in a round is refused for itself. Renewals, other subscriptions and other chats do not wait for it,
// nothing of it is lost, and however many chats there are, each is come to; what is found is told oldest first.

import assert from "node:assert/strict";
import test from "node:test";
import { minuteMs, TeamsStage as Stage } from "#test/teams-stage.ts";
import { jsonReply } from "./kit.ts";

const forbidden = { status: 403, code: "Forbidden", message: "No access to it." };
const open = (number: number) => `19:open${number}@thread.v2`;
const shut = (number: number) => `19:shut${number}@thread.v2`;
const chat = (number: number) => `19:${"c".repeat(number + 1)}@thread.v2`;

function subscribe(stage: Stage, ...places: readonly string[]): void {
	stage.stored.settings = { ...stage.stored.settings, subscribeTo: places.join(" ") };
}

function resources(stage: Stage): string[] {
	const now = stage.clock.now().toISOString();
	const living = stage.simulator.graph.subscriptions.filter(({ expirationDateTime }) => expirationDateTime > now);
	return living.map(({ resource }) => resource).toSorted();
}

test("a chat that is refused stops neither the renewals nor the messages of the others", async (t) => {
	const stage = await Stage.open(t);
	subscribe(stage, open(1));
	stage.simulator.graph.messages.set(open(1), []);
	await stage.settle();
	stage.simulator.graph.closed.set(shut(1), forbidden);
	subscribe(stage, shut(1), open(1));
	for (let turn = 0; turn < 12; turn++) {
		stage.clock.advance(10 * minuteMs);
		stage.simulator.writesUnheard({ from: open(1), text: `number ${turn}` });
		const { trouble } = await stage.round();
		assert.match(trouble?.detail ?? "", /subscription to \/chats\/19:shut1@thread\.v2\/messages cannot be made/);
		assert.deepEqual(resources(stage), [`/chats/${open(1)}/messages`]);
		assert.equal(stage.texts.at(-1), `number ${turn}`);
	}
	assert.equal(stage.texts.length, 12);
	stage.simulator.graph.closed.clear();
	stage.simulator.writesUnheard({ from: shut(1), text: "let in at last" });
	const { trouble } = await stage.settle();
	assert.equal(trouble, undefined);
	assert.equal(resources(stage).length, 2);
	assert.equal(stage.texts.at(-1), "let in at last");
});

test("however many are refused, each that is not gets its subscription", async (t) => {
	const stage = await Stage.open(t);
	const bad = Array.from({ length: 18 }, (_, index) => shut(index));
	bad.forEach((place) => stage.simulator.graph.closed.set(place, { ...forbidden, status: 500 }));
	subscribe(stage, ...bad, open(1), open(2));
	await stage.round();
	await stage.round();
	assert.deepEqual(resources(stage), [`/chats/${open(1)}/messages`, `/chats/${open(2)}/messages`]);
	stage.clock.advance(35 * minuteMs);
	await stage.round();
	assert.equal(stage.asked("PATCH").length, 2);
	stage.clock.advance(35 * minuteMs);
	assert.equal(resources(stage).length, 2);
});

test("a chat that cannot be read loses nothing and holds up nobody", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	for (let number = 0; number < 15; number++) {
		stage.simulator.graph.closed.set(shut(number), { ...forbidden, status: number % 2 === 0 ? 403 : 500 });
		stage.clock.advance(1000);
		stage.simulator.writesUnheard({ from: shut(number), text: `shut ${number}` });
	}
	stage.simulator.writesUnheard({ from: open(1), text: "open 1" });
	const { trouble } = await stage.round();
	assert.match(trouble?.detail ?? "", /^What is written in 19:shut\d+@thread\.v2 cannot be read\. Microsoft /);
	assert.deepEqual(stage.texts, ["open 1"]);
	for (let turn = 2; turn < 6; turn++) {
		stage.clock.advance(minuteMs);
		stage.simulator.writesUnheard({ from: open(turn), text: `open ${turn}` });
		await stage.round();
		assert.equal(stage.texts.at(-1), `open ${turn}`);
		assert.ok(stage.calls.length <= 25);
	}
	stage.simulator.graph.closed.clear();
	await stage.settle();
	assert.equal(stage.texts.length, 20);
});

test("every one of many chats is come to, page by page, and each message is told once", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	const expected = Array.from({ length: 130 }, (_, index) => `number ${index}`);
	for (const [index, text] of expected.entries()) {
		stage.clock.advance(5000);
		stage.simulator.writesUnheard({ from: chat(index), text });
	}
	stage.clock.advance(3 * minuteMs);
	let rounds = 0;
	do {
		const { trouble } = await stage.round();
		assert.equal(trouble, undefined);
		assert.ok(stage.calls.length <= 26, `${stage.calls.length} requests`);
		stage.clock.advance(20_000);
		rounds += 1;
	} while (stage.state["walk"] !== undefined && rounds < 20);
	assert.deepEqual(
		stage.events.flatMap((event) => (event.kind === "message" ? [event.text] : [])).toSorted(),
		expected.toSorted(),
	);
	await stage.round();
	const lists = stage.calls.filter(({ url }) => url.includes("/me/chats"));
	assert.equal(lists.length, 1, "what was walked through is not walked through again");
	assert.ok(JSON.stringify(stage.state).length < 40_000);
	stage.simulator.writesUnheard({ from: chat(3), text: "one more" });
	await stage.round();
	assert.equal(stage.texts.at(-1), "one more");
});

test("while a walk goes on, what is written meanwhile is found by the next", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	for (let index = 0; index < 70; index++) {
		stage.clock.advance(100);
		stage.simulator.writesUnheard({ from: chat(index), text: `number ${index}` });
	}
	await stage.round();
	assert.notEqual(stage.state["walk"], undefined);
	stage.clock.advance(1000);
	stage.simulator.writesUnheard({ from: chat(69), text: "meanwhile" });
	for (let round = 0; round < 6; round++) {
		stage.clock.advance(20_000);
		await stage.round();
	}
	assert.equal(stage.texts.length, 71);
	assert.ok(stage.texts.includes("meanwhile"));
});

test("a page that is not known any more lets the walk begin anew", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	for (let index = 0; index < 70; index++) {
		stage.clock.advance(100);
		stage.simulator.writesUnheard({ from: chat(index), text: `number ${index}` });
	}
	for (let round = 0; round < 3; round++) {
		await stage.round();
		stage.clock.advance(20_000);
	}
	const walk = stage.state["walk"] as { page: string };
	assert.match(walk.page, /skiptoken=after-50/);
	stage.state = { ...stage.state, walk: { ...walk, page: "?$skiptoken=forgotten" } };
	assert.ok((await stage.round()).trouble);
	for (let round = 0; round < 4; round++) {
		stage.clock.advance(minuteMs);
		assert.equal((await stage.round()).trouble, undefined);
	}
	assert.equal(stage.texts.length, 70);
});

test("a page at another host is not gone to, and its chats are read all the same", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	const written = stage.simulator.writesUnheard({ from: open(1), text: "x" });
	const value = [{ id: open(1), lastMessagePreview: written }];
	stage.simulator.answers = {
		chats: jsonReply(200, { value, "@odata.nextLink": "https://evil.example/v1.0/me/chats?$skiptoken=1" }),
	};
	const { trouble } = await stage.round();
	assert.equal(trouble?.code, "protocol");
	assert.deepEqual(stage.texts, ["x"]);
	assert.ok(stage.calls.every(({ url }) => url.startsWith(stage.simulator.origin)));
});

test("what is found is told oldest first, also where there are pages of it", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	const expected = Array.from({ length: 120 }, (_, index) => `number ${index}`);
	for (const text of expected) {
		stage.clock.advance(10);
		stage.simulator.writesUnheard({ from: open(1), text });
	}
	await stage.round();
	assert.deepEqual(stage.texts, expected);
});

test("a channel is read page by page, as far as 250 posts", async (t) => {
	const stage = await Stage.open(t);
	const channel = "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b/19:general@thread.tacv2";
	stage.simulator.graph.messages.set(channel, []);
	subscribe(stage, channel);
	await stage.settle();
	const expected = Array.from({ length: 120 }, (_, index) => `number ${index}`);
	for (const text of expected) {
		stage.clock.advance(10);
		stage.simulator.writesUnheard({ from: channel, text });
	}
	stage.clock.advance(3 * minuteMs);
	await stage.round();
	assert.deepEqual(stage.texts, expected);
	await stage.round();
	assert.equal(stage.calls.filter(({ url }) => url.includes("/messages")).length, 1);
	for (let index = 0; index < 300; index++) {
		stage.clock.advance(10);
		stage.simulator.writesUnheard({ from: channel, text: `later ${index}` });
	}
	stage.clock.advance(3 * minuteMs);
	await stage.round();
	assert.deepEqual([stage.texts.length, stage.texts.at(-1)], [370, "later 299"]);
});

test("a message that shows late, behind a newer one, is found all the same, and nothing is read for ever", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	const late = stage.simulator.writesUnheard({ from: open(1), text: "late" });
	stage.clock.advance(1000);
	stage.simulator.writesUnheard({ from: open(1), text: "newer" });
	const { messages } = stage.simulator.graph;
	const all = messages.get(open(1)) ?? [];
	messages.set(open(1), all.slice(1));
	await stage.round();
	messages.set(open(1), all);
	assert.deepEqual(stage.texts, ["newer"]);
	const reads = () => stage.calls.filter(({ url }) => url.includes("/messages")).length;
	stage.clock.advance(10_000);
	await stage.round();
	assert.equal(reads(), 0, "not before it has settled");
	stage.clock.advance(29 * minuteMs);
	await stage.round();
	assert.deepEqual(stage.texts, ["newer", "late"]);
	assert.ok(stage.events.some((event) => event.kind === "message" && event.remoteId === `${open(1)}/${late.id}`));
	for (let turn = 0; turn < 3; turn++) {
		stage.clock.advance(29 * minuteMs);
		await stage.round();
		assert.equal(reads(), 0);
	}
});

test("messages of one millisecond are all found, wherever a page ends", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	const first = stage.simulator.writesUnheard({ from: open(1), text: "number 0" });
	const all = stage.simulator.graph.messages.get(open(1));
	for (let index = 1; index < 60; index++) {
		const id = `${first.id}${index}`;
		all?.push({ ...first, id, body: { contentType: "text", content: `number ${index}` } });
		if (index % 3 === 0) {
			stage.clock.advance(1);
			Object.assign(all?.at(-1) ?? {}, { createdDateTime: stage.clock.now().toISOString() });
		}
	}
	const inOrder = all?.toSorted((one, other) => one.createdDateTime.localeCompare(other.createdDateTime));
	stage.simulator.graph.messages.set(open(1), inOrder ?? []);
	stage.clock.advance(1000);
	await stage.round();
	assert.equal(stage.texts.length, 60);
});

test("keys that cannot be had stop neither renewals nor what was missed", async (t) => {
	for (const broken of ["metadata", "keys"] as const) {
		const stage = await Stage.open(t);
		await stage.settle();
		stage.simulator.answers = { [broken]: { ...jsonReply(503, {}), headers: { "retry-after": "36000" } } };
		for (let turn = 0; turn < 5; turn++) {
			stage.clock.advance(29 * minuteMs);
			stage.simulator.writesUnheard({ from: open(1), text: `number ${turn}` });
			const { trouble, nextAt } = await stage.round();
			assert.ok(trouble);
			assert.equal(nextAt.getTime() - stage.clock.now().getTime(), minuteMs);
			assert.equal(stage.texts.at(-1), `number ${turn}`);
			assert.equal(resources(stage).length, 1);
		}
	}
});

test("reauthorizationRequired is answered with a renewal, as is whatever else asks for a round", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	const [id] = stage.simulator.graph.subscriptions.map((one) => one.id);
	stage.clock.advance(5 * minuteMs);
	await stage.simulator.lifecycle("reauthorizationRequired");
	const told = stage.events.at(-1);
	assert.ok(told?.kind === "activity" && told.wakesUpkeep === true);
	await stage.round();
	assert.deepEqual(stage.asked("PATCH"), [`/v1.0/subscriptions/${id}`]);
	await stage.round();
	assert.deepEqual(stage.asked("PATCH"), [], "once is enough");
});

test("a subscription that is gone when it is renewed is made anew at once", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	const { graph } = stage.simulator;
	stage.clock.advance(minuteMs);
	const listed = jsonReply(200, {
		value: graph.subscriptions.map((one) => ({ ...one, clientState: null })),
	});
	graph.subscriptions = [];
	stage.simulator.answers = { subscriptions: listed };
	const { nextAt } = await stage.round();
	assert.equal(nextAt.getTime() - stage.clock.now().getTime(), 20_000);
	stage.simulator.answers = {};
	await stage.round();
	assert.equal(graph.subscriptions.length, 1);
});

test("our subscriptions are found on any page of Microsoft's list", async (t) => {
	const stage = await Stage.open(t);
	stage.simulator.graph.subscriptionsPerPage = 2;
	const places = [0, 1, 2, 3, 4].map(open);
	places.forEach((place) => stage.simulator.graph.messages.set(place, []));
	subscribe(stage, ...places);
	await stage.settle();
	assert.equal(resources(stage).length, 5);
	await stage.round();
	assert.deepEqual([stage.asked("POST"), stage.asked("DELETE")], [[], []]);
	assert.deepEqual(stage.simulator.refusals, []);
});

test("what is kept says nothing about the client state to whoever guesses it", async (t) => {
	const stage = await Stage.open(t);
	await stage.settle();
	const markOf = () => (stage.state["subscriptions"] as { mark: string }[])[0]?.mark;
	const before = markOf();
	stage.stored.authentications = stage.stored.authentications.map((entry) =>
		entry.authenticationId === stage.simulator.account.ourAddress ? { ...entry, secrets: ["another one"] } : entry,
	);
	const { markOf: mark } = await import("#connectors/teams/subscriptions.ts");
	assert.notEqual(mark(stage.config, { webhookUrl: stage.webhookUrl }), before);
});

test("a bot with a wrong secret is told as what is in the way, until it is mended", async (t) => {
	const stage = await Stage.open(t, { mode: "bot" });
	const good = stage.stored.authentications;
	stage.stored.authentications = good.map((entry) => ({ ...entry, secrets: ["a wrong one"] }));
	const { trouble, nextAt } = await stage.round();
	assert.match(trouble?.detail ?? "", /AADSTS7000215/);
	assert.equal(nextAt.getTime() - stage.clock.now().getTime(), minuteMs);
	stage.stored.authentications = good;
	assert.equal((await stage.round()).trouble, undefined);
});
