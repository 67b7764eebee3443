// Goal (R12): a call repeated under its Idempotency-Key makes its message once and gets the first answer again, byte for
// byte, whoever else repeats it at the same time and whatever crashes in between. A call that is running is 409, another
// request under a used key 422, a key that is none 400; keys are kept for 24 hours and are new afterwards; keys of
// different callers and paths never meet.
// Method: random waves of concurrent calls through the real doors, judged by what the simulated provider took; a process
// that dies at each point of a call; a process of its own that is killed.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { systemClock } from "#platform/clock.ts";
import { simulators } from "#simulators/simulators.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { openStorage, type Storage } from "#storage/storage.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { type Api, childParley, configure, startParley, until } from "#test/parley.ts";
import { testServer } from "#test/postgres.ts";
import { restScene } from "#test/rest-scene.ts";
import { seededRandom } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { made, post, thingRoutes } from "#test/thing-routes.ts";

const calls = numberFlag("runs", 300);
const kills = numberFlag("cycles", 2);
const seed = seedFlag();
const path = "/RI/cmi/messages";
const hourMs = 3_600_000;

type Caller = { name: string; authorization: string };
type Body = { service: string; from: string; to: string; text: string };
type Answer = {
	status: number;
	body: string;
	location: string | null;
	replayed: boolean;
	startMs: number;
	endMs: number;
};

async function simulate(t: TestContext): Promise<Simulator> {
	const start = simulators["sinchconversation"];
	assert.ok(start);
	const simulator = await start({ clock: systemClock, random: seededRandom(seed) });
	t.after(() => simulator.close());
	simulator.manners = { ...simulator.manners, receipts: [] };
	return simulator;
}

async function call(api: Api, caller: Caller, body: unknown, key?: string, to = path): Promise<Answer> {
	const startMs = performance.now();
	const headers = { authorization: caller.authorization, ...(key === undefined ? {} : { "idempotency-key": key }) };
	const answer = await api.ask("POST", to, body, headers);
	const text = await answer.text();
	const { headers: got, status } = answer;
	const replayed = got.get("idempotency-replayed") === "true";
	return { status, body: text, location: got.get("location"), replayed, startMs, endMs: performance.now() };
}

/** The administrator by two tokens, and two users with a token each: three callers with four ways to prove themselves. */
async function callersOn(api: Api): Promise<Caller[]> {
	const administrator = await api.call<{ userId: string }>("POST", "/RI/rci/apiTokens", { name: "own" });
	const users = [];
	for (const name of ["one", "two"]) {
		const person = { firstName: "Program", surname: name, login: `program-${name}`, externalUser: true };
		const user = await api.call<{ id: string }>("POST", "/RI/rci/users", person);
		await api.call("PUT", `/RI/rci/users/${user.id}/rights`, [
			{ objectType: "messagingService", objectId: null, access: ["view", "messaging"] },
		]);
		users.push(user.id);
	}
	const owners = [administrator.userId, administrator.userId, ...users];
	const callers: Caller[] = [];
	for (const userId of owners) {
		const { token } = await api.call<{ token: string }>("POST", "/RI/rci/apiTokens", { name: "test", userId });
		callers.push({ name: userId, authorization: `Bearer ${token}` });
	}
	return callers;
}

/** What was called: one caller's key, with one of two requests; undefined: without a key. */
type Wanted = { caller: Caller; key: string | undefined; body: Body };

for (const dialect of ["sqlite", "postgres"] as const) {
	const name = `${calls} concurrent calls: each key makes its message once, with one answer (seed ${seed}) (${dialect})`;
	test(name, { timeout: 3_600_000 }, async (t) => {
		const argv = await databaseArguments(dialect);
		if (typeof argv === "string") {
			t.skip(argv);
			return;
		}
		const seen = await wavesOfCalls(t, argv);
		// SQLite answers without ever waiting, so one process never meets a call that is running.
		for (const status of dialect === "postgres" ? [202, 409, 422] : [202, 422]) {
			assert.ok((seen.get(status) ?? 0) > 0, `no call was answered ${status}: ${JSON.stringify([...seen])}`);
		}
	});
}

/** What the program is started with, or why it cannot be. */
async function databaseArguments(dialect: "sqlite" | "postgres"): Promise<readonly string[] | string> {
	if (dialect === "sqlite") {
		return [];
	}
	const server = await testServer();
	return server.ok ? ["--database", await server.freshDatabase()] : server.reason;
}

/** Returns how often each status was answered. */
async function wavesOfCalls(t: TestContext, argv: readonly string[]): Promise<ReadonlyMap<number, number>> {
	const random = seededRandom(seed);
	const simulator = await simulate(t);
	const parley = await startParley(t, { argv });
	const service = await configure(parley, simulator, { keepReplyWindow: false });
	const callers = await callersOn(parley);
	const { ourAddress } = simulator.account;
	const tried = new Map<string, { wanted: Wanted; answer: Answer }[]>();
	const seen = new Map<number, number>();
	let withoutKey = 0;

	function want(wave: number): Wanted {
		const caller = callers[Math.floor(random.fraction() * callers.length)];
		assert.ok(caller);
		// The same few keys for all callers; some of earlier waves are used again.
		const round = random.fraction() < 0.2 ? Math.floor(random.fraction() * (wave + 1)) : wave;
		const key = random.fraction() < 0.05 ? undefined : `key ${round}.${Math.floor(random.fraction() * 3)}`;
		const variant = random.fraction() < 0.8 ? "a" : "b";
		const text = `${caller.name} ${key ?? `none ${withoutKey++}`} ${variant}`;
		// Many contacts, because one conversation is sent one after the other.
		const to = `+49151${(key ?? text).replaceAll(/\D/g, "").slice(-6)}0`;
		return { caller, key, body: { service: service.id, from: ourAddress, to, text } };
	}

	for (let wave = 0, asked = 0; asked < calls; wave++) {
		const wanting = Array.from({ length: 1 + Math.floor(random.fraction() * 30) }, () => want(wave));
		asked += wanting.length;
		await Promise.all(
			wanting.map(async (wanted) => {
				const answer = await call(parley, wanted.caller, wanted.body, wanted.key);
				seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
				const name = `${wanted.caller.name} ${wanted.key ?? wanted.body.text}`;
				tried.set(name, [...(tried.get(name) ?? []), { wanted, answer }]);
			}),
		);
	}

	const texts: string[] = [];
	for (const group of tried.values()) {
		texts.push(await judge(parley, group));
	}
	await until(() => (simulator.taken.length >= texts.length ? true : undefined), "every message was sent", 60_000);
	assert.deepEqual(simulator.taken.map(({ text }) => text).toSorted(inOrder), texts.toSorted(inOrder));
	assert.deepEqual(simulator.refusals, []);
	assert.ok(withoutKey > 0);
	return seen;
}

function inOrder(one: string, other: string): number {
	return one < other ? -1 : one > other ? 1 : 0;
}

/** All calls of one caller under one key. Returns the text of the one message they made. */
async function judge(api: Api, group: readonly { wanted: Wanted; answer: Answer }[]): Promise<string> {
	const accepted = group.filter(({ answer }) => answer.status === 202);
	const [first] = accepted;
	assert.ok(first, "the first call of a key runs");
	const { text } = first.wanted.body;
	for (const { wanted, answer } of accepted) {
		assert.deepEqual([answer.body, answer.location], [first.answer.body, first.answer.location], "another answer");
		assert.equal(wanted.body.text, text, "another request was answered with this one's answer");
	}
	assert.equal(accepted.filter(({ answer }) => !answer.replayed).length, 1, "it ran once");
	for (const { wanted, answer } of group.filter(({ answer: { status } }) => status !== 202)) {
		const { code } = JSON.parse(answer.body) as { code: string };
		if (answer.status === 422) {
			assert.equal(code, "idempotency_mismatch");
			assert.notEqual(wanted.body.text, text, "the same request was called another one");
			continue;
		}
		assert.deepEqual([answer.status, code], [409, "idempotency_running"], answer.body);
		const isMet = group.some(({ answer: a }) => a !== answer && a.startMs < answer.endMs && a.endMs > answer.startMs);
		assert.ok(isMet, "409 although nobody else was calling");
	}
	const { caller, key, body } = first.wanted;
	if (key !== undefined) {
		const again = await call(api, caller, { ...body }, key);
		assert.deepEqual([again.status, again.body, again.replayed], [202, first.answer.body, true]);
		const mixed = Object.fromEntries(Object.entries(body).toReversed());
		assert.equal((await call(api, caller, mixed, key)).body, first.answer.body, "the order of fields is no difference");
		assert.equal((await call(api, caller, { ...body, text: `${text} other` }, key)).status, 422);
	}
	return text;
}

test("a key is kept for 24 hours and is new afterwards; one that is none is refused; another path is another key", async (t) => {
	const simulator = await simulate(t);
	const parley = await startParley(t);
	const service = await configure(parley, simulator, { keepReplyWindow: false });
	const callers = await callersOn(parley);
	const [caller, , stranger] = callers;
	assert.ok(caller && stranger);
	const body = { service: service.id, from: simulator.account.ourAddress, to: "+4915112345", text: "once" };
	for (const key of ["", "x".repeat(256), "schlüssel", "a\tb"]) {
		const answer = await call(parley, caller, body, key);
		assert.equal(answer.status, 400, `${JSON.stringify(key)}: ${answer.body}`);
		assert.equal((JSON.parse(answer.body) as { code: string }).code, "idempotency_key_invalid");
	}
	const first = await call(parley, caller, body, "k");
	assert.equal(first.status, 202, first.body);
	assert.notEqual((await call(parley, stranger, body, "k")).body, first.body, "a stranger's key is another key");
	const group = await call(parley, caller, { name: "Agents" }, "k", "/RI/rci/userGroups");
	assert.equal(group.status, 201, group.body);

	const storage = await openStorage(parley.settings.database, () => undefined);
	t.after(() => storage.close());
	await makeOlder(storage, 24 * hourMs - 60_000);
	assert.equal((await call(parley, caller, body, "k")).body, first.body, "kept for 24 hours");
	await makeOlder(storage, 120_000);
	const anew = await call(parley, caller, { ...body, text: "another" }, "k");
	assert.deepEqual([anew.status, anew.replayed], [202, false], "after that the key is new, also for another request");
	assert.equal((await call(parley, caller, { ...body, text: "another" }, "k")).body, anew.body);
	await until(() => (simulator.taken.length >= 3 ? true : undefined), "three messages");
	assert.deepEqual(simulator.taken.map(({ text }) => text).toSorted(inOrder), ["another", "once", "once"]);
});

/** As if all that was kept had been kept so much earlier. */
async function makeOlder(storage: Storage, ms: number): Promise<void> {
	await storage.db
		.updateTable("idempotency")
		.set((eb) => ({ created_at: eb("created_at", "-", ms) }))
		.execute();
}

class Dead extends Error {}

/** A storage whose process ends at one of its transactions: before it begins, or right after its commit. */
function dyingStorage(storage: Storage, transaction: number, when: "before" | "after"): Storage {
	let count = 0;
	let isDead = false;
	const alive = (): void => {
		if (isDead) {
			throw new Dead("the process ended");
		}
	};
	return {
		...storage,
		async write(work) {
			alive();
			count += 1;
			isDead = count === transaction && when === "before";
			alive();
			const result = await storage.write(work);
			isDead = count === transaction;
			alive();
			return result;
		},
	};
}

for (const when of ["before", "after"] as const) {
	for (const transaction of [1, 2, 3]) {
		test(`a process that ends ${when} transaction ${transaction} of a call: repeated, it makes one thing`, async (t) => {
			const storage = await openTemporarySqlite(t);
			const scene = await restScene(t, { routes: thingRoutes, storage });
			const ada = await scene.person();
			const dying = await restScene(t, { routes: thingRoutes, storage: dyingStorage(storage, transaction, when) });
			const lost = await dying.call(post("x", "key"), ada);
			const hasDied = lost.statusCode === 500;
			assert.ok(hasDied || transaction > 1, "a call writes at least once");
			const first = await scene.call(post("x", "key"), ada);
			const again = await scene.call(post("x", "key"), ada);
			assert.deepEqual([first.statusCode, again.statusCode], [201, 201]);
			assert.equal(again.body, first.body);
			assert.ok(hasDied || lost.body === first.body);
			assert.equal(await made(scene), 1);
		});
	}
}

test(`killed ${kills} times under calls: each key made one message, and no answer that was given changes (seed ${seed})`, async (t) => {
	const random = seededRandom(seed);
	const simulator = await simulate(t);
	const parley = await childParley(t, ["--lease.ms", "2000"]);
	await parley.start();
	const service = await configure(parley.api, simulator, { keepReplyWindow: false, unknownWaitSeconds: 1 });
	const { token } = await parley.api.call<{ token: string }>("POST", "/RI/rci/apiTokens", { name: "test" });
	const caller = { name: "admin", authorization: `Bearer ${token}` };
	const given = new Map<string, string>();
	let unanswered = 0;

	const bodyOf = (key: string) => ({
		service: service.id,
		from: simulator.account.ourAddress,
		to: `+4915100000${key.length}${key.at(-1)}`,
		text: key,
	});
	async function ask(key: string): Promise<void> {
		const answer = await call(parley.api, caller, bodyOf(key), key);
		if (answer.status !== 409) {
			assert.equal(answer.status, 202, answer.body);
			assert.equal(given.get(key) ?? answer.body, answer.body, "an answer changed");
			given.set(key, answer.body);
		}
	}
	const keys: string[] = [];
	for (let cycle = 0; cycle < kills; cycle++) {
		const work = Array.from({ length: 8 }, async (_, worker) => {
			for (let number = 0, isUp = true; isUp; number++) {
				const key = `${cycle}.${worker}.${number}`;
				keys.push(key);
				// Called twice at once, as by a client that lost patience.
				const asked = await Promise.allSettled([ask(key), ask(key)]);
				const cut = asked.filter(({ status }) => status === "rejected").map((one) => reasonOf(one));
				assert.deepEqual(
					cut.filter((reason) => reason instanceof assert.AssertionError),
					[],
				);
				unanswered += cut.length;
				isUp = cut.length === 0; // A port that nobody listens on is left alone: a socket may connect to itself there.
			}
		});
		const enough = given.size + 5 + Math.floor(random.fraction() * 60);
		await until(() => (given.size >= enough ? true : undefined), "some calls are answered", 60_000);
		await parley.kill();
		await Promise.all(work);
		await parley.start();
	}
	assert.ok(unanswered > 0 && given.size > 0, `${unanswered} calls were cut off, ${given.size} answered`);
	for (const key of keys) {
		await ask(key);
	}
	assert.deepEqual(new Set(given.keys()), new Set(keys));
	const ids = [...given.values()].map((body) => (JSON.parse(body) as { id: string }).id);
	assert.equal(new Set(ids).size, keys.length);
	const stored = await countMessages(parley.api, service.id);
	assert.equal(stored, keys.length, "messages beside those that were answered");
});

function reasonOf(settled: PromiseSettledResult<unknown>): unknown {
	return settled.status === "rejected" ? settled.reason : undefined;
}

async function countMessages(api: Api, service: string): Promise<number> {
	let count = 0;
	let next: string | undefined = `${path}?service=${service}&direction=out&limit=1000`;
	while (next !== undefined) {
		const answer = await api.ask("GET", next);
		count += ((await answer.json()) as unknown[]).length;
		const [, link] = /<([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "") ?? [];
		next = link === undefined ? undefined : new URL(link, api.origin).pathname + new URL(link, api.origin).search;
	}
	return count;
}
