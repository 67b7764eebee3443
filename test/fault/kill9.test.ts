// Goal: kill −9 at any moment loses nothing that was acknowledged, shows nothing twice, and sends nothing twice unmarked.
// Method: the program as a process of its own under webhooks and sends from several contacts, killed at random (seeded)
// moments; then the simulator's books are compared with what the API shows (invariants I1, I2, I3, I5, I6, I10).

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "#platform/clock.ts";
import { simulators } from "#simulators/simulators.ts";
import { seededRandom } from "#test/scene.ts";
import { childParley, configure, type MessageObject, until } from "#test/parley.ts";

const cycles = 4;
const contactCount = 6;
const seed = Number(process.env["PARLEY_TEST_SEED"] ?? 20260101);

test(`kill −9, ${cycles} times (seed ${seed})`, { timeout: 240_000 }, async (t) => {
	const random = seededRandom(seed);
	const start = simulators["sinchconversation"];
	assert.ok(start);
	const simulator = await start({ clock: systemClock, random });
	t.after(() => simulator.close());
	const parley = await childParley(t, ["--lease.ms", "2000"]);
	const { api } = parley;
	await parley.start();
	const service = await configure(api, simulator, { unknownWaitSeconds: 3 });

	const acknowledged = new Set<string>();
	const offered = new Set<string>();
	const accepted: string[] = [];
	let isUp = true;

	async function contactTalks(contact: number): Promise<void> {
		for (let number = 0; isUp; number++) {
			const remoteId = `01M${contact}${Math.floor(random.fraction() * 1e15)}${number}`;
			offered.add(remoteId);
			const said = await simulator.contactWrites({ from: `+49151000000${contact}`, text: remoteId, remoteId });
			if (said.status === 200) {
				acknowledged.add(said.remoteId);
			}
			await wait(2);
		}
	}

	async function agentAnswers(contact: number): Promise<void> {
		for (let number = 0; isUp; number++) {
			const body = {
				service: service.id,
				from: simulator.account.ourAddress,
				to: `+49151000000${contact}`,
				text: `answer ${number}`,
			};
			const answer = await api.ask("POST", "/RI/cmi/messages", body).catch(() => undefined);
			if (answer?.status === 202) {
				accepted.push(((await answer.json()) as MessageObject).id);
			}
			await wait(30);
		}
	}

	for (let cycle = 0; cycle < cycles; cycle++) {
		isUp = true;
		const talk = Array.from({ length: contactCount }, (_, contact) => contactTalks(contact));
		const answers = [agentAnswers(0), agentAnswers(1)];
		await wait(200 + random.fraction() * 900);
		await parley.kill();
		isUp = false;
		await Promise.allSettled([...talk, ...answers]);
		await parley.start();
	}
	await simulator.settled();

	const shown = await until(
		async () => {
			const incoming = await allMessages("in");
			return incoming.every(({ state }) => state === "matched") ? incoming : undefined;
		},
		"every message is matched",
		60_000,
	);
	const shownIds = shown.flatMap(({ remoteIds }) => remoteIds);
	assert.ok(
		acknowledged.size > cycles * contactCount,
		`only ${acknowledged.size} were acknowledged: the test proves nothing`,
	);
	assert.equal(new Set(shownIds).size, shownIds.length, "I3: nothing is shown twice");
	assert.deepEqual(
		[...acknowledged].filter((id) => !shownIds.includes(id)),
		[],
		"I1: nothing acknowledged is lost",
	);
	assert.deepEqual(
		shownIds.filter((id) => !offered.has(id)),
		[],
		"I2: nothing is shown that nobody sent",
	);

	const final = new Set(["sent", "delivered", "read", "failed", "expired", "held"]);
	const sends = await until(
		async () => {
			const outgoing = await allMessages("out");
			return outgoing.every(({ state }) => final.has(state)) ? outgoing : undefined;
		},
		"every send has an end",
		60_000,
	);
	assert.deepEqual(
		accepted.filter((id) => !sends.some((send) => send.id === id)),
		[],
		"I5: no accepted send vanishes",
	);
	const takenTimes = Map.groupBy(simulator.taken, ({ attemptId }) => attemptId);
	assert.deepEqual(
		[...takenTimes.values()].filter((taken) => taken.length > 1),
		[],
		"I6: no attempt is made twice",
	);
	assert.ok(simulator.taken.length <= sends.length + sends.filter((send) => send.possibleDuplicate).length, "I6");

	await parley.kill();
	const { stdout } = await promisify(execFile)(process.execPath, ["src/main.ts", "verify", ...parley.argv]);
	assert.match(stdout, /^(✔.*\n)+$/, "I10: verify finds nothing");

	async function allMessages(direction: "in" | "out"): Promise<MessageObject[]> {
		const found: MessageObject[] = [];
		let path: string | undefined = `/RI/cmi/messages?service=${service.id}&direction=${direction}&limit=1000`;
		while (path !== undefined) {
			const answer = await api.ask("GET", path);
			assert.equal(answer.status, 200);
			found.push(...((await answer.json()) as MessageObject[]));
			const [, next] = /<([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "") ?? [];
			path = next === undefined ? undefined : new URL(next, api.origin).pathname + new URL(next, api.origin).search;
		}
		return found;
	}
});
