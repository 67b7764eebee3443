import assert from "node:assert/strict";
import type { ActivityEvent } from "#domain/messages.ts";
import type { Outcome } from "#connectors/contract.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import { recordArrivals } from "#storage/arrivals.ts";
import { findConsents } from "#storage/consent-lists.ts";
import { recordConsent } from "#storage/consents.ts";
import { nextPlace } from "#storage/conversations.ts";
import { type Claim, claimParts } from "#storage/outbox.ts";
import { localSignals } from "#storage/signals.ts";
import type { Settlement } from "#storage/outbox-moves.ts";
import { testLinks } from "#test/file-scene.ts";
import { arrivalOf, enqueue, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { deliver, type DeliverDeps } from "./deliver.ts";
import type { OpenService } from "./open-service.ts";
import { applyBatch } from "./receipts.ts";
import { tokenShelf } from "./tools.ts";

const dayMs = 86_400_000;
const contact = "+4915112345";

async function claimOne(stage: Stage): Promise<Claim> {
	const { storage, clock, ids, serviceId } = stage;
	const options = { serviceId, limit: 1, now: clock.now(), leaseMs: 1000, owner: "n", newAttemptId: () => ids.next() };
	const [claim] = await storage.alone("outbox", (tx) => claimParts(tx, options));
	assert.ok(claim);
	return claim;
}

type Told = { sent: number; heard: number; settled: Settlement["next"] | undefined };

/** What became of the claim where the provider would take everything. */
async function deliverTo(stage: Stage, claim: Claim, hours: number | undefined): Promise<Told> {
	const told: Told = { sent: 0, heard: 0, settled: undefined };
	const service = {
		id: stage.serviceId,
		stored: { authentications: [] },
		webhookUrl: "",
		isLocked: false,
		cannotSend: () => undefined,
		replyWindowHours: () => hours,
		send: () => {
			told.sent += 1;
			return Promise.resolve({ kind: "accepted", remoteIds: ["r"] } as unknown as Outcome);
		},
	} as unknown as OpenService;
	const deps: DeliverDeps & { stopping: AbortSignal } = {
		clock: stage.clock,
		random: stage.random,
		log: silentLog,
		retry: { baseMs: 1, capMs: 1 },
		tokens: tokenShelf(stage.clock),
		wayOut: { request: () => Promise.resolve({ kind: "notSent", why: "refused" }), close: () => Promise.resolve() },
		links: testLinks,
		settlements: {
			add: ({ next }) => {
				told.settled = next;
				return Promise.resolve(true);
			},
		},
		heard: () => {
			told.heard += 1;
		},
		stopping: new AbortController().signal,
	};
	await deliver(claim, service, deps);
	return told;
}

async function contactWrites(stage: Stage): Promise<void> {
	const { id } = await stage.storage.db.selectFrom("conversations").select("id").executeTakeFirstOrThrow();
	await stage.storage.write((tx) => nextPlace(tx, id, { at: stage.clock.now(), direction: "in" }));
}

onBothDialects("a text waits too long for its reply window: the provider is not asked, nor judged", async (open) => {
	const stage = await setStage(await open());
	await enqueue(stage, { validForMs: 3 * dayMs });
	await contactWrites(stage);
	stage.clock.advance(dayMs - 1);
	const claim = await claimOne(stage);
	assert.deepEqual((await deliverTo(stage, claim, 24)).sent, 1, "until its last millisecond");
	stage.clock.advance(1);
	const { sent, heard, settled } = await deliverTo(stage, claim, 24);
	assert.deepEqual([sent, heard, settled?.to], [0, 0, "failed"]);
	assert.equal(settled !== undefined && "code" in settled && settled.code, "outside_window");
	assert.equal((await deliverTo(stage, claim, undefined)).sent, 1, "a channel without a window");
	const template = { ...claim, content: { template: { id: "t" } } };
	assert.equal((await deliverTo(stage, template, 24)).sent, 1, "a template goes at any time");
	assert.equal(
		(await deliverTo(stage, { ...claim, contactLastWroteAt: null }, 24)).sent,
		0,
		"somebody who never wrote",
	);
});

onBothDialects("a text whose time is over ends as expired: the provider is not asked, nor judged", async (open) => {
	const stage = await setStage(await open());
	await enqueue(stage, { validForMs: 2000 });
	stage.clock.advance(1999);
	const claim = await claimOne(stage);
	assert.equal((await deliverTo(stage, claim, undefined)).sent, 1, "until its last millisecond");
	stage.clock.advance(1);
	const { sent, heard, settled } = await deliverTo(stage, claim, undefined);
	assert.deepEqual([sent, heard, settled?.to], [0, 0, "expired"]);
});

onBothDialects("a refusal that came before the claim stops the send, whatever the message is", async (open) => {
	const stage = await setStage(await open());
	const { storage, clock, ids, serviceId } = stage;
	const about = { channel: "sms", address: contact, serviceId, messageId: null, conversationId: null };
	const said = { id: ids.next<string>(), ...about, state: "refused", source: "user", at: clock.now() } as const;
	await storage.write((tx) => recordConsent(tx, said, clock.now()));
	await enqueue(stage);
	const claim = await claimOne(stage);
	const { sent, settled } = await deliverTo(stage, { ...claim, content: { template: { id: "t" } } }, undefined);
	assert.deepEqual(
		[sent, settled?.to, settled !== undefined && "code" in settled && settled.code],
		[0, "failed", "opted_out"],
	);
});

onBothDialects("what a provider notifies of is kept as the contact's consent, in any order", async (open) => {
	const stage = await setStage(await open());
	const { storage, clock, ids } = stage;
	const notice = (state: "granted" | "refused", secondsAgo: number): ActivityEvent => ({
		kind: "activity",
		dedupKey: `${state} ${secondsAgo}`,
		at: new Date(clock.now().getTime() - secondsAgo * 1000),
		name: "opt",
		contact: { address: "whatsapp:+4915112345" },
		consent: { state, channel: "whatsapp" },
		facts: {},
	});
	const deps = { storage, clock, ids, log: silentLog, metrics: openMetrics(), signals: localSignals(), leaseMs: 1000 };
	const hear = async (...events: ActivityEvent[]) => {
		await storage.write((tx) => recordArrivals(tx, [arrivalOf(stage, events)]));
		await applyBatch(deps);
	};
	await hear(notice("refused", 5), { kind: "activity", dedupKey: "t", name: "typing", facts: {} });
	await hear(notice("granted", 10), notice("refused", 5));
	const [consent, ...others] = await findConsents(storage.db, {}, { limit: 10 });
	assert.deepEqual(
		[consent?.usage, consent?.state, consent?.source, others.length],
		["whatsapp", "refused", "provider", 0],
	);
	await hear(notice("granted", 1));
	assert.equal((await findConsents(storage.db, {}, { limit: 10 }))[0]?.state, "granted");
	const left = await storage.db.selectFrom("inbox").select("id").where("state", "<>", "done").execute();
	assert.deepEqual(left, []);
});
