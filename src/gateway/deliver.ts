// The way out, readable aloud: claim → send → settle. One claimed part, one attempt, one verdict.

import type { Attachment, OutboundMessage } from "#domain/messages.ts";
import type { AttemptId, MessageId, RemoteId } from "#domain/ids.ts";
import { whyShut } from "#domain/reply-window.ts";
import type { Outcome } from "#connectors/contract.ts";
import { type Clock, sleep } from "#platform/clock.ts";
import { describeError, type Log } from "#platform/log.ts";
import type { Random } from "#platform/random.ts";
import { optedOutDetail } from "#storage/consents.ts";
import type { GroupCommit } from "#storage/group-commit.ts";
import type { Claim } from "#storage/outbox.ts";
import type { Settlement } from "#storage/outbox-moves.ts";
import type { MessageTemplate } from "#domain/messages.ts";
import { storageTrouble } from "#storage/trouble.ts";
import type { FileLinks } from "./file-links.ts";
import type { OpenService } from "./open-service.ts";
import { type RetryRules, settle } from "./settle.ts";
import { storable } from "./storable.ts";
import { type Exchange, toolsFor, type ToolDeps } from "./tools.ts";

export type DeliverDeps = ToolDeps & {
	clock: Clock;
	random: Random;
	log: Log;
	retry: RetryRules;
	settlements: Pick<GroupCommit<Settlement, unknown>, "add">;
	links: Pick<FileLinks, "given">;
	/** Told before the outcome is written: what is claimed with that write must know it already. */
	heard(outcome: Outcome): void;
};

const recordWaitMaxMs = 5000; // A database that comes back is noticed within this time.

/** Returns the outcome, for the service's breaker. The attempt row was committed by the claim, before any socket. */
export async function deliver(
	claim: Claim,
	service: OpenService,
	deps: DeliverDeps & { stopping: AbortSignal },
): Promise<Outcome> {
	const own = ownRefusal(claim, service, deps.clock.now());
	const { outcome, exchange } =
		own === undefined ? await attempt(claim, service, deps) : { outcome: own, exchange: [] };
	if (own === undefined) {
		deps.heard(outcome); // What we refuse by ourselves says nothing about the provider.
	}
	const moment = { now: deps.clock.now(), chance: deps.random.fraction() };
	const attempted = { attempt: claim.attempt, startedAt: claim.startedAt, validUntil: claim.validUntil };
	const next = settle(attempted, outcome, moment, deps.retry);
	const code = "code" in outcome ? outcome.code : null;
	const detail = "detail" in outcome ? outcome.detail : null;
	await record({ claim, outcome: { kind: outcome.kind, code, detail }, exchange, next }, deps);
	return outcome;
}

/**
 * What the provider answered must not be lost because the database is away or full for a while: else a message that was
 * taken would wait for a person. Its place among the sends stays taken meanwhile, which bounds how many wait.
 */
async function record(settlement: Settlement, deps: DeliverDeps & { stopping: AbortSignal }): Promise<void> {
	for (let failures = 1; ; failures++) {
		try {
			await deps.settlements.add(settlement);
			return;
		} catch (error) {
			const trouble = storageTrouble(error);
			if (deps.stopping.aborted || trouble === undefined || trouble === "fatal") {
				throw error;
			}
			await sleep(deps.clock, Math.min(recordWaitMaxMs, 100 * 2 ** failures), deps.stopping);
		}
	}
}

/**
 * What must not go out whoever the provider is: its time is over, the contact does not want it, or the channel takes no free
 * text now.
 */
function ownRefusal(claim: Claim, service: OpenService, now: Date): Outcome | undefined {
	if (claim.validUntil <= now) {
		const detail = "The time to live was over before the message could be sent.";
		return { kind: "retry", code: "expired", detail }; // There is no next time, so it ends as expired.
	}
	if (claim.isRefused) {
		return { kind: "rejected", code: "opted_out", detail: optedOutDetail };
	}
	const isTemplate = claim.content["template"] !== undefined;
	const hours = isTemplate ? undefined : service.replyWindowHours(claim);
	const detail = hours === undefined ? undefined : whyShut(hours, claim.contactLastWroteAt, now);
	return detail === undefined ? undefined : { kind: "rejected", code: "outside_window", detail };
}

/** A connector that throws has a bug, and nobody knows how far it came: the outcome is unknown, never a retry. */
async function attempt(
	claim: Claim,
	service: OpenService,
	deps: DeliverDeps,
): Promise<{ outcome: Outcome; exchange: readonly Exchange[] }> {
	const cannotSend = service.isLocked ? "Its secrets cannot be opened; check the key ring." : service.cannotSend();
	if (cannotSend !== undefined) {
		return { outcome: { kind: "retry", code: "config", detail: cannotSend }, exchange: [] };
	}
	const attachments = deps.links.given(claim.attachments, deps.clock.now());
	if (attachments === undefined) {
		const detail = "No address can be made for its files; check the key ring.";
		return { outcome: { kind: "retry", code: "config", detail }, exchange: [] };
	}
	const { tools, exchange } = toolsFor(service, deps);
	try {
		const message = toOutboundMessage({ ...claim, attachments }, service);
		return { outcome: storable(await service.send(message, tools)), exchange };
	} catch (error) {
		deps.log.error("A connector failed while sending.", {
			server: "SMS Server",
			serviceId: service.id,
			serviceType: service.type,
			messageId: claim.messageId,
			attemptId: claim.attemptId,
			error: describeError(error),
		});
		return { outcome: { kind: "unknown", code: "protocol", detail: "The connector failed while sending." }, exchange };
	}
}

type ClaimedText = Pick<
	Claim,
	"messageId" | "attemptId" | "channel" | "ourAddress" | "contactAddress" | "text" | "content" | "validUntil"
> & { part: number; parts?: number; attachments: readonly Attachment[]; contactLastWroteAt?: Date | null };

/** Template and quoted message go with the first part. */
export function toOutboundMessage(claim: ClaimedText, service: { webhookUrl: string }): OutboundMessage {
	const { template, replyTo } = claim.content as { template?: MessageTemplate; replyTo?: RemoteId };
	const isFirst = claim.part === 1;
	const { part: number, parts: of = 1 } = claim;
	return {
		messageId: claim.messageId as MessageId,
		attemptId: claim.attemptId as AttemptId,
		channel: claim.channel,
		ourAddress: claim.ourAddress,
		contactAddress: claim.contactAddress,
		...(of > 1 ? { part: { number, of } } : {}),
		text: claim.text,
		attachments: claim.attachments,
		validUntil: claim.validUntil,
		webhookUrl: service.webhookUrl,
		...(isFirst && template !== undefined ? { template } : {}),
		...(isFirst && replyTo !== undefined ? { replyTo } : {}),
		...(claim.contactLastWroteAt instanceof Date ? { contactLastWroteAt: claim.contactLastWroteAt } : {}),
	};
}
