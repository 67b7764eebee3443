// The way in, readable aloud: admit → parse → record → ack. A 2xx is answered only after the commit; a request that is not
// admitted is refused (and sealed), never dropped.

import { createHash } from "node:crypto";
import type { ChannelEvent, ForeignEvent, MessageEvent } from "#domain/messages.ts";
import type { RawRequest, Reply, VerifiedRequest } from "#connectors/contract.ts";
import { secretHeaders, withoutSecrets, withoutSecretsInUrl } from "#connectors/registry.ts";
import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import { describeError, type Log } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { GroupCommit } from "#storage/group-commit.ts";
import { type Arrival, isConsent, type KeptEvent, type Recorded } from "#storage/arrivals.ts";
import type { Signals } from "#storage/signals.ts";
import { admit, type AdmitDeps } from "./admit.ts";
import { fitting } from "./fitting.ts";
import type { OpenService } from "./open-service.ts";
import { refuse, type RefuseDeps, seal } from "./refuse.ts";
import { storable } from "./storable.ts";

export type GatewayReply = Reply & { headers?: Readonly<Record<string, string>> };

export type ReceiveDeps = AdmitDeps &
	RefuseDeps & {
		clock: Clock;
		ids: Ids;
		log: Log;
		metrics: Metrics;
		signals: Signals;
		arrivals: GroupCommit<Arrival, Recorded>;
		/** Lets the next round of the service's upkeep begin soon. False: somebody asked for it before. */
		askUpkeep(serviceId: string): Promise<boolean>;
	};

export type Caller = {
	address: string;
	/** Accounts that the same request names and that other services of ours judge by themselves. */
	takenElsewhere?: ReadonlySet<string>;
};

/** A provider knocks: stored and acknowledged, or a plain no. */
export async function receive(
	raw: RawRequest,
	service: OpenService,
	caller: Caller,
	deps: ReceiveDeps,
): Promise<GatewayReply> {
	const greeting = service.handshake(raw);
	if (greeting !== undefined) {
		noteAnswer(service, caller, { kind: "handshake", ...greeting }, deps);
		return greeting;
	}
	const door = await admit(raw, service, caller.address, deps);
	if (!door.open) {
		await (door.reason === "key_unknown" ? deps.askUpkeep(service.id) : false);
		return refuse(door, { raw, service, caller }, deps);
	}
	const { ours, foreign } = sortOut(parse(door.request, service, deps));
	if (ours.length === 0 && foreign.length > 0) {
		return refuse({ open: false, status: 403, reason: "foreign_account" }, { raw, service, caller }, deps);
	}
	if (service.isDoorOpen && ours.every(isHint)) {
		return receiveHint(raw, { service, caller, hints: ours }, deps);
	}
	const arrival = toArrival(raw, { service, caller, nonce: door.nonce, events: ours, verdict: "ok" }, deps);
	const recorded = await deps.arrivals.add(arrival);
	if (recorded.kind === "replay") {
		return refuse({ open: false, status: 401, reason: "replay" }, { raw, service, caller }, deps);
	}
	const isPartForeign = foreign.some(({ account }) => caller.takenElsewhere?.has(account) !== true);
	const quarantineId = isPartForeign ? await seal("foreign_account", { raw, service, caller }, deps) : undefined;
	deps.vitals.received(service.id, recorded.fresh);
	await report(recorded, service, caller, deps);
	await wake(ours, service, deps);
	const answer = service.ack(ours);
	noteAnswer(service, caller, { kind: "call", ...answer, quarantineId }, deps);
	return answer;
}

type Hinted = { service: OpenService; caller: Caller; hints: readonly KeptEvent[] };

/**
 * Anybody may have sent it. So it proves nothing of the service, one that waits for its round is enough, and of its bytes
 * nothing is kept but what was understood: else strangers could fill the disk.
 */
async function receiveHint(raw: RawRequest, knock: Hinted, deps: ReceiveDeps): Promise<GatewayReply> {
	const { service, caller, hints } = knock;
	if (await deps.askUpkeep(service.id)) {
		const bare = { method: raw.method, url: service.webhookUrl, headers: new Headers(), body: new Uint8Array() };
		const content = { service, caller, nonce: undefined, events: hints, verdict: "ok" };
		await deps.arrivals.add(toArrival(bare, content, deps));
	}
	const answer = service.ack(hints);
	noteAnswer(service, caller, { kind: "call", ...answer }, deps);
	return answer;
}

type Answered = { kind: "handshake" | "call"; status: number; quarantineId?: string | undefined };

/** For who waits for the provider's first call, and for who looks why there is none. */
export function noteAnswer(
	service: OpenService,
	{ address }: Caller,
	{ kind, status, quarantineId }: Answered,
	{ vitals }: Pick<ReceiveDeps, "vitals">,
): void {
	const reason = kind === "handshake" ? troubleOfHandshake(status) : null;
	const mode = kind === "handshake" ? null : service.incomingMode;
	vitals.answered(service.id, {
		kind,
		status,
		reason,
		remoteAddress: address,
		mode,
		quarantineId: quarantineId ?? null,
	});
}

function troubleOfHandshake(status: number): string | null {
	return status === 200 ? null : status === 400 ? "handshake_incomplete" : "verify_token_wrong";
}

/** Only who has work: a server that looks for nothing costs as much as one that finds something. */
async function wake(
	events: readonly KeptEvent[],
	service: OpenService,
	{ signals, askUpkeep }: Pick<ReceiveDeps, "signals" | "askUpkeep">,
): Promise<void> {
	nudge(events, signals);
	if (events.some(isHint)) {
		await askUpkeep(service.id);
	}
}

function isHint(event: KeptEvent): boolean {
	return event.kind === "activity" && event.wakesUpkeep === true;
}

export function nudge(events: readonly KeptEvent[], signals: Signals): void {
	if (events.some(({ kind }) => kind === "message")) {
		signals.nudge("matcher");
	}
	if (events.some(hasAttachments)) {
		signals.nudge("media");
	}
	if (events.some((event) => event.kind === "receipt" || isConsent(event))) {
		signals.nudge("receipts");
	}
}

function hasAttachments(event: KeptEvent): event is MessageEvent {
	return event.kind === "message" && event.attachments.length > 0;
}

/** A connector that throws has a bug: the request is kept as unreadable, for a person, and acknowledged. */
export function parse(request: VerifiedRequest, service: OpenService, deps: { log: Log }): readonly ChannelEvent[] {
	try {
		return service.parse(request).map((event) => fitting(storable(event)));
	} catch (error) {
		deps.log.error("A connector could not parse a verified request.", {
			server: "SMS Server",
			serviceId: service.id,
			serviceType: service.type,
			error: describeError(error),
		});
		const dedupKey = `unreadable:${createHash("sha256").update(request.body).digest("hex")}`;
		return [{ kind: "unreadable", dedupKey, reason: "The connector failed on this request." }];
	}
}

export function sortOut(events: readonly ChannelEvent[]): { ours: KeptEvent[]; foreign: ForeignEvent[] } {
	const ours: KeptEvent[] = [];
	const foreign: ForeignEvent[] = [];
	for (const event of events) {
		if (event.kind === "foreign") {
			foreign.push(event);
		} else {
			ours.push(event);
		}
	}
	return { ours, foreign };
}

type Content = {
	service: OpenService;
	caller: Caller;
	nonce: string | undefined;
	events: readonly KeptEvent[];
	verdict: string;
};

export function toArrival(raw: RawRequest, content: Content, deps: { clock: Clock; ids: Ids }): Arrival {
	const shown = [...raw.headers].filter(([name]) => !secretHeaders.has(name));
	return {
		request: {
			id: deps.ids.next(),
			serviceId: content.service.id,
			receivedAt: deps.clock.now(),
			method: raw.method,
			url: withoutSecretsInUrl(raw.url),
			headers: Object.fromEntries(shown),
			body: withoutSecrets(raw.body),
			verdict: content.verdict,
			remoteAddress: content.caller.address,
		},
		nonce: content.nonce,
		events: content.events.map((event) => ({
			id: deps.ids.next(),
			event,
			...(hasAttachments(event) ? { fileIds: event.attachments.map(() => deps.ids.next<string>()) } : {}),
		})),
	};
}

/** The same id with other content: the first stays, and somebody should know. */
async function report(
	recorded: Extract<Recorded, { kind: "stored" }>,
	service: OpenService,
	caller: Caller,
	deps: ReceiveDeps,
): Promise<void> {
	if (recorded.differing > 0) {
		await deps.securityEvents.add({
			kind: "duplicate_differs",
			serviceId: service.id,
			address: caller.address,
			detail: `${recorded.differing} event(s) came again under a known id with other content.`,
		});
	}
}
