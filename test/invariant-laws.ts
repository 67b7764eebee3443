// The invariants I1–I10, each a pure function from what was seen to the sentences that say what is wrong. They are written
// from the promises, and share no rule with the product.

import type { Simulator, TakenMessage } from "#simulators/simulator.ts";

/** What the test itself knows, whatever Parley says. */
export type Witness = {
	/** Remote id → text, of every message that the provider offered, in the provider's order. */
	offered: ReadonlyMap<string, string>;
	/** Remote ids of those that were answered 2xx. */
	acknowledged: ReadonlySet<string>;
	/** Sends that were answered 202, in the order of the answers. Texts to one receiver differ. */
	accepted: readonly { id: string; conversation?: string; key?: string; text: string; to: string }[];
	/** Ids of messages of whose attempts one met a fault or a kill; undefined: only the trace is asked. */
	unclear?: ReadonlySet<string>;
	/** Several callers were at work for one contact at once, so that there is no order to keep. */
	isSideBySide?: boolean;
};

export type ShownMessage = {
	id: string;
	service: string;
	from: string;
	to: string;
	conversation: string | null;
	sequence: number | null;
	text: string;
	state: string;
	remoteIds: readonly string[];
	attempts: number;
	possibleDuplicate: boolean;
	parts: readonly { part: number; state: string }[];
};

export type StateChange = { message: string; part: number; from: string; to: string; byPerson: boolean };
export type Attempt = { id: string; outcome: "accepted" | "retry" | "rejected" | "unknown" | null };

/** What the API shows, what the simulator noted, and what `parley verify` says. */
export type Seen = {
	/** Nothing was under way any more when it was looked at. */
	isResting: boolean;
	/** Both in the order of their ids. */
	incoming: readonly ShownMessage[];
	outgoing: readonly ShownMessage[];
	changes: readonly StateChange[];
	taken: readonly TakenMessage[];
	webhooks: Simulator["webhooks"];
	/** The simulator reports every message's arrival, or its failure. */
	promisesArrival: boolean;
	policyOf: ReadonlyMap<string, "hold" | "resend">;
	/** Of messages that were tried more than once, in order. */
	attemptsOf: ReadonlyMap<string, readonly Attempt[]>;
	leaks: readonly string[];
	verify: { passes: boolean; output: string };
};

export type Law = { id: string; says: string; broken(seen: Seen, witness: Witness): string[] };

export const laws: readonly Law[] = [
	{ id: "I1", says: "each webhook answered 2xx is visible through the API exactly once", broken: lostOrDoubled },
	{ id: "I2", says: "nothing is visible that no provider sent", broken: invented },
	{ id: "I3", says: "n deliveries of one id make one message", broken: shownTwice },
	{ id: "I4", says: "the order within a conversation is kept, both ways", broken: outOfOrder },
	{ id: "I5", says: "each accepted send comes to an end and never vanishes", broken: endless },
	{ id: "I6", says: "only what was unclear is sent twice, and it is marked", broken: sentTwice },
	{ id: "I7", says: "states never go back, and nothing follows an end", broken: wentBack },
	{ id: "I8", says: "one Idempotency-Key has one answer and one message", broken: repeatedKeys },
	{ id: "I9", says: "nobody sees other people's services", broken: ({ leaks }) => [...leaks] },
	{ id: "I10", says: "the database is whole: verify passes", broken: notWhole },
];

function lostOrDoubled({ incoming }: Seen, { acknowledged }: Witness): string[] {
	const shown = Map.groupBy(incoming, ({ remoteIds: [id = ""] }) => id);
	return [...acknowledged].flatMap((id) => {
		const [message, ...others] = shown.get(id) ?? [];
		if (message === undefined) {
			return [`${id} was acknowledged and is not shown`];
		}
		if (others.length > 0) {
			return [`${id} was acknowledged and is shown ${others.length + 1} times`];
		}
		const isInPlace = message.state === "matched" && message.conversation !== null;
		return isInPlace ? [] : [`${id} was acknowledged and is in no conversation: ${message.state}`];
	});
}

function invented({ incoming }: Seen, { offered }: Witness): string[] {
	return incoming.flatMap(({ id, remoteIds: [remoteId = ""], text }) => {
		const sent = offered.get(remoteId);
		if (sent === undefined) {
			return [`message ${id} (${remoteId}) was sent by no provider`];
		}
		return sent === text ? [] : [`message ${id} (${remoteId}) has another text than the provider sent`];
	});
}

function shownTwice({ incoming }: Seen): string[] {
	const shown = Map.groupBy(incoming, ({ remoteIds: [id = ""] }) => id);
	return [...shown].filter(([, all]) => all.length > 1).map(([id, all]) => `${id} is shown ${all.length} times`);
}

function outOfOrder(seen: Seen, witness: Witness): string[] {
	return witness.isSideBySide === true
		? []
		: [...inboundInversions(seen, witness), ...acceptedInversions(seen, witness), ...takenInversions(seen)];
}

function inboundInversions({ incoming }: Seen, { offered }: Witness): string[] {
	const placeOf = new Map([...offered.keys()].map((id, index) => [id, index]));
	const byPlace = incoming
		.filter(({ conversation }) => conversation !== null)
		.toSorted((a, b) => (placeOf.get(a.remoteIds[0] ?? "") ?? -1) - (placeOf.get(b.remoteIds[0] ?? "") ?? -1));
	return inversions(byPlace, "was sent before it by the provider");
}

function acceptedInversions({ outgoing }: Seen, { accepted }: Witness): string[] {
	const messageOf = new Map(outgoing.map((message) => [message.id, message]));
	const inOrder = [...new Set(accepted.map(({ id }) => id))].flatMap((id) => messageOf.get(id) ?? []);
	return inversions(inOrder, "was accepted before it");
}

/** By the first time a provider saw each. What a person sent again later has left its place. */
function takenInversions(seen: Seen): string[] {
	const again = new Set(seen.changes.filter(({ byPerson }) => byPerson).map(({ message }) => message));
	const firsts = new Set(takes(seen).flatMap(({ message }) => message ?? []));
	return inversions(
		[...firsts].filter(({ id }) => !again.has(id)),
		"reached the provider before it",
	);
}

/** Neighbours of one conversation whose places contradict the order given. */
function inversions(inOrder: readonly ShownMessage[], because: string): string[] {
	const last = new Map<string, ShownMessage>();
	return inOrder.flatMap((message) => {
		const before = last.get(message.conversation ?? "");
		last.set(message.conversation ?? "", message);
		return before !== undefined && (before.sequence ?? 0) > (message.sequence ?? 0)
			? [`message ${message.id} has place ${message.sequence}, but ${before.id} (${before.sequence}) ${because}`]
			: [];
	});
}

const ends = new Set(["delivered", "read", "failed", "expired", "held"]);

function endless(seen: Seen, { accepted }: Witness): string[] {
	const shown = new Map(seen.outgoing.map((message) => [message.id, message]));
	const vanished = accepted.filter(({ id }) => !shown.has(id)).map(({ id }) => `${id} was accepted and is not shown`);
	const unended = seen.outgoing
		.filter((message) => !ends.has(message.state) && !isAsFarAsItGets(message, seen))
		.map(({ id, state }) => `${id} is still ${state}`);
	const unknown = takes(seen)
		.filter(({ message }) => message === undefined)
		.map(({ take }) => `the provider took ${take.remoteId}, which no message shows`);
	return [...vanished, ...unended, ...unknown];
}

/** `sent` is an end where the provider promises no more, or where its receipt was refused and never came again. */
function isAsFarAsItGets({ state, remoteIds }: ShownMessage, { promisesArrival, webhooks }: Seen): boolean {
	const receipts = webhooks.filter(({ kind, remoteId }) => kind === "receipt" && remoteIds.includes(remoteId));
	const last = new Map(receipts.map((receipt) => [receipt.remoteId, receipt.status]));
	const wasRefused = [...last.values()].some((status) => status < 200 || status > 299);
	return state === "sent" && (!promisesArrival || wasRefused);
}

type Take = { take: TakenMessage; message: ShownMessage | undefined };

/** Which message each take belongs to: by the provider's id, else (its answer was lost) by receiver and text. */
function takes({ taken, outgoing }: Seen): Take[] {
	const byRemoteId = new Map(outgoing.flatMap((message) => message.remoteIds.map((id) => [id, message] as const)));
	const byContent = Map.groupBy(outgoing, contentKey);
	return taken.map((take) => ({
		take,
		message: byRemoteId.get(take.remoteId) ?? byContent.get(contentKey(take))?.[0],
	}));
}

/** Providers write addresses without the prefixes and signs that we put before them. */
function contentKey({ to, text }: { to: string; text: string }): string {
	return `${to.replace(/^.*:/, "").replace(/^\+/, "").toLowerCase()} ${text}`;
}

function sentTwice(seen: Seen, { unclear }: Witness): string[] {
	const times = Map.groupBy(takes(seen), ({ message, take }) => `${message?.id ?? ""} ${take.text}`);
	return [...times.values()].flatMap((all) => {
		const [{ message } = { message: undefined }] = all;
		return message === undefined || all.length < 2 ? [] : wrongRepetition(message, all, seen, unclear);
	});
}

function wrongRepetition(
	message: ShownMessage,
	all: readonly Take[],
	seen: Seen,
	unclear: Witness["unclear"],
): string[] {
	const name = `message ${message.id} was sent ${all.length} times`;
	const byPerson = seen.changes.some((change) => change.message === message.id && change.byPerson);
	const attempts = seen.attemptsOf.get(message.id) ?? [];
	const unclearAttempts = attempts.filter(({ outcome }) => outcome === "unknown" || outcome === null).length;
	return [
		...(message.possibleDuplicate ? [] : [`${name} and is not marked`]),
		...(unclearAttempts >= all.length - 1 ? [] : [`${name}, but only ${unclearAttempts} attempts were unclear`]),
		...(unclear === undefined || unclear.has(message.id) ? [] : [`${name}, and no fault had met it`]),
		...(seen.policyOf.get(message.service) === "hold" && !byPerson ? [`${name} although it was to be held`] : []),
		...(wasProven(all, seen) ? [`${name} although a receipt had told of the first`] : []),
	];
}

/** The receipt that proved a take had been taken from the provider before the next one. */
function wasProven(all: readonly Take[], { webhooks }: Seen): boolean {
	return all.slice(1).some(({ take: next }, index) => {
		const proof = webhooks.find(
			({ kind, remoteId, status }) =>
				kind === "receipt" && remoteId === all[index]?.take.remoteId && status >= 200 && status <= 299,
		);
		return proof !== undefined && proof.at < next.at;
	});
}

/** How far along each state is. Only what certainly was not taken, or was held, starts again. */
const ranks: Readonly<Record<string, number>> = {
	queued: 0,
	sending: 1,
	held: 2,
	sent: 3,
	delivered: 4,
	failed: 5,
	expired: 5,
	read: 6,
};
const restarts = new Set(["sending queued", "held queued"]);
const final = new Set(["failed", "expired", "read"]);

function wentBack({ changes, outgoing, isResting }: Seen): string[] {
	const states = new Map<string, string>();
	const wrong = changes.flatMap(({ message, part, from, to }) => {
		const name = `${message} part ${part}`;
		const before = states.get(name) ?? "queued";
		states.set(name, to);
		if (before !== from) {
			return [`${name} changed from ${from}, but was ${before}`];
		}
		const isFinal = final.has(from) || (from === "delivered" && to !== "read");
		const isForward = (ranks[to] ?? -1) > (ranks[from] ?? 7) || restarts.has(`${from} ${to}`);
		return isFinal || !isForward ? [`${name} went from ${from} to ${to}`] : [];
	});
	const silent = outgoing.flatMap(({ id, parts }) =>
		parts
			.filter(({ part, state }) => isResting && (states.get(`${id} part ${part}`) ?? "queued") !== state)
			.map(({ part, state }) => `${id} part ${part} is ${state}, and no event says so`),
	);
	return [...wrong, ...silent];
}

function repeatedKeys({ outgoing }: Seen, { accepted }: Witness): string[] {
	const keyed = accepted.filter(({ key }) => key !== undefined);
	const shown = Map.groupBy(outgoing, contentKey);
	return [...Map.groupBy(keyed, ({ key = "" }) => key)].flatMap(([key, all]) => {
		const answers = new Set(all.map(({ id }) => id)).size;
		const messages = all[0] === undefined ? 0 : (shown.get(contentKey(all[0]))?.length ?? 0);
		return [
			...(answers > 1 ? [`the key ${key} was answered with ${answers} different messages`] : []),
			...(messages > 1 ? [`the key ${key} made ${messages} messages`] : []),
		];
	});
}

function notWhole({ verify }: Seen): string[] {
	return verify.passes ? [] : [`parley verify says: ${verify.output.trim()}`];
}
