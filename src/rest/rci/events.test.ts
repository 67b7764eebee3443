// Goal: who watches the configuration misses no change, is told of nothing they may not view, and costs no queries per
// watcher. Method: a real connection; seconds pass only while the server waits for them.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { appendAudit } from "#storage/audit.ts";
import { localSignals } from "#storage/signals.ts";
import { recordSeen } from "#storage/vitals.ts";
import { replaceGrants } from "#storage/grants.ts";
import { administratorGrants, type Person, restScene } from "#test/rest-scene.ts";
import { countWaiting, listenLocally, passTime, readStream } from "#test/stream-reader.ts";
import { facebook } from "#test/service-stage.ts";
import { knownStates } from "./known-states.ts";
import { rciRoutes } from "./index.ts";

type Told = { type: string; objectType?: string; objectId?: string; action?: string; service?: string; state?: string };

async function open(t: TestContext) {
	const scene = await restScene(t, { routes: rciRoutes });
	scene.deps.signals = localSignals();
	const { waiting } = countWaiting(scene.clock);
	const url = `${await listenLocally(scene.app)}/RI/rci/events`;
	const admin = await scene.person({ login: "admin", grants: administratorGrants });
	const send = async (method: "POST" | "PATCH" | "DELETE", path: string, payload?: object) => {
		const body = payload === undefined ? {} : { payload };
		const answer = await scene.call({ method, url: `/RI/rci${path}`, ...body }, admin);
		assert.ok(answer.statusCode < 300, answer.body);
		return answer.statusCode === 201 ? answer.json<{ id: string }>().id : "";
	};
	const connect = async (who: Person, over: { query?: string; lastEventId?: string } = {}) => {
		const { query = "", lastEventId } = over;
		const last = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
		const stream = await readStream<Told>(t, `${url}${query}`, { authorization: who.authorization, ...last });
		/** So many next events, in a few words. */
		async function told(count: number): Promise<string[]> {
			const found: string[] = [];
			while (found.length < count) {
				const block = await stream.next();
				assert.ok(block, "the stream has not ended");
				if (block.data !== undefined) {
					found.push(inWords(block.data));
				}
			}
			return found;
		}
		return { ...stream, told };
	};
	return { ...scene, waiting, admin, send, connect };
}

function inWords({ type, objectType, objectId, action, service, state }: Told): string {
	return type === "changed" ? `${action} ${objectType} ${objectId}` : `${service} is ${state}`;
}

type Live = Awaited<ReturnType<typeof open>>;

async function seen(live: Live, serviceId: string): Promise<void> {
	const now = live.clock.now();
	const nothing = { lastFault: undefined, hasRecovered: true, faults: 0, wasGenuine: true, refusals: [], refused: 0 };
	const more = { lastInAt: now, lastOutAt: now, received: 1, sent: 1, failed: 0, calls: [] };
	await live.storage.write((tx) => recordSeen(tx, [{ ...nothing, ...more, serviceId }], now));
}

test("changes are told as they are made, by a hint at once, without texts and without who made them", async (t) => {
	const live = await open(t);
	const { next, told, response } = await live.connect(live.admin);
	assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
	assert.deepEqual((await next())?.text, "retry: 2000\nid: 0");
	const role = await live.send("POST", "/roles", { name: "Reader" });
	const block = await next();
	const at = "2026-01-02T12:00:00.000Z";
	assert.deepEqual([block?.id, block?.event], ["1", "changed"]);
	assert.deepEqual(block?.data, { id: "1", type: "changed", at, objectType: "role", objectId: role, action: "create" });
	await live.send("PATCH", `/roles/${role}`, { name: "Other" });
	await live.send("DELETE", `/roles/${role}`);
	assert.deepEqual(await told(2), [`modify role ${role}`, `delete role ${role}`]);
});

test("who comes back with Last-Event-ID misses nothing, however many messages were sent meanwhile", async (t) => {
	const live = await open(t);
	const role = await live.send("POST", "/roles", { name: "Reader" });
	const first = await live.connect(live.admin, { query: "?since=0" });
	await first.next();
	const block = await first.next();
	first.leave();
	const message = { userId: null, actor: "admin", via: "cmi", action: "create", objectType: "message" } as const;
	const entry = { ...message, at: live.clock.now(), objectId: null, objectName: null, changes: {} };
	await live.storage.write(async (tx) => {
		for (let count = 0; count < 1100; count++) {
			await appendAudit(tx, entry, (...pieces) => live.deps.mac("audit", ...pieces));
		}
	});
	await live.send("PATCH", `/roles/${role}`, { name: "Other" });
	const second = await live.connect(live.admin, { lastEventId: block?.id ?? "" });
	assert.deepEqual(await second.told(1), [`modify role ${role}`]);
	const wrong = await live.connect(live.admin, { lastEventId: "x" });
	assert.equal(wrong.response.status, 400);
	const beyond = await live.connect(live.admin, { lastEventId: "999999" });
	await live.send("DELETE", `/roles/${role}`);
	assert.deepEqual(await beyond.told(1), [`delete role ${role}`]);
});

test("the state of every service is told at first, and then each that is another, without a hint too", async (t) => {
	const live = await open(t);
	const id = await live.send("POST", "/messagingServices", facebook());
	const { told } = await live.connect(live.admin);
	assert.deepEqual(await told(1), [`${id} is connecting`]);
	await seen(live, id);
	const { value, seconds } = await passTime(live, told(1));
	assert.deepEqual(value, [`${id} is ready`]);
	assert.ok(seconds <= 3, `${seconds} s`);
	await live.send("PATCH", `/messagingServices/${id}`, { enabled: false });
	assert.deepEqual((await passTime(live, told(2))).value, [`modify messagingService ${id}`, `${id} is paused`]);
});

test("only what may be viewed is told of; a right that is new counts, and one that is gone", async (t) => {
	const live = await open(t);
	const [mine, other] = [
		await live.send("POST", "/messagingServices", facebook()),
		await live.send("POST", "/messagingServices", facebook({ name: "Other" })),
	];
	const on = { objectType: "messagingService", objectId: mine, access: ["view"] } as const;
	const viewer = await live.person({ login: "viewer", grants: [on] });
	const { told } = await live.connect(viewer);
	assert.deepEqual(await told(1), [`${mine} is connecting`]);
	await live.send("PATCH", `/messagingServices/${other}`, { name: "Hidden" });
	await live.send("POST", "/roles", { name: "Hidden" });
	await live.send("PATCH", "/smsServer", { variables: { useLocalHttpAuthentication: false } });
	await live.send("PATCH", `/messagingServices/${mine}`, { name: "Seen" });
	assert.deepEqual(await told(1), [`modify messagingService ${mine}`]);
	const holder = { kind: "user", id: viewer.id } as const;
	const grants = [{ ...on, objectId: other }];
	await live.storage.write((tx) => replaceGrants(tx, holder, grants, () => live.deps.ids.next()));
	const { value, seconds } = await passTime(live, told(1));
	assert.deepEqual(value, [`${other} is connecting`]);
	assert.ok(seconds <= 15, `${seconds} s`);
	await live.send("DELETE", `/messagingServices/${mine}`);
	await live.send("DELETE", `/messagingServices/${other}`);
	assert.deepEqual(await told(1), [`delete messagingService ${other}`], "although the right went with it");
});

test("a stream ends within 15 s when its user is disabled; who is not signed in gets none", async (t) => {
	const live = await open(t);
	assert.equal((await live.connect({ ...live.admin, authorization: "Bearer none" })).response.status, 401);
	const person = await live.person({ login: "person" });
	const { next } = await live.connect(person);
	await next();
	await live.send("PATCH", `/users/${person.id}`, { enabled: false });
	const { value, seconds } = await passTime(live, next());
	assert.equal(value, undefined);
	assert.ok(seconds <= 15, `${seconds} s`);
});

test("logging on is no change of the configuration", async (t) => {
	const live = await open(t);
	const { told } = await live.connect(live.admin);
	const user = { userId: live.admin.id, actor: "admin", objectType: "user", objectId: live.admin.id, objectName: null };
	await live.storage.write((tx) =>
		appendAudit(tx, { ...user, at: live.clock.now(), via: "logon", action: "logOn", changes: {} }, (...pieces) =>
			live.deps.mac("audit", ...pieces),
		),
	);
	const role = await live.send("POST", "/roles", { name: "Reader" });
	assert.deepEqual(await told(1), [`create role ${role}`]);
});

test("the states are computed once for everybody who watches, and again after two seconds", async (t) => {
	const live = await open(t);
	const spy = t.mock.method(live.storage.db.getExecutor(), "executeQuery");
	const states = knownStates(live.deps);
	await Promise.all(Array.from({ length: 20 }, () => states()));
	const once = spy.mock.callCount();
	live.clock.advance(1999);
	await states();
	assert.equal(spy.mock.callCount(), once);
	live.clock.advance(1);
	await states();
	assert.ok(spy.mock.callCount() > once);
});
