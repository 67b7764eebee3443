// Deliveries are sent one at a time, signed, in the order of events, and a claim that was left behind is taken over.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { SecretsLocked } from "#platform/secret-box.ts";
import { dueSubscriptions, findDelivery, insertTestDelivery, resendDelivery } from "#storage/event-deliveries.ts";
import { deleteSubscription, findSubscription } from "#storage/event-subscriptions.ts";
import { replaceGrants } from "#storage/grants.ts";
import { deleteOld } from "#storage/retention.ts";
import { localSignals } from "#storage/signals.ts";
import { brokenSubscriptions, readSealed, rotateSigningSecret } from "#storage/subscription-secrets.ts";
import { answered, type HookStage, leaseMs, openHooks, receiverUrl, signingSecret } from "#test/hook-stage.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { collect } from "./collect.ts";
import { deliverOne, startDelivering } from "./deliver.ts";

/** One claim and one try. Undefined: nothing is due. */
async function sendNext(stage: HookStage, id: string): Promise<string | undefined> {
	const claim = await stage.claim(id);
	if (claim !== undefined) {
		await deliverOne(claim, stage.deps);
	}
	return claim?.id;
}

async function prepared(stage: HookStage, count: number, headers = {}): Promise<string> {
	const id = await stage.subscribe({}, { headers });
	for (let n = 1; n <= count; n++) {
		await stage.happen({ data: { n } });
	}
	await collect(stage.deps);
	return id;
}

const sentNumber = (body: unknown): unknown =>
	(JSON.parse(String(body)) as { data: { detail: { n: unknown } } }).data.detail.n;

/** By the receiver's own code. */
function expectedSignature(secret: string, headers: Readonly<Record<string, string>>, body: string): string {
	const key = Buffer.from(secret.slice("whsec_".length), "base64");
	const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
	return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
}

onBothDialects("events are sent in their order, signed, with the headers of the subscription", async (open) => {
	const stage = await openHooks(await open());
	const id = await prepared(stage, 3, { "X-Token": "t 1" });
	while ((await sendNext(stage, id)) !== undefined) {
		// Until nothing is due.
	}
	assert.deepEqual(
		stage.calls.map(({ body }) => sentNumber(body)),
		[1, 2, 3],
	);
	const rows = await stage.deliveries(id);
	for (const [index, { method, url, headers, body }] of stage.calls.entries()) {
		assert.deepEqual([method, url], ["POST", receiverUrl]);
		assert.equal(headers["X-Token"], "t 1");
		assert.equal(headers["content-type"], "application/json");
		assert.equal(headers["webhook-id"], rows.toReversed()[index]?.id);
		assert.equal(headers["webhook-signature"], expectedSignature(signingSecret, headers, String(body)));
	}
	assert.ok(rows.every(({ state }) => state === "delivered"));
	assert.deepEqual(rows[0]?.attempts, [
		{ number: 1, at: "2026-01-02T12:00:00.000Z", outcome: "delivered", status: 200, durationMs: 0, answer: "" },
	]);
	assert.deepEqual(stage.counted.slice(-3), ["delivered", "delivered", "delivered"]);
});

onBothDialects("what failed steps aside, and comes again under the same id after its wait", async (open) => {
	const stage = await openHooks(await open());
	const id = await prepared(stage, 3);
	stage.answer(({ body }) => answered(sentNumber(body) === 1 ? 500 : 200, "not now"));
	const first = await sendNext(stage, id);
	assert.equal(await sendNext(stage, id), undefined, "the subscription rests");
	stage.clock.advance(1000);
	await sendNext(stage, id);
	await sendNext(stage, id);
	assert.equal(await sendNext(stage, id), undefined);
	stage.answer(() => answered(200));
	stage.clock.advance(6000);
	assert.equal(await sendNext(stage, id), first);
	assert.deepEqual(
		stage.calls.map(({ body }) => sentNumber(body)),
		[1, 2, 3, 1],
	);
	const ids = stage.calls.map(({ headers }) => headers["webhook-id"]);
	assert.equal(ids[0], ids[3]);
	const found = await findDelivery(stage.storage.db, id, first ?? "");
	assert.deepEqual(
		found?.attempts.map(({ number, outcome, status, answer }) => [number, outcome, status, answer]),
		[
			[1, "refused", 500, "not now"],
			[2, "delivered", 200, ""],
		],
	);
});

onBothDialects("while one is under way no other is claimed, on no node", async (open) => {
	const stage = await openHooks(await open());
	const id = await prepared(stage, 3);
	const claims = await Promise.all([stage.claim(id), stage.claim(id), stage.claim(id)]);
	assert.equal(claims.filter((claim) => claim !== undefined).length, 1);
	assert.deepEqual(await dueSubscriptions(stage.storage.db, stage.clock.now(), 10), []);
});

onBothDialects(
	"a claim that was left behind is taken over after its lease, and its late answer is not written",
	async (open) => {
		const stage = await openHooks(await open());
		const id = await prepared(stage, 1);
		const lost = await stage.claim(id);
		assert.ok(lost);
		stage.clock.advance(leaseMs - 1);
		assert.equal(await stage.claim(id), undefined);
		stage.clock.advance(1);
		const second = await stage.claim(id);
		assert.equal(second?.id, lost.id);
		stage.answer(() => answered(500));
		await deliverOne(lost, stage.deps);
		assert.equal((await stage.deliveries(id))[0]?.attempts.at(-1)?.outcome, null, "the second try still counts");
		stage.answer(() => answered(200));
		await deliverOne(second, stage.deps);
		const [row] = await stage.deliveries(id);
		assert.equal(row?.state, "delivered");
		assert.deepEqual(
			row.attempts.map(({ number, outcome }) => [number, outcome]),
			[
				[1, null],
				[2, "delivered"],
			],
		);
	},
);

onBothDialects("410 disables the subscription, and nothing waits for it any more", async (open) => {
	const stage = await openHooks(await open());
	const id = await prepared(stage, 3);
	stage.answer(() => answered(410));
	await sendNext(stage, id);
	const found = await findSubscription(stage.storage.db, id);
	assert.equal(found?.enabled, false);
	assert.match(found.disabledReason ?? "", /410/);
	assert.deepEqual(new Set((await stage.deliveries(id)).map(({ state }) => state)), new Set(["failed"]));
	assert.ok(stage.counted.includes("alarm event_subscription_disabled"));
	stage.clock.advance(leaseMs);
	assert.equal(await sendNext(stage, id), undefined);
});

onBothDialects("a receiver that is away for three days ends its subscription, with the reason", async (open) => {
	const stage = await openHooks(await open());
	const id = await prepared(stage, 1);
	stage.answer(() => ({ kind: "notSent", why: "refused" }));
	let tries = 0;
	for (let hours = 0; hours < 96 && (await findSubscription(stage.storage.db, id))?.enabled === true;) {
		tries += (await sendNext(stage, id)) === undefined ? 0 : 1;
		stage.clock.advance(60 * 60_000);
		hours += 1;
	}
	assert.equal(tries, 10);
	const found = await findSubscription(stage.storage.db, id);
	assert.equal(found?.enabled, false);
	assert.match(found.disabledReason ?? "", /Nothing was delivered since .*refused/);
});

onBothDialects("rights that the owner lost meanwhile hold back what waits", async (open) => {
	const stage = await openHooks(await open());
	const { storage, ids, ownerId } = stage;
	const id = await prepared(stage, 1);
	await storage.write((tx) => replaceGrants(tx, { kind: "user", id: ownerId }, [], () => ids.next()));
	await sendNext(stage, id);
	assert.deepEqual(stage.calls, []);
	const [row] = await stage.deliveries(id);
	assert.equal(row?.state, "failed");
	assert.match(row.reason ?? "", /owner/);
	assert.equal((await findSubscription(storage.db, id))?.enabled, true);
});

onBothDialects("during a rotation both secrets sign, the new one first", async (open) => {
	const stage = await openHooks(await open());
	const { storage, clock, deps } = stage;
	const id = await prepared(stage, 2);
	const secret = `whsec_${Buffer.from("the next secret of all 24").toString("base64")}`;
	const sealed = await readSealed(storage.db, id);
	assert.ok(sealed);
	const change = { secret, previousUntil: new Date(clock.now().getTime() + 1000), at: clock.now() };
	await storage.write((tx) => rotateSigningSecret(tx, deps.box, sealed, change));
	await sendNext(stage, id);
	clock.advance(1000);
	await sendNext(stage, id);
	const signatures = stage.calls.map(({ headers, body }) => ({
		sent: headers["webhook-signature"]?.split(" "),
		both: [secret, signingSecret].map((one) => expectedSignature(one, headers, String(body))),
	}));
	assert.deepEqual(signatures[0]?.sent, signatures[0]?.both);
	assert.deepEqual(signatures[1]?.sent, signatures[1]?.both.slice(0, 1));
});

onBothDialects(
	"without the key ring everything waits; what was sealed for another host ends the subscription",
	async (open) => {
		const stage = await openHooks(await open());
		const { storage, clock, deps } = stage;
		const id = await prepared(stage, 1, { "X-Token": "t" });
		const locked = () => {
			throw new SecretsLocked();
		};
		const claim = await stage.claim(id);
		assert.ok(claim);
		await deliverOne(claim, { ...deps, box: { ...deps.box, openText: locked } });
		const [row] = await stage.deliveries(id);
		assert.equal(row?.state, "pending");
		assert.equal(await sendNext(stage, id), undefined);
		assert.deepEqual(await brokenSubscriptions(storage.db, deps.box, clock.now()), []);
		await storage.db.updateTable("event_subscriptions").set({ url: "https://evil.example/" }).execute();
		assert.deepEqual(await brokenSubscriptions(storage.db, deps.box, clock.now()), [id]);
		clock.advance(30_000);
		await sendNext(stage, id);
		assert.deepEqual(stage.calls, []);
		assert.match((await findSubscription(storage.db, id))?.disabledReason ?? "", /do not open/);
	},
);

onBothDialects("a test goes to a disabled subscription too, once, and says nothing of it", async (open) => {
	const stage = await openHooks(await open());
	const { storage, clock, ids } = stage;
	const id = await stage.subscribe({ enabled: false });
	const made = { id: ids.next<string>(), subscriptionId: id, type: "subscription.test", body: "{}", at: clock.now() };
	await storage.write((tx) => insertTestDelivery(tx, made));
	assert.deepEqual(await dueSubscriptions(storage.db, clock.now(), 10), [id]);
	stage.answer(() => answered(500));
	assert.equal(await sendNext(stage, id), made.id);
	assert.equal(await sendNext(stage, id), undefined);
	const progress = await storage.db.selectFrom("event_subscription_progress").selectAll().executeTakeFirst();
	assert.deepEqual([progress?.failures, progress?.lease_until], [0, clock.now().getTime()]);
	assert.equal((await stage.deliveries(id))[0]?.state, "failed");
	assert.equal(await storage.write((tx) => resendDelivery(tx, id, made.id, clock.now())), true);
	assert.equal(await storage.write((tx) => resendDelivery(tx, id, made.id, clock.now())), false, "it waits already");
	stage.answer(() => answered(200));
	await sendNext(stage, id);
	assert.equal((await stage.deliveries(id))[0]?.state, "delivered");
});

onBothDialects(
	"the worker sends what is due by itself, and breaks off at the end without counting a try",
	async (open) => {
		const stage = await openHooks(await open());
		const id = await prepared(stage, 2);
		const begun = new EventTarget();
		const wait = once(begun, "second");
		const deps = {
			...stage.deps,
			signals: localSignals(),
			wayOut: {
				request(call: Parameters<typeof stage.deps.wayOut.request>[0]) {
					stage.calls.push(call);
					if (sentNumber(call.body) === 1) {
						return Promise.resolve(answered(200));
					}
					begun.dispatchEvent(new Event("second"));
					return new Promise<ReturnType<typeof answered>>((resolve) => {
						call.signal?.addEventListener("abort", () => resolve({ kind: "unclear", why: "timeout" }));
					});
				},
			},
		};
		const worker = startDelivering(deps);
		await wait;
		await worker.stop();
		const rows = await stage.deliveries(id);
		assert.deepEqual(
			rows.map(({ state, attempts }) => [state, attempts[0]?.outcome]),
			[
				["pending", "broken off"],
				["delivered", "delivered"],
			],
		);
		const row = await stage.storage.db
			.selectFrom("event_deliveries")
			.select("tries")
			.where("state", "=", "pending")
			.execute();
		assert.deepEqual(
			row.map(({ tries }) => tries),
			[0],
		);
		assert.ok(await stage.claim(id), "and it can be claimed at once");
	},
);

onBothDialects("a deleted subscription gets nothing more, and the log is kept as long as its events", async (open) => {
	const stage = await openHooks(await open());
	const { storage, clock } = stage;
	const id = await prepared(stage, 2);
	await sendNext(stage, id);
	await storage.write((tx) => deleteSubscription(tx, id));
	assert.equal(await sendNext(stage, id), undefined);
	assert.deepEqual(new Set((await stage.deliveries(id)).map(({ state }) => state)), new Set(["delivered", "failed"]));
	const days = { requestDays: 30, messageDays: 30, quarantineDays: 30, eventDays: 30 };
	clock.advance(29 * 86_400_000);
	await deleteOld(storage, days, clock.now());
	assert.equal((await stage.deliveries(id)).length, 2);
	clock.advance(2 * 86_400_000);
	await deleteOld(storage, days, clock.now());
	await deleteOld(storage, days, clock.now());
	assert.deepEqual(await stage.deliveries(id), []);
});

onBothDialects("slow receivers take turns, and an idle subscription's test gets through between them", async (open) => {
	const stage = await openHooks(await open());
	const { clock, storage } = stage;
	for (let n = 1; n <= 20; n++) {
		await stage.subscribe();
	}
	for (let n = 1; n <= 10; n++) {
		await stage.happen({ data: { n } });
	}
	await collect(stage.deps);
	const idle = await stage.subscribe();
	const test = { id: "T1", subscriptionId: idle, type: "subscription.test", body: "{}", at: clock.now() };
	const sentTo: string[] = [];
	const reached = Promise.withResolvers<void>();
	const request = async ({ lane = "" }: { lane?: string }) => {
		sentTo.push(lane);
		if (sentTo.length === 20) {
			await storage.write((tx) => insertTestDelivery(tx, test));
		}
		if (lane === idle || sentTo.length === 200) {
			reached.resolve();
		}
		clock.advance(500);
		return answered(200);
	};
	const worker = startDelivering({ ...stage.deps, signals: localSignals(), wayOut: { request } });
	await reached.promise;
	await worker.stop();
	const before = sentTo.indexOf(idle);
	assert.ok(before >= 20 && before < 70, `the test came after ${before} of 200 calls`);
});
