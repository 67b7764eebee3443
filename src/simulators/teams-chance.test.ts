// Goal: whatever comes together — many chats, bursts, refusals that come and go, Microsoft in trouble, pages that are
// forgotten — in the end every message of every chat was told, and those of one chat oldest first.

import assert from "node:assert/strict";
import test from "node:test";
import type { HttpReply } from "./kit.ts";
import { minuteMs, TeamsStage as Stage } from "#test/teams-stage.ts";
import { jsonReply } from "./kit.ts";

const chatsMax = 70;
const chat = (number: number) => `19:${"c".repeat(number + 1)}@thread.v2`;

/** Numbers from 0 to below `end`, the same for the same seed. */
function dice(seed: number): (end: number) => number {
	let state = seed + 1;
	return (end) => {
		state = (state * 48_271) % 2_147_483_647;
		return state % end;
	};
}

const troubles: readonly (HttpReply | undefined)[] = [
	undefined,
	undefined,
	jsonReply(503, {}),
	jsonReply(403, {}),
	{ ...jsonReply(429, {}), headers: { "retry-after": "30" } },
	jsonReply(200, { hello: "world" }),
];

function spoil(stage: Stage, roll: (end: number) => number): void {
	const { simulator } = stage;
	const resources = ["chats", "subscriptions", "keys", "me", "token"] as const;
	const trouble = troubles[roll(troubles.length)];
	const resource = resources[roll(resources.length)];
	simulator.answers = trouble === undefined || resource === undefined ? {} : { [resource]: trouble };
	if (roll(4) === 0) {
		simulator.forgetTokens();
	}
	const place = chat(roll(chatsMax));
	const status = roll(2) === 0 ? 403 : 500;
	simulator.graph.closed.set(place, { status, code: "Refused", message: "Not now." });
	[...simulator.graph.closed.keys()].slice(0, -8).forEach((one) => simulator.graph.closed.delete(one));
	const walk = stage.state["walk"] as { page?: string } | undefined;
	if (walk?.page !== undefined && roll(6) === 0) {
		stage.state = { ...stage.state, walk: { ...walk, page: "?$skiptoken=forgotten" } };
	}
}

for (let seed = 0; seed < 6; seed++) {
	test(`nothing is lost, whatever comes together (${seed})`, async (t) => {
		const stage = await Stage.open(t);
		const roll = dice(seed);
		if (seed % 3 === 0) {
			stage.stored.settings = { ...stage.stored.settings, subscribeTo: `${chat(0)} chats ${chat(1)}` };
		}
		[0, 1].forEach((number) => stage.simulator.graph.messages.set(chat(number), []));
		await stage.settle();
		const written = new Map<string, string[]>();
		for (let turn = 0; turn < 25; turn++) {
			const burst = roll(10) === 0 ? 150 + roll(1200) : roll(60);
			const only = roll(3) === 0 ? roll(chatsMax) : undefined;
			for (let index = 0; index < burst; index++) {
				const place = chat(only ?? roll(chatsMax));
				stage.clock.advance(1 + roll(5));
				const text = `${turn} ${index}`;
				stage.simulator.writesUnheard({ from: place, text });
				written.set(place, [...(written.get(place) ?? []), text]);
			}
			spoil(stage, roll);
			await stage.round();
			assert.ok(stage.calls.length <= 60, `${stage.calls.length} requests`);
			stage.clock.advance([5000, 20_000, minuteMs, 29 * minuteMs][roll(4)] ?? 0);
		}
		stage.simulator.answers = {};
		stage.simulator.graph.closed.clear();
		for (let round = 0; round < 80; round++) {
			stage.clock.advance(20_000);
			await stage.round();
		}
		const told = new Map(stage.events.map((event) => [event.dedupKey, event]));
		const byChat = Map.groupBy(
			[...told.values()].flatMap((event) => (event.kind === "message" ? [event] : [])),
			({ contact }) => contact.address,
		);
		for (const [place, texts] of written) {
			const found = (byChat.get(place) ?? []).map(({ text }) => text);
			assert.deepEqual(found, texts, place);
		}
		assert.ok(JSON.stringify(stage.state).length < 60_000, "what is kept stays small");
	});
}
