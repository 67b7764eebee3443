// Goal: what a person asked to be checked again is judged by its own proof, and by nothing that happens beside it.
// Method: sealed requests with an HTTP user, and a door that answers as it is told to.

import assert from "node:assert/strict";
import test from "node:test";
import type { AdmitDeps } from "./admit.ts";
import { secretBox } from "#platform/secret-box.ts";
import { silentLog } from "#platform/log.ts";
import { keepRefused, wish } from "#storage/quarantine.ts";
import { sealRequest } from "#storage/sealed-requests.ts";
import { messageEvent, setStage } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import type { OpenService } from "./open-service.ts";
import { type RecheckDeps, recheckBatch } from "./recheck.ts";

type HttpVerdict = Awaited<ReturnType<AdmitDeps["identity"]["checkHttpUser"]>>;

const wrong: HttpVerdict = { ok: false, status: 401, challenge: "Basic" };
const throttled: HttpVerdict = { ok: false, status: 503, challenge: undefined };
const right: HttpVerdict = { ok: true, userId: "U" };

async function quarantine(t: Parameters<typeof openTemporarySqlite>[0], requests: number) {
	const stage = await setStage(await openTemporarySqlite(t));
	const { storage, ids, clock, random, serviceId } = stage;
	const box = secretBox(new Map([["d1", new Uint8Array(32)]]), "d1", random);
	const scene = { stage, asked: 0, verdict: throttled };
	for (let index = 0; index < requests; index++) {
		const id: string = ids.next();
		const request = {
			method: "POST",
			url: "https://parley.example/sms/smshttp/1",
			headers: [["authorization", "Basic eA=="]] as [string, string][],
			body: Buffer.from(String(index)),
		};
		const sealed = sealRequest(box, id, request);
		const refused = { id, serviceId, receivedAt: clock.now(), reason: "http_credentials_wrong", sealed } as const;
		const kept = { ...refused, bytes: sealed.length, bodyHash: "ab", remoteAddress: "192.0.2.1" };
		await storage.write((tx) => keepRefused(tx, [kept], { rowsMax: 1000, bytesMax: 1_000_000 }));
	}
	await storage.write((tx) => wish(tx, { serviceId }, "release"));
	const service = {
		id: serviceId,
		type: "smshttp",
		isLocked: false,
		localHttpAuthentication: "required",
		isOwnCallback: () => false,
		isProvenByAddress: () => false,
		verify: () => undefined,
		parse: ({ body }) => [messageEvent(Buffer.from(body).toString())],
	} as Partial<OpenService> as OpenService;
	const deps = {
		...stage,
		log: silentLog,
		signals: { nudge: () => undefined },
		services: { byId: () => service, refresh: () => Promise.resolve() },
		box: () => box,
		now: () => clock.now(),
		usesLocalHttpAuthentication: () => true,
		identity: {
			checkHttpUser() {
				scene.asked += 1;
				return Promise.resolve(scene.verdict);
			},
		},
	} as unknown as RecheckDeps;
	const rows = async () => storage.db.selectFrom("quarantine").select(["wish", "reason"]).execute();
	return { ...scene, scene, rows, round: () => recheckBatch(deps) };
}

test("what is not looked at because logons are throttled keeps its wish, and is let in when they are not", async (t) => {
	const { scene, rows, round } = await quarantine(t, 60);
	assert.equal(await round(), false, "and not again at once");
	assert.equal(scene.asked, 1, "once for all that come with the same user");
	assert.deepEqual(new Set((await rows()).map(({ wish: wished }) => wished)), new Set(["release"]));
	scene.verdict = right;
	for (let isMore = true; isMore;) {
		isMore = await round();
	}
	assert.deepEqual(await rows(), []);
	assert.equal((await scene.stage.storage.db.selectFrom("inbox").select("id").execute()).length, 60);
});

test("a password that is still wrong is tried once for a batch: each failure makes the provider's own calls wait", async (t) => {
	const { scene, rows, round } = await quarantine(t, 40);
	scene.verdict = wrong;
	await round();
	assert.equal(scene.asked, 1);
	assert.deepEqual(
		[...new Set((await rows()).map(({ wish: wished, reason }) => `${wished} ${reason}`))],
		["none http_credentials_wrong"],
	);
});
