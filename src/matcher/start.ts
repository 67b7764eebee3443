// The Chain Matcher: claims received messages, oldest first, and appends each to its conversation. Batches share a
// transaction; a message that spoils a batch is tried alone, and parked for a person when it fails again and again.

import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import { describeError, type Log } from "#platform/log.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { toOptWords } from "#domain/opt-out-words.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { appendEvents } from "#storage/events.ts";
import { claimMessages, endInboxClaim, type MessageClaim } from "#storage/inbox.ts";
import type { Signals } from "#storage/signals.ts";
import type { Db, Storage } from "#storage/storage.ts";
import { storageTrouble } from "#storage/trouble.ts";
import { append, type AppendDeps } from "./append.ts";

export type MatcherDeps = {
	storage: Storage;
	signals: Signals;
	clock: Clock;
	ids: Ids;
	log: Log;
	settings: { leaseMs: number };
};

const batchSize = 400; // Rows; one fsync for the claim and one for the result. More than arrive in one turn of the writer.
const attemptsMax = 5; // Then a person has to look.
const pollMs = 250;
// A batch of four takes half as long as one of forty (measured): matching each message at once would keep the writer busy
// with next to nothing, and let arrivals wait for it.
const gatherMs = 5;

export function startMatcher(deps: MatcherDeps): RunningWorker {
	return startWorker(
		{
			name: "Chain Matcher",
			pollMs,
			gatherMs,
			round: () => matchBatch(deps),
			listen: (wake) => deps.signals.listen("matcher", wake),
		},
		deps,
	);
}

/** One batch. True: it was full, so there may be more. */
export async function matchBatch(deps: MatcherDeps): Promise<boolean> {
	const { storage, clock, settings } = deps;
	const claims = await storage.alone("inbox", (tx) =>
		claimMessages(tx, { now: clock.now(), leaseMs: settings.leaseMs, limit: batchSize }),
	);
	if (claims.length === 0) {
		return false;
	}
	const rules = await readRules(storage.db);
	const [poison, sound] = partition(claims, (claim) => claim.attempts > attemptsMax);
	for (const claim of poison) {
		await park(deps, claim, "It could not be matched in several attempts.");
	}
	await appendTogether(deps, inReadingOrder(sound), rules);
	deps.signals.nudge("events");
	// One that was tried before comes alone, and others may wait behind it.
	return claims.length === batchSize || claims.some(({ attempts }) => attempts > 1);
}

type Rules = Pick<AppendDeps, "rulesOf" | "wordsOf">;

/** The reopen window and the opt-out words of every service, as stored now: a change counts from the next batch on. */
async function readRules(db: Db): Promise<Rules> {
	const rows = await db.selectFrom("messaging_services").select(["id", "settings"]).execute();
	const rules = new Map(
		rows.map((row) => {
			const settings = commonSettings(JSON.parse(row.settings) as Record<string, unknown>);
			return [row.id, { reopenWindowMs: settings.reopenWindowMinutes * 60_000, words: toOptWords(settings) }];
		}),
	);
	return {
		rulesOf: (serviceId) => ({ reopenWindowMs: rules.get(serviceId)?.reopenWindowMs ?? 0 }),
		wordsOf: (serviceId) => rules.get(serviceId)?.words,
	};
}

async function appendTogether(deps: MatcherDeps, claims: readonly MessageClaim[], rules: Rules): Promise<void> {
	if (claims.length === 0) {
		return;
	}
	try {
		await appendNow(deps, claims, rules);
	} catch (error) {
		if (storageTrouble(error) !== undefined) {
			throw error;
		}
		await appendEach(deps, claims, rules);
	}
}

/** After a batch failed: each alone, so that only the bad one waits, and what comes after it in its chain. */
async function appendEach(deps: MatcherDeps, claims: readonly MessageClaim[], rules: Rules): Promise<void> {
	const blocked = new Set<string>();
	for (const claim of claims) {
		if (blocked.has(claim.lane)) {
			await giveBack(deps, claim);
			continue;
		}
		try {
			await appendNow(deps, [claim], rules);
		} catch (error) {
			if (storageTrouble(error) !== undefined) {
				throw error;
			}
			deps.log.error("A message could not be matched.", {
				server: "Chain Matcher",
				messageId: claim.id,
				error: describeError(error),
			});
			blocked.add(claim.lane);
			await tryLater(deps, claim);
		}
	}
}

async function appendNow(deps: MatcherDeps, claims: readonly MessageClaim[], rules: Rules): Promise<void> {
	const { storage, clock, ids } = deps;
	await storage.write(async (tx) => {
		if (!(await append(tx, claims, { now: clock.now(), newId: () => ids.next(), ...rules }))) {
			throw new ClaimLost();
		}
	});
}

/** Another node took the row over: the transaction must not commit. */
class ClaimLost extends Error {}

async function tryLater(deps: MatcherDeps, claim: MessageClaim): Promise<void> {
	const now = deps.clock.now();
	const notBefore = new Date(now.getTime() + 1000 * 2 ** claim.attempts);
	await deps.storage.write(async (tx) => {
		await endInboxClaim(tx, claim, { state: "received", notBefore, reason: "It could not be matched yet." }, now);
	});
}

/** It is not claimed before the one it waits for is done or parked. */
async function giveBack({ clock, storage }: MatcherDeps, claim: MessageClaim): Promise<void> {
	const now = clock.now();
	const reason = "An earlier message of its chain could not be matched yet.";
	await storage.write(async (tx) => {
		await endInboxClaim(tx, claim, { state: "received", notBefore: now, reason }, now);
	});
}

async function park(deps: MatcherDeps, claim: MessageClaim, reason: string): Promise<void> {
	const now = deps.clock.now();
	await deps.storage.write(async (tx) => {
		if (!(await endInboxClaim(tx, claim, { state: "parked", reason }, now))) {
			return;
		}
		await tx
			.updateTable("messages")
			.set({ state: "parked", state_at: now.getTime() })
			.where("id", "=", claim.id)
			.execute();
		const { serviceId, id: messageId } = claim;
		await appendEvents(tx, [
			{ at: now, type: "message.parked", serviceId, messageId, conversationId: null, data: { reason } },
		]);
	});
	deps.log.warn("A message was parked.", {
		server: "Chain Matcher",
		messageId: claim.id,
	});
}

/** Messages of one batch in the order the provider gave them, where it gave one; otherwise as received. */
function inReadingOrder(claims: readonly MessageClaim[]): MessageClaim[] {
	const timeOf = (claim: MessageClaim) => (claim.at ?? claim.receivedAt).getTime();
	return claims.toSorted((a, b) => timeOf(a) - timeOf(b) || (a.id < b.id ? -1 : 1));
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
	return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
