// Goal S2: a request that was signed once counts once. Method: the same signed request sent again and again, also after a
// restart and to a second server on the same database; the time window at its edges; a nonce with other content; a secret
// after the end of its rotation. Everything by the doors on HTTP. More with `--replays`.

import assert from "node:assert/strict";
import test from "node:test";
import type { Storage } from "#storage/storage.ts";
import { openStorage } from "#storage/storage.ts";
import { secretBox } from "#platform/secret-box.ts";
import { sealPrevious, sealSecret } from "#storage/service-secrets.ts";
import { findService, updateService } from "#storage/services.ts";
import { type Doors, openDoors, sinchBody, sinchSigned } from "#test/doors.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { until } from "#test/parley.ts";
import { testServer } from "#test/postgres.ts";
import { seededRandom } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { accountSid, botName, page, signedSchemes } from "./schemes.ts";
import type { Wire } from "./wire.ts";

const seed = seedFlag();
const replayCount = numberFlag("replays", 2000);
const atOnce = 50;
const sinchEntries = { "key@APP1": "key secret", webhook: "s" };
const entries: Readonly<Record<string, Record<string, string>>> = {
	facebook: { [page]: "token", webhook: "s" },
	whatsapp: { [page]: "token", webhook: "s" },
	twilio: { [accountSid]: "s" },
	sinchconversation: { "key@01EB37HMH1M6SV18ABNS3G135H": "key secret", webhook: "s" },
	sinchsms: { webhook: "s", plan1: "API token" },
	telegram: { [botName]: "token", webhook: "s" },
};

async function send(doors: Doors, wire: Wire): Promise<number> {
	const answer = await doors.app.inject({
		method: "POST",
		url: wire.path,
		payload: Buffer.from(wire.body),
		headers: Object.fromEntries(wire.headers),
	});
	return answer.statusCode;
}

/** The statuses of `count` repetitions, so many at once, at the doors in turn. */
async function repeat(everyDoor: readonly Doors[], wire: Wire, count: number): Promise<Set<number>> {
	const seen = new Set<number>();
	for (let start = 0; start < count; start += atOnce) {
		const calls = Array.from({ length: Math.min(atOnce, count - start) }, async (_, index) => {
			const doors = everyDoor[index % everyDoor.length];
			assert.ok(doors);
			seen.add(await send(doors, wire));
		});
		await Promise.all(calls);
	}
	return seen;
}

async function assertOnce(doors: Doors): Promise<void> {
	const counts = await Promise.all([doors.count("inbox"), doors.count("messages"), doors.count("quarantine")]);
	const [inbox, messages, quarantine] = counts;
	assert.deepEqual([inbox, quarantine], [1, 0]);
	assert.ok(messages <= 1);
}

for (const scheme of signedSchemes) {
	test(`${scheme.name}: one request ${replayCount} times, also after a restart, is there once (seed ${seed})`, async (t) => {
		const storage = await openTemporarySqlite(t);
		const doors = await openDoors(t, { localHttp: false, storage });
		const { type } = scheme.service;
		const id = await doors.add(type, entries[type] ?? {});
		const sample = scheme.sample(seededRandom(seed));
		const path = sample.path.replace(/\/1(?=\?|$)/, `/${id}`);
		const wire = scheme.subject.sign?.({ ...sample, path }, "s") ?? sample;
		assert.deepEqual(await repeat([doors], wire, replayCount), new Set([200]));
		await assertOnce(doors);
		await doors.app.close();
		const restarted = await openDoors(t, { localHttp: false, storage });
		assert.deepEqual(await repeat([restarted], wire, replayCount / 10), new Set([200]));
		await assertOnce(restarted);
	});
}

test("a request sent to two servers on one PostgreSQL at the same time is there once", async (t) => {
	const server = await testServer();
	if (!server.ok) {
		t.skip(server.reason);
		return;
	}
	const url = await server.freshDatabase();
	const storages: Storage[] = [];
	for (let node = 0; node < 2; node++) {
		const storage = await openStorage(url, () => undefined);
		t.after(() => storage.close());
		storages.push(storage);
	}
	const [one, other] = await Promise.all(storages.map((storage) => openDoors(t, { localHttp: false, storage })));
	assert.ok(one && other);
	const id = await one.add("sinchconversation", sinchEntries);
	const signed = (nonce: string, message: string): Wire => {
		const body = sinchBody(message);
		const headers = Object.entries(sinchSigned("s", body, one.clock.now(), nonce));
		return { method: "POST", path: `/sms/sinchconversation/${id}`, headers, body: Buffer.from(body) };
	};
	assert.deepEqual(await repeat([one, other], signed("n1", "M1"), replayCount), new Set([200]));
	await assertOnce(one);
	assert.equal(await send(one, signed("n2", "M2")), 200);
	assert.equal(await send(other, signed("n2", "M3")), 401, "the other server knows the nonce");
	assert.equal(await one.count("messages"), 2);
});

test("the window: 300 s either way is taken, one second more is answered 503 and nothing is kept", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("sinchconversation", sinchEntries);
	const nowMs = doors.clock.now().getTime();
	for (const seconds of [-299, -300, 299, 300]) {
		const body = sinchBody(`M${seconds}`);
		const headers = sinchSigned("s", body, new Date(nowMs + seconds * 1000), `n${seconds}`);
		assert.equal((await doors.post(`/sms/sinchconversation/${id}`, body, headers)).status, 200, `${seconds} s`);
	}
	assert.equal(await doors.count("messages"), 4);
	for (const seconds of [-301, -302, -3600, 301, 302, 86_400]) {
		const body = sinchBody(`M${seconds}`);
		const headers = sinchSigned("s", body, new Date(nowMs + seconds * 1000), `n${seconds}`);
		const answer = await doors.post(`/sms/sinchconversation/${id}`, body, headers);
		assert.equal(answer.status, 503, `${seconds} s`);
		assert.ok(answer.headers["retry-after"] !== undefined);
		const wrong = await doors.post(`/sms/sinchconversation/${id}`, body, {
			...headers,
			"x-sinch-webhook-signature": `${"A".repeat(43)}=`,
		});
		assert.equal(wrong.status, 401, "a wrong signature is not excused by the clock");
	}
	assert.deepEqual([await doors.count("messages"), await doors.count("inbox")], [4, 4]);
});

test("a request taken in its last second is late a moment afterwards, and was stored once", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("sinchconversation", sinchEntries);
	const body = sinchBody("M1");
	const headers = sinchSigned("s", body, doors.clock.now());
	doors.clock.advance(300_000);
	assert.equal((await doors.post(`/sms/sinchconversation/${id}`, body, headers)).status, 200);
	doors.clock.advance(1000);
	assert.equal((await doors.post(`/sms/sinchconversation/${id}`, body, headers)).status, 503);
	assert.equal(await doors.count("messages"), 1);
});

test("a nonce that brings other content is refused, also after a restart; the same content again is known", async (t) => {
	const storage = await openTemporarySqlite(t);
	const first = await openDoors(t, { storage });
	const id = await first.add("sinchconversation", sinchEntries);
	const at = first.clock.now();
	const post = (doors: Doors, message: string, nonce: string) => {
		const body = sinchBody(message);
		return doors.post(`/sms/sinchconversation/${id}`, body, sinchSigned("s", body, at, nonce));
	};
	assert.equal((await post(first, "M1", "n1")).status, 200);
	assert.equal((await post(first, "M2", "n1")).status, 401);
	await first.app.close();
	const restarted = await openDoors(t, { storage });
	assert.equal((await post(restarted, "M3", "n1")).status, 401, "the nonce is known after the restart");
	assert.equal((await post(restarted, "M1", "n1")).status, 200, "what is known is acknowledged again");
	assert.equal((await post(restarted, "M1", "n9")).status, 200, "also under a new nonce");
	assert.equal(await restarted.count("messages"), 1);
	const events = await storage.db.selectFrom("security_events").select("kind").execute();
	assert.deepEqual(
		events.map(({ kind }) => kind),
		["replay", "replay"],
	);
});

test("the previous secret counts until the rotation ends, and not a second longer", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { [page]: "token", webhook: "new" });
	const rotationMs = 3_600_000;
	const endMs = doors.clock.now().getTime() + rotationMs;
	await rotate(doors, id, { webhook: "old" }, new Date(endMs));
	const [meta] = signedSchemes;
	assert.ok(meta?.subject.sign);
	const { sign } = meta.subject;
	const random = seededRandom(seed);
	const post = (secret: string) => send(doors, sign({ ...meta.sample(random), path: `/sms/facebook/${id}` }, secret));
	await until(async () => {
		doors.clock.advance(1000);
		return (await post("old")) === 200 ? true : undefined;
	}, "the service is read again");
	assert.equal(await post("new"), 200);
	doors.clock.advance(endMs - doors.clock.now().getTime() - 1000);
	assert.equal(await post("old"), 200, "a second before the end");
	doors.clock.advance(2000);
	await until(async () => {
		doors.clock.advance(1000);
		return (await post("old")) === 401 ? true : undefined;
	}, "the end of the rotation is noticed");
	assert.equal(await post("new"), 200);
	const stored = await doors.count("messages");
	assert.equal(await post("old"), 401);
	assert.equal(await doors.count("messages"), stored);
});

/** Gives entries a previous secret, as a rotation by REST does. */
async function rotate(doors: Doors, id: string, previous: Record<string, string>, validUntil: Date): Promise<void> {
	const service = await findService(doors.storage.db, id);
	assert.ok(service);
	const box = secretBox(new Map([["d1", new Uint8Array(32).fill(1)]]), "d1", seededRandom(5));
	const tools = { box, fingerprint: () => "0000" };
	const authentications = service.authentications.map((entry) => {
		const secret = previous[entry.authenticationId];
		return secret === undefined
			? entry
			: {
					...entry,
					secret: sealSecret(tools, entry, "new", service),
					previous: sealPrevious(tools, entry, { secret, validUntil }, service),
				};
	});
	await doors.storage.write((tx) => updateService(tx, { ...service, authentications }, doors.clock.now()));
}
