// Goal: a session ends when it must, on every node within a second, and every node knows who is there, even after another
// died without a word. Method: two nodes on one database and one clock; a node dies by never being heard again.

import assert from "node:assert/strict";
import test from "node:test";
import { lastAlive, presentUsers } from "#storage/chat-sessions.ts";
import { type Client, type LoggedIn, type WireScene, wireScene } from "#test/wire-scene.ts";
import { onBothDialects, openTemporarySqlite, type OpenStorage } from "#test/storage-on-both.ts";

type Ends = { after(end: () => unknown): void; run(): Promise<void> };

/** What a test of both dialects has in place of its context. */
function ends(): Ends {
	const all: (() => unknown)[] = [];
	return {
		after: (end) => void all.push(end),
		async run() {
			for (const end of all) {
				await end();
			}
		},
	};
}

function onOneNode(name: string, body: (scene: WireScene) => Promise<void>): void {
	onBothDialects(name, async (open: OpenStorage) => {
		const end = ends();
		try {
			await body(await wireScene(end, { storage: await open() }));
		} finally {
			await end.run();
		}
	});
}

const turnsMin = 20;
const turnsMax = 2000; // What waits for a time only once does not come back to wait.

/** Lets the rounds of the clock's next time run to their end: each asks the database a few times, and waits for its next. */
async function pass(scene: WireScene, ms: number): Promise<void> {
	const stepMs = ms > 5000 ? 5000 : 500;
	for (let left = ms; left > 0; left -= stepMs) {
		const waiting = scene.clock.timers();
		scene.clock.advance(Math.min(stepMs, left));
		for (let turn = 0; turn < turnsMin || (turn < turnsMax && scene.clock.timers() < waiting); turn++) {
			await scene.storage.ping();
			await new Promise((resolve) => setImmediate(resolve));
		}
	}
}

/** How the socket closed, or that it did not in some seconds more. */
const closing = (scene: WireScene, { closed }: Client) =>
	Promise.race([closed, pass(scene, 4000).then(() => ({ code: 0, reason: "still open" }))]);

/** For what only has to happen some time. */
async function until(scene: WireScene, isSo: () => Promise<boolean>): Promise<void> {
	while (!(await isSo())) {
		await pass(scene, 500);
	}
}

const lost = async ({ storage, clock }: WireScene) =>
	[...(await lastAlive(storage.db, "agent"))]
		.map(([userId, until]) => [userId, until.getTime()] as const)
		.filter(([, until]) => until <= clock.now().getTime());
const present = ({ storage, clock }: WireScene) => presentUsers(storage.db, "agent", clock.now());
const isUsable = async ({ origin }: WireScene, { cookie }: LoggedIn) =>
	(await fetch(`${origin}/desk/ecfs/rest/users/me/properties`, { headers: { cookie } })).status === 200;

async function leave(client: Client, scene: WireScene): Promise<void> {
	const before = scene.events.length;
	client.ws.close();
	await client.closed;
	while (scene.events.length === before) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

/** What is written down after a socket closed, nobody waits for. */
async function untilGone(scene: WireScene, userId: string): Promise<void> {
	while ((await present(scene)).includes(userId)) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

/** Their time is renewed by rounds, which the clock wakes and nobody waits for. */
async function untilHere(scene: WireScene, userId: string): Promise<void> {
	while (!(await present(scene)).includes(userId)) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

onOneNode("whoever has a socket is there; the last one that closes says since when", async (scene) => {
	const me = await scene.logIn(await scene.person());
	assert.deepEqual(await present(scene), []);
	const [one, other] = [await scene.enter(me), await scene.enter(me)];
	assert.deepEqual([await present(scene), await lost(scene)], [[me.id], []]);
	for (let round = 0; round < 12; round++) {
		await pass(scene, 5000);
		await untilHere(scene, me.id);
		assert.deepEqual(await lost(scene), []);
	}
	await leave(one, scene);
	assert.deepEqual(await present(scene), [me.id]);
	const beforeMs = scene.clock.now().getTime();
	await leave(other, scene);
	await untilGone(scene, me.id);
	const [[userId, since] = []] = await lost(scene);
	assert.deepEqual([userId, await present(scene)], [me.id, []]);
	assert.ok(Number(since) >= beforeMs && Number(since) <= scene.clock.now().getTime());
	assert.deepEqual(
		scene.events.map(({ event, open }) => [event, open]),
		[
			["opened", 1],
			["opened", 2],
			["closed", 1],
			["closed", 0],
		],
	);
	await scene.enter(me);
	assert.deepEqual([await present(scene), await lost(scene)], [[me.id], []]);
});

test("a socket that is refused because the database takes no writes leaves nobody behind", async (t) => {
	const real = await openTemporarySqlite(t);
	let isBroken = false;
	const scene = await wireScene(t, {
		storage: {
			...real,
			write: (work) => (isBroken ? Promise.reject(new Error("It takes no writes.")) : real.write(work)),
		},
	});
	const me = await scene.logIn(await scene.person());
	const client = await scene.enter(me);
	isBroken = true;
	await assert.rejects(scene.enter(me), /500/);
	isBroken = false;
	client.ws.close();
	await client.closed;
	await pass(scene, 60_000);
	assert.deepEqual(await present(scene), []);
});

onBothDialects("a node that dies without a word is noticed by the others within thirty seconds", async (open) => {
	const [dead, living] = [ends(), ends()];
	try {
		const storage = await open();
		const dying = await wireScene(dead, { storage });
		const survivor = await wireScene(living, { storage });
		const [gone, here] = [await dying.logIn(await dying.person()), await dying.logIn(await dying.person())];
		await dying.enter(gone);
		await survivor.enter(here);
		const lastHeardMs = dying.clock.now().getTime();
		// From here on the first node's clock stands still: it renews nothing, and it closes nothing.
		await pass(survivor, 29_000);
		assert.deepEqual((await present(survivor)).toSorted(), [gone.id, here.id].toSorted());
		await pass(survivor, 1000);
		assert.deepEqual(await present(survivor), [here.id]);
		assert.deepEqual(await lost(survivor), [[gone.id, lastHeardMs + 30_000]]);
	} finally {
		await living.run();
		await dead.run();
	}
});

onBothDialects("a session that ends on one node has no socket on another within a second", async (open) => {
	const [one, other] = [ends(), ends()];
	try {
		const storage = await open();
		const [here, there] = [await wireScene(one, { storage }), await wireScene(other, { storage })];
		const me = await here.logIn(await here.person());
		const client = await there.enter(me);
		const at = `${here.origin}/desk/ecfs/authentication/`;
		assert.equal((await fetch(at, { method: "DELETE", headers: { cookie: me.cookie } })).status, 200);
		await pass(there, 1000);
		assert.equal((await closing(there, client)).code, 1008);
	} finally {
		await one.run();
		await other.run();
	}
});

const endings: Readonly<Record<string, (scene: WireScene, me: LoggedIn) => Promise<unknown>>> = {
	"the user is disabled": ({ storage }, { id }) =>
		storage.db.updateTable("users").set({ enabled: 0 }).where("id", "=", id).execute(),
	"the user is deleted": ({ storage }, { id }) => storage.db.deleteFrom("users").where("id", "=", id).execute(),
	"the password is changed": ({ storage, clock }, { id }) =>
		storage.db
			.updateTable("users")
			.set({ password_changed_at: clock.now().getTime() + 1 })
			.where("id", "=", id)
			.execute(),
};
for (const [what, happen] of Object.entries(endings)) {
	onOneNode(`when ${what}, the sockets close within a second and the cookie opens nothing`, async (scene) => {
		const me = await scene.logIn(await scene.person());
		const stays = await scene.logIn(await scene.person());
		const [client, other] = [await scene.enter(me), await scene.enter(stays)];
		await happen(scene, me);
		await pass(scene, 1000);
		assert.equal((await closing(scene, client)).code, 1008);
		assert.equal(await isUsable(scene, me), false);
		assert.equal(other.ws.readyState, other.ws.OPEN);
	});
}

onOneNode("a change that is no matter of logging in ends nothing", async (scene) => {
	const me = await scene.logIn(await scene.person());
	const client = await scene.enter(me);
	await scene.storage.db.updateTable("users").set({ title: "Dr", version: 9 }).where("id", "=", me.id).execute();
	await pass(scene, 2000);
	assert.equal(client.ws.readyState, client.ws.OPEN);
	assert.equal(await isUsable(scene, me), true);
});

onOneNode("three minutes after its last socket a session ends, unless a chat is open", async (scene) => {
	const [idle, busy] = [await scene.logIn(await scene.person()), await scene.logIn(await scene.person())];
	scene.busy.add(busy.id);
	await leave(await scene.enter(idle), scene);
	await leave(await scene.enter(busy), scene);
	await untilGone(scene, idle.id);
	await untilGone(scene, busy.id);
	await pass(scene, 170_000);
	assert.equal((await scene.enter(idle)).ws.readyState, 1, "still good");
	await pass(scene, 200_000);
	assert.deepEqual([await isUsable(scene, idle), await isUsable(scene, busy)], [true, true]);
	for (const { ws, closed } of [await scene.enter(idle)]) {
		ws.close();
		await closed;
	}
	scene.busy.clear();
	await pass(scene, 195_000);
	assert.equal(await isUsable(scene, busy), false);
});

onOneNode("calls by HTTP keep a session without a socket", async (scene) => {
	const me = await scene.logIn(await scene.person());
	for (let round = 0; round < 5; round++) {
		await pass(scene, 150_000);
		assert.equal(await isUsable(scene, me), true);
	}
	await pass(scene, 190_000);
	assert.equal(await isUsable(scene, me), false);
});

onOneNode(
	"twelve hours end an agent's session, whatever is open; what ended is forgotten after a day",
	async (scene) => {
		const me = await scene.logIn(await scene.person());
		const client = await scene.enter(me);
		scene.busy.add(me.id);
		const hour = 3_600_000;
		const { expires_at } = await scene.storage.db.selectFrom("chat_sessions").selectAll().executeTakeFirstOrThrow();
		assert.equal(expires_at, scene.clock.now().getTime() + 12 * hour);
		await scene.storage.db
			.updateTable("chat_sessions")
			.set({ expires_at: scene.clock.now().getTime() + 1000 })
			.execute();
		await pass(scene, 2000);
		assert.equal((await closing(scene, client)).code, 1008);
		const rows = () => scene.storage.db.selectFrom("chat_sessions").select(["user_id", "ended_at"]).execute();
		const ended = async () => (await rows()).filter(({ ended_at }) => ended_at !== null).map(({ user_id }) => user_id);
		await until(scene, async () => (await ended()).includes(me.id));
		scene.clock.advance(25 * hour);
		const last = await scene.logIn(await scene.person());
		await scene.storage.db.updateTable("chat_sessions").set({ expires_at: 1 }).where("user_id", "=", last.id).execute();
		await until(scene, async () => (await ended()).includes(last.id));
		assert.equal((await rows()).length, 1, "only the one that just ended");
	},
);

onOneNode("an agent at a socket is not idle: the browser's session lives on", async (scene) => {
	const person = await scene.person();
	const me = await scene.logIn(person);
	await scene.storage.db
		.insertInto("sessions")
		.values({
			token_hash: new Uint8Array([1]),
			id: "B",
			user_id: person.id,
			created_at: scene.clock.now().getTime(),
			last_seen_at: scene.clock.now().getTime(),
			expires_at: scene.clock.now().getTime() + 36_000_000,
			user_agent: "",
		})
		.execute();
	await scene.storage.db.updateTable("chat_sessions").set({ browser_session_id: "B" }).execute();
	await scene.enter(me);
	for (let round = 0; round < 12; round++) {
		await pass(scene, 5000);
	}
	const { last_seen_at } = await scene.storage.db.selectFrom("sessions").selectAll().executeTakeFirstOrThrow();
	assert.ok(scene.clock.now().getTime() - last_seen_at <= 20_000);
});
