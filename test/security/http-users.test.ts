// Goal S4: a provider's HTTP user opens its own service's door and no other, a right that is taken away is gone at once, also
// on another node, and failed logons tell nothing and cost the server little. Method: running servers (two nodes on one
// PostgreSQL for what is taken away), signed webhooks of a simulated provider; for the time of a failure the real password
// hashing, kinds of failure in turn, medians; a flood of wrong passwords from many addresses while right ones go on.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { passwordHasher } from "#platform/passwords.ts";
import { systemClock } from "#platform/clock.ts";
import { startTwilioSimulator } from "#simulators/twilio.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { numberFlag } from "#test/flags.ts";
import { type Api, configure, machineUser, type ServiceObject, until } from "#test/parley.ts";
import { testServer } from "#test/postgres.ts";
import { basic, restScene } from "#test/rest-scene.ts";
import { seededRandom } from "#test/scene.ts";
import { serveHere, spawnParley } from "./own-parley.ts";

const goneWithinMs = 5000;
const samples = numberFlag("samples", 40);
type Logon = { login: string; password: string };
type Door = { simulator: Simulator; service: ServiceObject; user: Logon };

async function doorAt(t: TestContext, api: Api, seed: number): Promise<Door> {
	const simulator = await startTwilioSimulator({ clock: systemClock, random: seededRandom(seed) });
	t.after(() => simulator.close());
	const service = await configure(api, simulator);
	return { simulator, service, user: await machineUser(api, service.id, ["use", "view"]) };
}

/** What a well-signed webhook of this service is answered when it comes as this user, at this node. */
async function knock({ simulator, service }: Door, as: Logon | undefined, node?: Api): Promise<number> {
	const url = new URL(service.webhookUrl);
	simulator.pointAt(node === undefined ? url.href : node.origin + url.pathname, as);
	return (await simulator.contactWrites({ from: "+4915112345678", text: "hi" })).status;
}

test("a user opens the door of its own service only; without Use, or with other rights, it is 403 every time", async (t) => {
	const api = await serveHere(t, { allow: ["127.0.0.0/8"] });
	const doors = [await doorAt(t, api, 1), await doorAt(t, api, 2), await doorAt(t, api, 3)];
	let refusals = 0;
	for (let round = 0; round < 5; round++) {
		for (const door of doors) {
			for (const other of doors) {
				assert.equal(await knock(door, other.user), door === other ? 200 : 403);
				refusals += door === other ? 0 : 1;
			}
		}
	}
	assert.equal(refusals, 30);
	const [door] = doors;
	assert.ok(door);
	for (const access of [["view"], ["modify", "view"], ["messaging"], ["manageContactHistory"], ["view", "delete"]]) {
		assert.equal(await knock(door, await machineUser(api, door.service.id, access)), 403, access.join());
	}
	assert.equal(await knock(door, undefined), 401);
	assert.equal(await knock(door, { ...door.user, password: "wrong" }), 401);
	assert.equal(await knock(door, { ...door.user, login: "nobody" }), 401);
});

type Taking = { says: string; status: number; take(api: Api, userId: string, door: Door): Promise<unknown> };
const takings: readonly Taking[] = [
	{ says: "disabled", status: 401, take: (api, id) => api.call("PATCH", `/RI/rci/users/${id}`, { enabled: false }) },
	{ says: "removed", status: 401, take: (api, id) => api.call("DELETE", `/RI/rci/users/${id}`) },
	{ says: "its right revoked", status: 403, take: (api, id) => api.call("PUT", `/RI/rci/users/${id}/rights`, []) },
	{
		says: "given a new password",
		status: 401,
		take: (api, id) => api.call("POST", `/RI/rci/users/${id}/machinePassword`),
	},
];

async function idOf(api: Api, { login }: Logon): Promise<string> {
	const users = await api.call<{ id: string; login: string }[]>("GET", "/RI/rci/users?limit=100");
	const id = users.find((user) => user.login === login)?.id;
	assert.ok(id);
	return id;
}

async function untilRefused(door: Door, node: Api | undefined, status: number): Promise<number> {
	const startedMs = performance.now();
	await until(
		async () => {
			const answered = await knock(door, door.user, node);
			assert.ok(answered === 200 || answered === status, `${answered}`);
			return answered === status ? true : undefined;
		},
		`the answer is ${status}`,
		20_000,
	);
	return performance.now() - startedMs;
}

test("a user that is disabled, removed, stripped of its right or of its password is refused at once where that was done", async (t) => {
	const api = await serveHere(t, { allow: ["127.0.0.0/8"] });
	for (const [index, { says, status, take }] of takings.entries()) {
		const door = await doorAt(t, api, 10 + index);
		assert.equal(await knock(door, door.user), 200);
		await take(api, await idOf(api, door.user), door);
		assert.ok((await untilRefused(door, undefined, status)) < goneWithinMs, says);
	}
});

test("the same on another node of the same database, within five seconds", async (t) => {
	const server = await testServer();
	if (!server.ok) {
		t.skip(server.reason);
		return;
	}
	const more = ["--database", await server.freshDatabase()];
	const api = await serveHere(t, { allow: ["127.0.0.0/8"], more });
	const other = await serveHere(t, { allow: ["127.0.0.0/8"], folder: api.folder, more });
	for (const [index, { says, status, take }] of takings.entries()) {
		const door = await doorAt(t, api, 20 + index);
		assert.equal(await knock(door, door.user, other), 200);
		await take(api, await idOf(api, door.user), door);
		assert.ok((await untilRefused(door, other, status)) < goneWithinMs, says);
	}
});

const share = (all: readonly number[], part: number): number =>
	all.toSorted((a, b) => a - b)[Math.floor(all.length * part)] ?? Number.NaN;

test("unknown, disabled and known users with a wrong password are refused in the same words and the same time", async (t) => {
	const scene = await restScene(t, { passwords: passwordHasher({ atOnce: 4, waitingMax: 50 }) });
	const person = await scene.person();
	const external = await scene.person({ externalUser: true });
	const disabled = await scene.person({ enabled: false });
	const kinds = {
		unknown: () => basic(`nobody${Math.random()}`, "wrong password here"),
		known: () => basic(person.login, `wrong ${Math.random()}`),
		external: () => basic(external.login, `wrong ${Math.random()}`),
		disabled: () => disabled.authorization,
	};
	const words = new Set<string>();
	async function spread(): Promise<number> {
		const times = new Map<string, number[]>();
		for (let sample = 0; sample < samples; sample++) {
			for (const [kind, authorization] of Object.entries(kinds)) {
				scene.clock.advance(31 * 60_000); // The throttle has forgotten the last one.
				const startedMs = performance.now();
				const asked = { serviceId: "A".repeat(32), address: "192.0.2.1" };
				const verdict = await scene.identity.checkHttpUser(authorization(), asked);
				times.set(kind, [...(times.get(kind) ?? []), performance.now() - startedMs]);
				words.add(JSON.stringify(verdict));
			}
		}
		// The lower quartile is a median of what the machine did not disturb.
		const medians = [...times.values()].map((all) => share(all, 0.25));
		return (Math.max(...medians) - Math.min(...medians)) / Math.min(...medians);
	}
	const spreads = [await spread()];
	// A hash that is left out is 90 % less in every one of them; a busy machine disturbs some.
	while ((spreads.at(-1) ?? 0) >= 0.05 && spreads.length < 10) {
		spreads.push(await spread());
	}
	t.diagnostic(`medians apart: ${spreads.map((share) => `${(share * 100).toFixed(1)} %`).join(", ")}`);
	assert.ok((spreads.at(-1) ?? 1) < 0.05);
	assert.equal(words.size, 1, [...words].join("\n"));
});

test("a flood of wrong passwords keeps nobody out who knows theirs, and only so many wait", async (t) => {
	const api = await spawnParley(t, { allow: ["127.0.0.0/8"], more: ["--trusted-proxies", "127.0.0.1"] });
	const door = await doorAt(t, api, 30);
	const from = (index: number) => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
	const statuses = new Map<number, number>();
	const wrongMs: number[] = []; // Of those that were looked at: the line they stand in.
	let sent = 0;
	async function wrong(): Promise<void> {
		const index = sent++;
		const headers = { "x-forwarded-for": from(index), authorization: basic(`nobody${index}`, "wrong") };
		const startedMs = performance.now();
		const { status } = await fetch(`${api.origin}/RI/rci/me`, { headers });
		statuses.set(status, (statuses.get(status) ?? 0) + 1);
		if (status === 401) {
			wrongMs.push(performance.now() - startedMs);
		}
	}
	const good: number[] = [];
	let isOver = false;
	const flood = Array.from({ length: 100 }, async () => {
		while (!isOver) {
			await wrong();
		}
	});
	try {
		while (good.length < 20 || wrongMs.length < 20) {
			const startedMs = performance.now();
			assert.equal(await knock(door, door.user), 200);
			assert.equal((await api.ask("GET", "/RI/rci/me")).status, 200);
			good.push(performance.now() - startedMs);
		}
	} finally {
		isOver = true;
		await Promise.all(flood);
	}
	const [slowest, middle, stranger] = [Math.max(...good), share(good, 0.5), share(wrongMs, 0.5)];
	const came = `${sent} wrong: ${JSON.stringify(Object.fromEntries(statuses))}; ${good.length} good`;
	t.diagnostic(
		`${came}, median ${middle.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms; strangers ${stranger.toFixed(0)} ms`,
	);
	assert.ok([...statuses.keys()].every((status) => [401, 429].includes(status)));
	assert.ok((statuses.get(429) ?? 0) > 0, "more come than may wait");
	assert.ok(middle < stranger, "who knows theirs stands in the strangers' line");
});
