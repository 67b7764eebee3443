// What a move changes in the trees of those who see the chat: the difference between what each saw and what each sees now,
// in the order the protocol asks for. Pure; the feed turns steps into transactions when they are sent.

import { allAttached, type Chat, type Leg, type Line } from "#domain/chats.ts";
import type { Face, NewLine, Parting } from "./moves/move.ts";

/** `appears` is filled in when it is sent: the chat with its transcript up to a line, in the state of that commit. */
export type Step =
	| { kind: "leaf"; method: "PUT" | "POST" | "DELETE"; path: string; value: unknown }
	| { kind: "appears"; chatId: string; status: string; channelStatus: string; upTo: number };

export type Tell = { to: string; steps: readonly Step[] };

/** How a chat shows to somebody. */
export type View = { status: string; channelStatus: string };

/** Undefined: it is not in their tree. */
export function viewOf(chat: Chat | undefined, userId: string): View | undefined {
	if (chat === undefined) {
		return undefined;
	}
	if (chat.visitorId === userId) {
		return chat.isShown ? contactView(chat) : undefined;
	}
	const leg = chat.legs.find((one) => one.userId === userId);
	return leg === undefined ? undefined : agentView(chat, leg);
}

const contactStatus = { queued: "queued", served: "accepted", ended: "ended" } as const;
const contactChannelStatus = { queued: "unknown", served: "connected", ended: "disconnected" } as const;

function contactView({ state, failure }: Chat): View {
	return { status: contactStatus[state], channelStatus: failure ?? contactChannelStatus[state] };
}

function agentView(chat: Chat, leg: Leg): View {
	switch (leg.state) {
		case "offered":
			return { status: "incoming", channelStatus: "unknown" };
		case "wrapUp":
			return { status: "ended", channelStatus: "disconnected" };
		case "accepted":
			return { status: "accepted", channelStatus: isBeingTransferred(chat) ? "transferring" : "connected" };
	}
}

function isBeingTransferred({ legs }: Chat): boolean {
	return legs.some(({ origin, state }) => origin === "transfer" && state === "offered");
}

export type Participant = { uniquekey: string; alias: string; capability: "text"; status: null };

/** The contact, and every user who takes part for all to see. */
export function participantsOf(chat: Chat, face: (userId: string) => Face): Participant[] {
	const users = chat.legs
		.filter(({ state, role }) => state === "accepted" && role !== "supervisor")
		.map(({ userId }) => face(userId));
	const contact = { address: chat.originator, alias: chat.contactName ?? "" };
	return [contact, ...users].map(({ address, alias }) => ({
		uniquekey: address,
		alias,
		capability: "text",
		status: null,
	}));
}

/** Whether a line is for the eyes of the user. */
export function isFor(line: Pick<Line, "audience">, chat: Chat, userId: string): boolean {
	return line.audience === "all" || (line.audience === "contact") === (chat.visitorId === userId);
}

export type Written = { line: Line; isLate: boolean };

export type Difference = {
	before: Chat | undefined;
	after: Chat;
	written: readonly Written[];
	partings: Readonly<Record<string, Parting>>;
	face(userId: string): Face;
	queueName(id: string): string | undefined;
};

export function tellsOf(difference: Difference): Tell[] {
	const { before, after } = difference;
	const users = new Set([...(before?.legs ?? []), ...after.legs].map(({ userId }) => userId));
	if (after.visitorId !== null) {
		users.add(after.visitorId);
	}
	return [...users].flatMap((to) => {
		const steps = stepsFor(to, difference);
		return steps.length === 0 ? [] : [{ to, steps }];
	});
}

function stepsFor(to: string, difference: Difference): Step[] {
	const { before, after, partings } = difference;
	const was = viewOf(before, to);
	const is = viewOf(after, to);
	const path = `/interactions/${after.id}`;
	const coming: Step[] = is === undefined ? [] : [{ kind: "appears", chatId: after.id, ...is, upTo: after.lines }];
	if (was === undefined) {
		return coming;
	}
	const parting = partings[to];
	if (is === undefined || parting !== undefined) {
		return [
			...linesFor(to, difference, false),
			...(parting === undefined || parting === was.status ? [] : [leaf("PUT", `${path}/status`, parting)]),
			leaf("DELETE", path, null),
			...coming,
		];
	}
	return [
		...linesFor(to, difference, false),
		...(was.status === is.status ? [] : [leaf("PUT", `${path}/status`, is.status)]),
		...(was.channelStatus === is.channelStatus ? [] : [leaf("PUT", `${path}/channel_status`, is.channelStatus)]),
		...queueSteps(to, difference),
		...placeSteps(to, difference),
		...attachedSteps(to, difference),
		...participantSteps(path, difference),
		...linesFor(to, difference, true),
	];
}

/** The queue it waits or waited in last, by the name it has now; for who wraps it up the one they had it from. */
export function fromQueueOf(chat: Chat, viewerId: string, queueName: Difference["queueName"]) {
	const id = queueFor(chat, viewerId);
	const name = id === null ? undefined : queueName(id);
	return name === undefined ? { id: null, name: null } : { id, name };
}

function queueFor({ queueId, legs }: Chat, viewerId: string): string | null {
	return legs.find(({ userId, state }) => userId === viewerId && state === "wrapUp")?.queueId ?? queueId;
}

function queueSteps(to: string, { before, after, queueName }: Difference): Step[] {
	return before === undefined || queueFor(before, to) === queueFor(after, to)
		? []
		: [leaf("PUT", `/interactions/${after.id}/from_queue`, fromQueueOf(after, to, queueName))];
}

/** What only our own desk reads of somebody's place in a chat. */
export function placeOf({ queuedAt }: Chat, leg: Leg | undefined) {
	const until = (state: Leg["state"]): string | null =>
		leg?.state === state && leg.until !== null ? toWireTime(leg.until) : null;
	return {
		role: leg?.role ?? "supervisor",
		waiting_since: toWireTime(queuedAt),
		offer_until: until("offered"),
		wrapup_until: until("wrapUp"),
	};
}

function placeSteps(to: string, { before, after }: Difference): Step[] {
	const [was, is] = [before, after].map((chat) => chat?.legs.find(({ userId }) => userId === to));
	if (before === undefined || was === undefined || is === undefined) {
		return [];
	}
	const known: Readonly<Record<string, string | null>> = placeOf(before, was);
	return Object.entries(placeOf(after, is))
		.filter(([name, value]) => known[name] !== value)
		.map(([name, value]) => leaf("PUT", `/interactions/${after.id}/${name}`, value));
}

/** As agents see it. */
export function attachedOf(chat: Chat): Readonly<Record<string, unknown>> {
	return { ...allAttached(chat), channel: chat.channel };
}

/** To who has been in the chat and is to have it now: what comes along. */
function attachedSteps(to: string, { before, after }: Difference): Step[] {
	const isOwners = (chat: Chat | undefined): boolean =>
		chat?.legs.some(({ userId, role }) => userId === to && role === "agent") === true;
	return isOwners(after) && !isOwners(before)
		? [leaf("PUT", `/interactions/${after.id}/attached_data`, attachedOf(after))]
		: [];
}

function linesFor(to: string, { written, after }: Difference, isLate: boolean): Step[] {
	return written
		.filter((one) => one.isLate === isLate && isFor(one.line, after, to))
		.map(({ line }) => leaf("POST", `/interactions/${after.id}/transcript/messages/${line.id}`, toMessage(line)));
}

function participantSteps(path: string, { before, after, face }: Difference): Step[] {
	const was = before === undefined ? [] : participantsOf(before, face);
	const is = participantsOf(after, face);
	const keys = new Set(was.map(({ uniquekey }) => uniquekey));
	const nowKeys = new Set(is.map(({ uniquekey }) => uniquekey));
	return [
		...was
			.filter(({ uniquekey }) => !nowKeys.has(uniquekey))
			.map(({ uniquekey }) => leaf("DELETE", `${path}/participants/${uniquekey}`, null)),
		...is
			.filter(({ uniquekey }) => !keys.has(uniquekey))
			.map((one) => leaf("POST", `${path}/participants/${one.uniquekey}`, one)),
	];
}

export function leaf(method: "PUT" | "POST" | "DELETE", path: string, value: unknown): Step {
	return { kind: "leaf", method, path, value };
}

/** A line as the wire has it. `seq` and what follows are additions of ours. */
export function toMessage(line: Line): Readonly<Record<string, unknown>> {
	return {
		type: line.type,
		message: line.message,
		originator: line.originator,
		timestamp: toWireTime(line.at),
		system_message: line.isSystem,
		id: line.id,
		seq: line.seq,
		...(line.delivery === null ? {} : { delivery_status: line.delivery }),
		...(line.clientMessageId === null ? {} : { client_message_id: line.clientMessageId }),
	};
}

/** `05/03/2026 14:07:09 UTC+00:00`: day, month, year, always UTC. */
export function toWireTime(ms: number): string {
	const [date = "", time = ""] = new Date(ms).toISOString().split("T");
	return `${date.split("-").toReversed().join("/")} ${time.slice(0, 8)} UTC+00:00`;
}

/** The line that a move writes, once it has its number and id. */
export function toLine(line: NewLine, given: { id: string; seq: number; at: number }): Line {
	return {
		...given,
		type: line.type,
		message: line.message,
		originator: line.originator,
		isSystem: line.isSystem,
		audience: line.audience,
		messageId: line.messageId ?? null,
		delivery: line.delivery ?? null,
		clientMessageId: line.clientMessageId ?? null,
	};
}
