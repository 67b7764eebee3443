// Our attempt id goes out with the message and comes back in what the provider reports about it, signed.

import type { VerifiedRequest } from "#connectors/contract.ts";
import type { ChannelEvent, ReceiptEvent } from "#domain/messages.ts";
import { goodManners } from "#simulators/simulator.ts";
import { eventTrouble } from "./event-shape.ts";
import { onStand } from "./sending.ts";
import { attemptId, now, type Sending, type Stand } from "./stand.ts";
import { type Findings, leftToHttpUser, type Subject, verdictOf } from "./subject.ts";

export async function attemptIdTravels(subject: Subject): Promise<Findings> {
	return subject.connector.capabilities.receipts.length === 0 ? nothingIsReported(subject) : itComesBack(subject);
}

/** A provider that reports nothing can bring nothing back. */
async function nothingIsReported(subject: Subject): Promise<Findings> {
	return onStand(subject, async (stand) => {
		stand.simulator.manners = goodManners;
		await stand.try({});
		await stand.simulator.settled();
		const config = subject.connector.config.parse(stand.service().stored);
		const events = stand.received.flatMap((raw) => subject.connector.inbound.parse(raw as VerifiedRequest, config));
		return events.some(isReceipt) ? ["receipts come, although the type promises none"] : [];
	});
}

function itComesBack(subject: Subject): Promise<Findings> {
	return onStand(subject, async (stand) => {
		// A type that has to ask for reports asks for them afterwards, from where it stood before.
		const before = await stand.keepUp({}, {}, now);
		stand.simulator.manners = { ...goodManners, receipts: subject.connector.capabilities.receipts };
		const sending = await stand.try({});
		await stand.simulator.settled();
		const taken = stand.simulator.taken.at(-1);
		const state = before === undefined || "thrown" in before.round ? {} : before.round.state;
		const asked = await stand.keepUp({}, state, now);
		const found = asked === undefined || "thrown" in asked.round ? [] : asked.round.findings;
		return [
			...wentOut(sending),
			...(taken?.attemptId === attemptId ? [] : [`the provider was told the attempt id ${String(taken?.attemptId)}`]),
			...cameBack(subject, stand, { sending, found: found.flatMap(({ events }) => events) }),
		];
	});
}

/** As `parley:<attempt id>` in a field of the provider's, or in the address that the provider reports to. */
function wentOut({ heard }: Sending): Findings {
	const sent = heard.filter(({ asksForToken }) => !asksForToken).map(({ body }) => decodeURIComponent(body));
	return sent.some((body) => body.includes(`parley:${attemptId}`) || body.includes(`=${attemptId}`))
		? []
		: ["the request does not carry the attempt id"];
}

type Reported = { sending: Sending; found: readonly ChannelEvent[] };

function cameBack(subject: Subject, stand: Stand, { sending: { outcome }, found }: Reported): Findings {
	const { connector } = subject;
	const { stored } = stand.service();
	const config = connector.config.parse(stored);
	const refused = stand.received
		.map((raw) => verdictOf(connector, raw, stored, now))
		.filter((verdict) => verdict !== "ok" && verdict !== leftToHttpUser)
		.map((verdict) => `what the provider reports is refused: ${verdict}`);
	const brought = stand.received.flatMap((raw) => connector.inbound.parse(raw as VerifiedRequest, config));
	const events = [...brought, ...found];
	const receipts = events.filter(isReceipt);
	const remoteIds: readonly string[] = outcome.kind === "accepted" ? outcome.remoteIds : [];
	const ofAttempt = receipts.filter(({ target }) => target.by !== "watermark" && target.attemptId === attemptId);
	const ofOthers = ofAttempt.filter(
		({ target }) => target.by !== "watermark" && target.remoteId !== undefined && !remoteIds.includes(target.remoteId),
	);
	const missing = connector.capabilities.receipts.filter(
		(status) => !receipts.some((event) => event.status === status),
	);
	return [
		...refused,
		...events.map(eventTrouble).filter((trouble) => trouble !== undefined),
		...(ofAttempt.length > 0 ? [] : ["no receipt brings the attempt id back"]),
		...ofOthers.map(() => "a receipt names our attempt and another message"),
		...missing.map((status) => `no receipt says ${status}, although the type promises it`),
	];
}

function isReceipt(event: ChannelEvent): event is ReceiptEvent {
	return event.kind === "receipt";
}
