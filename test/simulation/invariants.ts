// What must hold in every world, checked against the providers' ledgers: at once where a moment matters (a send begins, a
// yes was given), after each step for every change of a state, and once more when all is quiet.

import type { Account, Update } from "./dialects.ts";
import type { Journal } from "./journal.ts";
import { startWallMs } from "./node.ts";
import type { Provider, Send } from "./provider.ts";
import type { Timeline } from "./timeline.ts";
import type { Move, Part, Witness } from "./witness.ts";

/** The table of moves once more, written down here so that a change of the product's own does not change it. */
const states = ["failed", "expired", "held", "queued", "sending", "sent", "delivered", "read"] as const;
const partMoves: Readonly<Record<string, readonly string[]>> = {
	queued: ["sending", "sent", "delivered", "read", "failed", "expired"],
	sending: ["queued", "sent", "delivered", "read", "failed", "expired", "held"],
	sent: ["delivered", "read", "failed", "expired"],
	delivered: ["read"],
	held: ["queued", "sent", "delivered", "read", "failed"],
	read: [],
	failed: [],
	expired: [],
};
const messageMoves: Readonly<Record<string, readonly string[]>> = {
	received: ["matched", "parked"],
	parked: ["received"],
	matched: [],
};
const queued = 3;
const sending = 4;

export type Accepted = { partIds: readonly string[]; askedMs: number; acceptedMs: number };

export type Judge = {
	sendBegins(send: Send): void;
	sendTaken(send: Send): void;
	acknowledged(account: Account, updates: readonly Update[]): void;
	/** What people asked us to send, in the order we said yes. */
	accepted(one: Accepted): void;
	/** A person sent or gave up the held parts of a message. */
	decided(messageId: string, what: "send" | "giveUp"): void;
	afterStep(): void;
	atTheEnd(providers: readonly Provider[]): void;
};

export type Court = {
	timeline: Timeline;
	witness: Witness;
	journal: Journal;
	/** Whether the clocks of all processes were right, always: only then are ids in the order of the answers. */
	clocksWereRight(): boolean;
	policyOf(account: Account): "hold" | "resend";
};

const clockSlackMs = 10_000; // A claim may wait this long for a slow commit before its send begins.

export function openJudge(court: Court): Judge {
	const { witness, journal, timeline } = court;
	const violated = (statement: string) => journal.violated(statement);
	const acceptedParts = new Map<string, Accepted>();
	const decisions = new Map<string, ("send" | "giveUp")[]>();
	let movesSeen = 0;
	const takes = new Map<string, Send[]>();

	/** In a transaction of somebody else one would see what may yet be rolled back. */
	function whenCommitted(look: () => void): void {
		if (witness.isInTransaction()) {
			setImmediate(look);
		} else {
			look();
		}
	}

	function sendBegins(send: Send): void {
		const part = witness.part(send.account.serviceId, send.text);
		const attempt = send.attemptId === undefined ? undefined : witness.attempt(send.attemptId);
		if (part === undefined || attempt === undefined || attempt.part_id !== part.id) {
			violated(`R11: "${send.text}" is sent, but no attempt of it is stored`);
			return;
		}
		const attempts = witness.attemptsOf(part.id);
		if (attempts.some(({ number, outcome }) => number < attempt.number && outcome === null)) {
			violated(`R15: "${send.text}" is sent again while an earlier attempt is still under way`);
		}
		const accepted = attempts.find(({ outcome }) => outcome === "accepted");
		if (accepted !== undefined && attempt.outcome === null && attempt.number > accepted.number) {
			violated(`I6: "${send.text}" is sent again after it was accepted`);
		}
		if (isCurrent(part, attempt.number, attempt.epoch)) {
			checkLane(send, part);
			if (court.clocksWereRight() && startWallMs + timeline.nowMs > part.valid_until + clockSlackMs) {
				violated(`I5: "${send.text}" is sent after its time to live`);
			}
		}
		checkMark(send, part);
	}

	/** A process that was stalled between claim and send sends late; its claim is not the part's any more. */
	function isCurrent(part: Part, attempt: number, epoch: number): boolean {
		return part.attempts === attempt && part.epoch === epoch;
	}

	function checkLane(send: Send, part: Part): void {
		const lane = witness.lane(part.lane);
		const other = lane.find(({ id, state }) => id !== part.id && state === sending);
		if (other !== undefined) {
			violated(`R6: "${send.text}" is sent while "${other.text}" of the same conversation is under way`);
		}
		const isBefore = ({ id }: Part) => id < part.id || (court.clocksWereRight() && wasAcceptedBefore(id, part.id));
		const earlier = lane.find((one) => one.id !== part.id && one.state === queued && isBefore(one));
		if (earlier !== undefined) {
			violated(`I4: "${send.text}" is sent before "${earlier.text}", which was accepted earlier`);
		}
	}

	/** The yes to one was given before the other was asked for. */
	function wasAcceptedBefore(id: string, other: string): boolean {
		const [one, next] = [acceptedParts.get(id), acceptedParts.get(other)];
		return one !== undefined && next !== undefined && one.acceptedMs < next.askedMs;
	}

	function checkMark(send: Send, part: Part): void {
		const others = (takes.get(part.id) ?? []).filter((other) => other !== send);
		if (others.length > 0 && part.possible_duplicate !== 1) {
			violated(`I6: "${send.text}" is sent again without its mark; the provider has it`);
		}
	}

	function sendTaken(send: Send): void {
		const part = witness.part(send.account.serviceId, send.text);
		if (part !== undefined) {
			checkMark(send, part);
			takes.set(part.id, [...(takes.get(part.id) ?? []), send]);
		}
	}

	function acknowledged(account: Account, updates: readonly Update[]): void {
		for (const update of updates) {
			const count = update.kind === "message" ? witness.messagesWith(account.serviceId, update.id) : 1;
			if (update.kind === "message" && count !== 1) {
				violated(`I1: ${update.id} was answered with a yes and is stored ${count} times`);
			}
		}
	}

	function afterStep(): void {
		for (const move of witness.movesAfter(movesSeen)) {
			movesSeen = move.seq;
			checkMove(move);
		}
	}

	function checkMove(move: Move): void {
		const { what, id, before, after } = move;
		if (what === "part") {
			const [from, to] = [states[Number(before)] ?? "?", states[Number(after)] ?? "?"];
			journal.note(`part ${id.slice(-6)} ${from} → ${to}`);
			if (partMoves[from]?.includes(to) !== true) {
				violated(`I7: a part went from ${from} to ${to}`);
			}
			if (to === "expired" && Number(move.state_at) < Number(move.valid_until)) {
				violated("I5: a part expired before its time");
			}
		} else if (
			what !== "settled" &&
			(what !== "message" || messageMoves[String(before)]?.includes(String(after)) !== true)
		) {
			violated(`I7: ${what} ${id} went from ${before} to ${after}`);
		}
	}

	return {
		sendBegins: (send) => whenCommitted(() => sendBegins(send)),
		sendTaken: (send) => whenCommitted(() => sendTaken(send)),
		acknowledged: (account, updates) => whenCommitted(() => acknowledged(account, updates)),
		accepted: (one) => one.partIds.forEach((id) => acceptedParts.set(id, one)),
		decided: (messageId, what) => void decisions.set(messageId, [...(decisions.get(messageId) ?? []), what]),
		afterStep,
		atTheEnd(providers) {
			for (const provider of providers) {
				checkInbound(provider, court);
				checkReceipts(provider, court);
			}
			checkOutbound({ acceptedParts, decisions, takes, providers }, court);
			checkConversations(providers, court);
			checkLeftovers(court);
		},
	};
}

/** In one transaction: the answer to an attempt whose claim was taken over must not move the part. */
export function checkFence(moves: readonly Move[], journal: Journal): void {
	const settled = moves.filter(({ what }) => what === "settled");
	const moved = moves.filter(({ what, before }) => what === "part" && before === sending);
	for (const { id } of moved) {
		const own = settled.filter((move) => move.id === id);
		if (own.length > 0 && own.every(({ before, after }) => before !== after)) {
			journal.violated(`R15: a part is moved by an attempt whose claim was taken over`);
		}
	}
}

function checkInbound({ account, written, forged }: Provider, { witness, journal }: Court): void {
	const rows = witness.rows(
		"SELECT remote_id, text, state FROM messages WHERE direction = 'in' AND service_id = ?",
		account.serviceId,
	);
	const byId = Map.groupBy(rows, (row) => String(row["remote_id"]));
	for (const { id, texts, acknowledgedMs } of written) {
		const found = byId.get(id) ?? [];
		if (acknowledgedMs === undefined || found.length !== 1) {
			journal.violated(`I1: ${id} is stored ${found.length} times, acknowledged ${String(acknowledgedMs)}`);
		}
		const [row] = found;
		if (row !== undefined && !texts.includes(String(row["text"]))) {
			journal.violated(`I2: ${id} has another content than the provider sent`);
		}
		if (row !== undefined && row["state"] !== "matched" && row["state"] !== "parked") {
			journal.violated(`I1: ${id} is neither matched nor parked`);
		}
	}
	const known = new Set(written.map(({ id }) => id));
	const invented = [...byId.keys()].find((id) => !known.has(id) || forged.includes(id));
	if (invented !== undefined) {
		journal.violated(`I2: ${invented} is stored, and no provider sent it`);
	}
}

type Sending = {
	acceptedParts: ReadonlyMap<string, Accepted>;
	decisions: ReadonlyMap<string, readonly string[]>;
	takes: ReadonlyMap<string, readonly Send[]>;
	providers: readonly Provider[];
};

function checkOutbound({ acceptedParts, decisions, takes, providers }: Sending, court: Court): void {
	const { witness, journal } = court;
	const parts = witness.rows("SELECT * FROM outbox") as unknown as Part[];
	const byId = new Map(parts.map((part) => [part.id, part]));
	const lost = [...acceptedParts.keys()].find((id) => !byId.has(id));
	if (lost !== undefined) {
		journal.violated(`I5: the accepted part ${lost} is gone`);
	}
	for (const part of parts) {
		const took = takes.get(part.id) ?? [];
		const state = states[part.state] ?? "?";
		if (state === "queued" || state === "sending") {
			journal.violated(`I5: "${part.text}" is still ${state} when all is quiet`);
		}
		if (["sent", "delivered", "read"].includes(state) && took.length === 0) {
			journal.violated(`I2: "${part.text}" is ${state}, and the provider never took it`);
		}
		const account = providers.find((provider) => provider.account.serviceId === part.service_id)?.account;
		const wasSentByPerson = (decisions.get(part.message_id) ?? []).includes("send");
		if (took.length > 1 && part.possible_duplicate !== 1) {
			journal.violated(`I6: "${part.text}" was taken ${took.length} times and has no mark`);
		}
		if (took.length > 1 && account !== undefined && court.policyOf(account) === "hold" && !wasSentByPerson) {
			journal.violated(`I6: "${part.text}" was taken ${took.length} times although its service holds`);
		}
	}
}

const ranks = { sent: 5, delivered: 6, read: 7, failed: 0 };

/** A receipt that was acknowledged, and whose message is known by its id, must have moved it at least that far. */
function checkReceipts({ account, told }: Provider, { witness, journal }: Court): void {
	for (const { status, taken, isAcknowledged } of told) {
		// Messenger's `read` is a time up to which everything was read: which messages that means is not known here.
		if (!isAcknowledged || status === "failed" || (account.type === "facebook" && status === "read")) {
			continue;
		}
		const isKnown =
			witness.rows("SELECT 1 FROM remote_ids WHERE service_id = ? AND remote_id = ?", account.serviceId, taken.remoteId)
				.length > 0;
		const part = isKnown ? witness.part(account.serviceId, taken.text) : undefined;
		if (part !== undefined && part.state > 1 && part.state < ranks[status]) {
			journal.violated(`a receipt is lost: "${taken.text}" is ${states[part.state]}, the provider said ${status}`);
		}
	}
}

function checkConversations(providers: readonly Provider[], { witness, journal, clocksWereRight }: Court): void {
	const open = witness.rows("SELECT chain_key FROM conversations WHERE state = 'open' GROUP BY 1 HAVING count(*) > 1");
	const gaps = witness.rows(
		`SELECT conversations.id FROM conversations LEFT JOIN messages ON messages.conversation_id = conversations.id
		GROUP BY conversations.id HAVING count(messages.id) <> conversations.messages
		OR count(DISTINCT sequence) <> count(messages.id) OR max(sequence) <> count(messages.id)`,
	);
	if (open.length > 0 || gaps.length > 0) {
		journal.violated(`a chain has ${open.length} open conversations too many, ${gaps.length} have gaps`);
	}
	if (clocksWereRight()) {
		for (const provider of providers) {
			checkReadingOrder(provider, { witness, journal });
		}
	}
}

/** What was acknowledged before the next one was first delivered stands before it. */
function checkReadingOrder(
	{ account, written }: Provider,
	{ witness, journal }: Pick<Court, "witness" | "journal">,
): void {
	const rows = witness.rows(
		"SELECT remote_id, conversation_id, sequence FROM messages WHERE direction = 'in' AND service_id = ?",
		account.serviceId,
	);
	const placeOf = new Map(rows.map((row) => [String(row["remote_id"]), row]));
	for (const [index, earlier] of written.entries()) {
		for (const later of written.slice(index + 1)) {
			const [one, other] = [placeOf.get(earlier.id), placeOf.get(later.id)];
			const isOrdered = earlier.contact === later.contact && (earlier.acknowledgedMs ?? Infinity) < later.triedMs;
			const isTogether = one !== undefined && one["conversation_id"] === other?.["conversation_id"];
			if (isOrdered && isTogether && Number(one["sequence"]) > Number(other?.["sequence"])) {
				journal.violated(`I4: ${later.id} stands before ${earlier.id}, which was acknowledged before it came`);
			}
		}
	}
}

function checkLeftovers({ witness, journal }: Court): void {
	const unread = witness.rows("SELECT id FROM inbox WHERE state IN ('received', 'waiting')");
	if (unread.length > 0) {
		journal.violated(`${unread.length} received events are left when all is quiet`);
	}
}
