// What the server says of the tree under /users/me, put together. Pure: a transaction that comes twice changes nothing, and a
// snapshot replaces what was known.

import { fieldsOf } from "./fields.ts";
import type { Transaction } from "./link.ts";

export type Message = {
	id: string;
	seq: number;
	type: string;
	message: string;
	originator: string;
	timestamp: string;
	system_message: boolean;
	delivery_status?: string;
	client_message_id?: string;
};

export type Participant = { uniquekey: string; alias: string; status?: string | null };

export type Interaction = {
	id: string;
	status: string;
	channel_status: string;
	originator: string;
	destination: string;
	date_created: string;
	from_queue: { id: string | null; name: string | null };
	attached_data: Readonly<Record<string, unknown>>;
	title: string | null;
	participants: readonly Participant[];
	transcript: { messages: readonly Message[] };
	/** What only visitors get. */
	queue_position?: number | null;
	/** What only agents get. */
	role?: string;
	waiting_since?: string;
	offer_until?: string | null;
	wrapup_until?: string | null;
	window_until?: string | null;
	customer?: {
		contact_id: string | null;
		name: string | null;
		addresses: readonly { channel: string; address: string }[];
	};
};

export type Named = Readonly<Record<string, unknown>> & { id: string };

export type Tree = {
	properties: Readonly<Record<string, unknown>>;
	interactions: readonly Interaction[];
	queues: readonly Named[];
	figures: readonly Named[];
	supervisions: readonly Named[];
	/** The chats of those whom one supervises, by session. */
	followed: Readonly<Record<string, readonly Interaction[]>>;
};

export const emptyTree: Tree = {
	properties: {},
	interactions: [],
	queues: [],
	figures: [],
	supervisions: [],
	followed: {},
};

export function applyAll(tree: Tree, transactions: readonly Transaction[]): Tree {
	return transactions.reduce(apply, tree);
}

const root = "/users/me/";

/** What it does not know, it leaves alone: newer servers may say more. */
export function apply(tree: Tree, { method, uri, subscribed_resource: value }: Transaction): Tree {
	if (!uri.startsWith(root)) {
		return tree;
	}
	const [first = "", ...rest] = uri.slice(root.length).split("/");
	switch (first) {
		case "properties":
			return { ...tree, properties: rest.length === 0 ? fieldsOf(value) : withLeaf(tree.properties, rest, value) };
		case "interactions":
			return { ...tree, interactions: inInteractions(tree.interactions, rest, { method, value }) };
		case "queues":
			return { ...tree, queues: inNamed(tree.queues, rest, { method, value }) };
		case "statistics":
			return {
				...tree,
				figures: inNamed(tree.figures, rest[0] === "queues" ? rest.slice(1) : rest, { method, value }),
			};
		case "supervisor_sessions":
			return inSupervisions(tree, rest, { method, value });
		default:
			return tree;
	}
}

type Told = { method: Transaction["method"]; value: unknown };

const agentsChats = "agent/model/interactions";

/** Below a session lies the agent's own tree; of it the chats are followed. */
function inSupervisions(tree: Tree, path: readonly string[], told: Told): Tree {
	const [id = "", ...rest] = path;
	if (rest.slice(0, 3).join("/") === agentsChats) {
		const chats = inInteractions(tree.followed[id] ?? [], rest.slice(3), told);
		return { ...tree, followed: { ...tree.followed, [id]: chats } };
	}
	const supervisions = inNamed(tree.supervisions, path, told);
	const isThere = (session: string): boolean => supervisions.some((one) => one.id === session);
	const followed = Object.fromEntries(Object.entries(tree.followed).filter(([session]) => isThere(session)));
	return { ...tree, supervisions, followed };
}

function inInteractions(
	known: readonly Interaction[],
	[id, ...rest]: readonly string[],
	told: Told,
): readonly Interaction[] {
	if (id === undefined) {
		return Array.isArray(told.value) ? (told.value as Interaction[]) : known;
	}
	if (rest.length === 0) {
		const others = known.filter((one) => one.id !== id);
		return told.method === "DELETE" ? others : [...others, told.value as Interaction];
	}
	return known.map((one) => (one.id === id ? inInteraction(one, rest, told) : one));
}

function inInteraction(one: Interaction, path: readonly string[], told: Told): Interaction {
	const [first, second, third, fourth] = path;
	if (first === "transcript" && second === "messages" && third !== undefined) {
		const messages = inMessages(one.transcript.messages, third, fourth, told);
		return { ...one, transcript: { messages } };
	}
	if (first === "participants" && second !== undefined) {
		// An address may have slashes; the last step alone says what of the participant it is.
		const isStatus = path.at(-1) === "status" && told.method === "PUT";
		const key = (isStatus ? path.slice(1, -1) : path.slice(1)).join("/");
		return { ...one, participants: inParticipants(one.participants, key, { ...told, isStatus }) };
	}
	return withLeaf(one, path, told.value) as Interaction;
}

/** In the order of their numbers, each once. */
function inMessages(
	known: readonly Message[],
	id: string,
	leaf: string | undefined,
	{ value }: Told,
): readonly Message[] {
	if (leaf !== undefined) {
		return known.map((one) => (one.id === id ? { ...one, [leaf]: value } : one));
	}
	const message = value as Message;
	if (known.some((one) => one.id === message.id)) {
		return known.map((one) => (one.id === message.id ? message : one));
	}
	const isNewest = (known.at(-1)?.seq ?? 0) < message.seq;
	return isNewest ? [...known, message] : [...known, message].toSorted((a, b) => a.seq - b.seq);
}

function inParticipants(
	known: readonly Participant[],
	key: string,
	{ method, value, isStatus }: Told & { isStatus: boolean },
): readonly Participant[] {
	if (isStatus) {
		return known.map((one) => (one.uniquekey === key ? { ...one, status: value as string } : one));
	}
	const others = known.filter(({ uniquekey }) => uniquekey !== key);
	return method === "DELETE" ? others : [...others, value as Participant];
}

function inNamed(known: readonly Named[], [id, ...rest]: readonly string[], { method, value }: Told): readonly Named[] {
	if (id === undefined) {
		const list = Array.isArray(value) ? value : (value as { queues?: unknown } | null)?.queues;
		return Array.isArray(list) ? (list as Named[]) : known;
	}
	if (rest.length === 0) {
		const others = known.filter((one) => one.id !== id);
		return method === "DELETE" ? others : [...others, value as Named];
	}
	const isKnown = known.some((one) => one.id === id);
	const all = isKnown ? known : [...known, { id }];
	return all.map((one) => (one.id === id ? (withLeaf(one, rest, value) as Named) : one));
}

/** A copy in which the leaf has the value. */
function withLeaf(
	object: Readonly<Record<string, unknown>>,
	[first, ...rest]: readonly string[],
	value: unknown,
): Readonly<Record<string, unknown>> {
	if (first === undefined || first === "__proto__") {
		return object;
	}
	return { ...object, [first]: rest.length === 0 ? value : withLeaf(fieldsOf(object[first]), rest, value) };
}

/** `05/03/2026 14:07:09 UTC+00:00` as milliseconds; NaN: it is none. */
export function momentOf(text: string | null | undefined): number {
	const [, day, month, year, time] = /^(\d\d)\/(\d\d)\/(\d{4}) (\d\d:\d\d:\d\d)/.exec(text ?? "") ?? [];
	return Date.parse(`${year}-${month}-${day}T${time}Z`);
}

/** How somebody shows: by their place in the chat, or by how they joined it, since who left has none any more. */
export function aliasIn({ participants, transcript }: Interaction, address: string): string {
	const present = participants.find(({ uniquekey }) => uniquekey === address)?.alias ?? "";
	const joined = transcript.messages.findLast(
		({ type, message }) => type === "state" && joinedAs(message)?.id === address,
	);
	const alias = present === "" ? (joinedAs(joined?.message ?? "")?.display_name ?? "") : present;
	return alias === "" ? (address.split("@")[0] ?? address) : alias;
}

function joinedAs(message: string): { id?: string; display_name?: string } | undefined {
	try {
		const { state, originator } = fieldsOf(JSON.parse(message)) as { state?: string; originator?: object };
		return state === "JOINED" ? originator : undefined;
	} catch {
		return undefined; // No JSON, so no state either.
	}
}
