// What an entry of a trace says, as the name of a sentence with what is filled in. Pure; the sentences are in the catalogue.

import type { Message, TraceEntry } from "#web/api/objects.ts";
import type { Tone } from "#web/ui/chip.tsx";

type State = Message["state"];
export type Told = {
	/** In the catalogue, under trace.says. */
	says: Says;
	values?: Readonly<Record<string, string | number>>;
	/** Filled in too, in the words for states. */
	states?: Readonly<Record<string, State>>;
	tone: Tone;
	/** Why, as the server writes it. */
	note?: string;
	/** Who had it done, and why. */
	person?: { user: string; because?: string };
	/** Of a matching decision: what spoke against the others. */
	others?: Others;
};

type Others = { key: "continue" | "reopen" | "startFirst" | "startAfter"; minutes: number };

type Facts = Readonly<Record<string, unknown>>;

const plain = {
	"message.received": { says: "messageReceived", tone: "neutral" },
	"message.queued": { says: "messageQueued", tone: "neutral" },
	"message.retried": { says: "messageRetried", tone: "pending" },
	"message.released": { says: "messageReleased", tone: "good" },
	"message.parked": { says: "messageParked", tone: "warning" },
	"message.leftOut": { says: "messageLeftOut", tone: "bad" },
	"contact.optedOut": { says: "optedOut", tone: "warning" },
	"contact.optedIn": { says: "optedIn", tone: "good" },
} as const satisfies Record<string, Told>;

const outcomes = {
	accepted: { says: "attemptAccepted", tone: "good" },
	retry: { says: "attemptRetry", tone: "warning" },
	rejected: { says: "attemptRejected", tone: "bad" },
	unknown: { says: "attemptUnknown", tone: "warning" },
} as const satisfies Record<string, Told>;

const rules = { continue: "matchedContinue", reopen: "matchedReopen", start: "matchedStart" } as const;

export type Says =
	| ("requestProven" | "requestUnproven" | "requestReleased" | "storedMessage" | "storedReceipt" | "storedOther")
	| ("finishedDone" | "finishedParked" | "receiptMoved" | "receiptIdle" | "attemptStarted" | "attemptLost")
	| ("attemptAccepted" | "attemptRetry" | "attemptRejected" | "attemptUnknown")
	| ("messageReceived" | "messageQueued" | "messageParked" | "messageRetried" | "messageReleased" | "messageLeftOut")
	| ("matchedContinue" | "matchedReopen" | "matchedStart" | "stateFirst" | "stateMoved")
	| ("fileKept" | "fileFailed" | "optedOut" | "optedIn" | "unknown");

const tellers: Readonly<Record<string, (facts: Facts) => Told>> = {
	"request.received": toldRequest,
	"event.stored": toldStored,
	"event.finished": toldFinished,
	"attempt.started": toldStart,
	"attempt.finished": toldOutcome,
	receipt: toldReceipt,
	"message.matched": toldMatch,
	"message.state": toldMove,
	"attachment.state": toldFile,
};

export function toldOf({ what, detail }: Pick<TraceEntry, "what" | "detail">): Told {
	const facts = detail as Facts;
	const teller = tellers[what];
	const told = teller === undefined ? known<Told>(plain, what) : teller(facts);
	return told === undefined
		? { says: "unknown", values: { what }, tone: "neutral" }
		: { ...told, ...noteOf(textAt(facts, "reason") ?? told.note), ...personOf(facts) };
}

function personOf(facts: Facts): Pick<Told, "person"> {
	const [user, because] = [textAt(facts, "user"), textAt(facts, "because")];
	return user === undefined ? {} : { person: { user, ...(because === undefined ? {} : { because }) } };
}

function toldRequest(facts: Facts): Told {
	const verdict = textAt(facts, "verdict") ?? "ok";
	if (verdict === "released") {
		return { says: "requestReleased", tone: "good" };
	}
	return verdict === "ok"
		? { says: "requestProven", tone: "good" }
		: { says: "requestUnproven", values: { verdict }, tone: "warning" };
}

function toldStored(facts: Facts): Told {
	const kind = textAt(facts, "kind");
	const says = kind === "message" ? "storedMessage" : kind === "receipt" ? "storedReceipt" : "storedOther";
	return { says, tone: "neutral" };
}

function toldFinished(facts: Facts): Told {
	return textAt(facts, "state") === "parked"
		? { says: "finishedParked", tone: "warning" }
		: { says: "finishedDone", tone: "neutral" };
}

/** An outcome at the start is what is held to be true without an answer. */
function toldStart(facts: Facts): Told {
	const values = { number: numberAt(facts, "number") };
	return textAt(facts, "outcome") === undefined
		? { says: "attemptStarted", values, tone: "pending" }
		: { says: "attemptLost", values, tone: "warning", ...noteOf(faultIn(facts)) };
}

function toldOutcome(facts: Facts): Told {
	const told = known<Told>(outcomes, textAt(facts, "outcome") ?? "unknown") ?? outcomes.unknown;
	return { ...told, ...noteOf(faultIn(facts)) };
}

function toldReceipt(facts: Facts): Told {
	const state = stateAt(facts, "status");
	const says = textAt(facts, "effect") === "none" ? "receiptIdle" : "receiptMoved";
	return { says, states: { state }, tone: toneOf(state), ...noteOf(faultIn(facts)) };
}

function toldMatch(facts: Facts): Told {
	const decision = recordAt(facts, "decision");
	const rule = textAt(decision, "rule") ?? textAt(facts, "rule") ?? "";
	const says = known<Says>(rules, rule) ?? "matchedContinue";
	const others = othersOf(rule, decision);
	return { says, tone: "good", ...noteOf(textAt(decision, "reason")), ...(others === undefined ? {} : { others }) };
}

function othersOf(rule: string, decision: Facts): Others | undefined {
	const minutes = Math.round(numberAt(recordAt(decision, "rules"), "reopenWindowMs") / 60_000);
	if (rule === "start") {
		return { key: decision["previous"] === undefined ? "startFirst" : "startAfter", minutes };
	}
	return rule === "continue" || rule === "reopen" ? { key: rule, minutes } : undefined;
}

function toldMove(facts: Facts): Told {
	const to = stateAt(facts, "to");
	return textAt(facts, "from") === undefined
		? { says: "stateFirst", states: { to }, tone: toneOf(to) }
		: { says: "stateMoved", states: { from: stateAt(facts, "from"), to }, tone: toneOf(to) };
}

function toldFile(facts: Facts): Told {
	return textAt(facts, "to") === "kept"
		? { says: "fileKept", tone: "good" }
		: { says: "fileFailed", tone: "bad", ...noteOf(textAt(facts, "detail")) };
}

const tones: Readonly<Partial<Record<State, Tone>>> = {
	failed: "bad",
	expired: "bad",
	held: "warning",
	parked: "warning",
	queued: "pending",
	sending: "pending",
};

function toneOf(state: State): Tone {
	return tones[state] ?? "good";
}

function faultIn(facts: Facts): string | undefined {
	const [code, detail] = [textAt(facts, "code"), textAt(facts, "detail")];
	return code === undefined ? detail : detail === undefined ? code : `${code}: ${detail}`;
}

function noteOf(note: string | undefined): { note?: string } {
	return note === undefined ? {} : { note };
}

function known<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
	return Object.hasOwn(table, name) ? table[name] : undefined;
}

function textAt(facts: Facts, name: string): string | undefined {
	const value = facts[name];
	return typeof value === "string" && value !== "" ? value : undefined;
}

function stateAt(facts: Facts, name: string): State {
	return (textAt(facts, name) ?? "sent") as State;
}

function numberAt(facts: Facts, name: string): number {
	return Number(facts[name] ?? 0);
}

function recordAt(facts: Facts, name: string): Facts {
	const value = facts[name];
	return typeof value === "object" && value !== null ? (value as Facts) : {};
}
