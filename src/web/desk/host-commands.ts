// What the page around the panel may ask of the desk: from a message to what is to be done, and what is answered. Pure, and
// it trusts nothing: what it does not understand is undefined or has the value `false`. The messages are those that the
// original's library for host pages sends and understands; what an answer holds beyond what it checks is ours.

import { fieldsOf } from "#web/realtime/fields.ts";
import type { Interaction, Tree } from "#web/realtime/tree.ts";
import type { Begun } from "./letters.ts";

export type HostMessage = { kind: "init"; id: string } | ({ kind: "action"; id: string } & Action);
/** Whatever stands beside the command, and in an object as its value. */
export type Action = { command: string; given: Given };
type Given = Readonly<Record<string, unknown>>;

/** What is there at that moment; `active`: the chat on the screen; `isWriting`: a letter is open. */
export type Shown = { tree: Tree; active: Interaction | undefined; isWriting: boolean };

/** `show`: the chat to be put on the screen; `begin`: a letter to be put before the agent. Where a question fails, the value is `false`. */
export type Plan =
	| { kind: "answer"; value: unknown; show?: string; begin?: Begun }
	| { kind: "ask"; method: string; uri: string; body?: unknown; next(answer: unknown): Plan };

const textMax = 10_000;
const listMax = 100;

/** Only the window that shows the panel, and only while its page is one on the list. */
export function isHeard({ source, origin }: Sender, parent: unknown, hosts: readonly string[]): boolean {
	return source === parent && hosts.includes(origin);
}
type Sender = { source: unknown; origin: string };

/** Undefined: it is not for the panel. */
export function readHostMessage(data: unknown): HostMessage | undefined {
	const { id, type, payload } = fieldsOf(data);
	if (typeof id !== "string" || id === "" || id.length > 200) {
		return undefined;
	}
	if (type === "init") {
		return { kind: "init", id };
	}
	if (type !== "action") {
		return undefined;
	}
	const outer = fieldsOf(payload);
	const given = { ...outer, ...fieldsOf(outer["value"]) };
	return { kind: "action", id, command: textIn(outer, "command"), given };
}

export function planOf({ command, given }: Action, shown: Shown): Plan {
	return Object.hasOwn(commands, command) ? (commands[command]?.(given, shown) ?? no) : no;
}

const answer = (value: unknown, show?: string): Plan => ({
	kind: "answer",
	value,
	...(show === undefined ? {} : { show }),
});
/** Also for telephony, which Parley does not have. */
const no = answer(false);

const commands: Readonly<Record<string, (given: Given, shown: Shown) => Plan>> = {
	detail: (given, shown) => answer(detailOf(given, shown)),
	interaction: change,
	message,
	transfer: (given, shown) => handOn(given, shown, (destination) => ({ channel_status: "transferring", destination })),
	consult: (given, shown) => handOn(given, shown, (consult) => ({ consult })),
	picklist,
	outbound,
};

function detailOf(given: Given, shown: Shown): unknown {
	const what = textIn(given, "value");
	const { interactions } = shown.tree;
	return Object.hasOwn(details, what)
		? details[what]?.(shown, given)
		: (interactions.find(({ id }) => isSame(id, what)) ?? queueIn(shown.tree, what) ?? false);
}

const details: Readonly<Record<string, (shown: Shown, given: Given) => unknown>> = {
	user: ({ tree }) => tree.properties,
	interaction: (shown, given) => chatIn(given, shown) ?? false,
	interactions: ({ tree }) => tree.interactions,
	transcript: (shown, given) => chatIn(given, shown)?.transcript.messages ?? false,
	activeInteraction: ({ active }) => active ?? null,
	/** The one that is named, or that of the chat. */
	queue: (shown, given) =>
		queueIn(shown.tree, textIn(given, "queueId") || chatIn(given, shown)?.from_queue.id) ?? false,
	queues: ({ tree }) => tree.queues,
};

/** The one that is named; where none is, the one on the screen. */
function chatIn(given: Given, { tree, active }: Shown): Interaction | undefined {
	const { interactionId } = given;
	return interactionId === undefined || interactionId === null || interactionId === ""
		? active
		: tree.interactions.find(({ id }) => isSame(id, interactionId));
}

function queueIn({ queues }: Tree, id: string | null | undefined) {
	return queues.find((one) => isSame(one.id, id));
}

const statuses: Readonly<Record<string, string>> = {
	accept: "accepted",
	reject: "rejected",
	hangup: "ended",
	handle: "handled",
};

function change(given: Given, shown: Shown): Plan {
	const how = textIn(given, "value");
	if (how === "pick") {
		return pick(given);
	}
	const chat = chatIn(given, shown);
	if (chat === undefined || !Object.hasOwn(statuses, how)) {
		return no;
	}
	const status = statuses[how] ?? "";
	const done = answer({ ...chat, status }, how === "accept" ? chat.id : undefined);
	return ask("PUT", `/interactions/${chat.id}`, { status }, () => done);
}

/** What it picks is told as a state, for which the library listens only when it has seen the answer. */
export function isPick({ command, given }: Action): boolean {
	return command === "interaction" && given["value"] === "pick";
}

type Waiting = { contact_id: string; from_queue: { id: string } };

function pick(given: Given): Plan {
	return ask("GET", "/waiting", undefined, (waiting) => {
		const found = (waiting as readonly Waiting[]).find((one) => isSame(one.contact_id, given["interactionId"]));
		if (found === undefined) {
			return no;
		}
		const { contact_id, from_queue } = found;
		const body = { channel_type: "chat", status: "picked", contact_id, from_queue: { id: from_queue.id } };
		return ask("POST", "/interactions", body, () =>
			answer({ id: contact_id, ...found, status: "accepted" }, contact_id),
		);
	});
}

function message(given: Given, shown: Shown): Plan {
	const chat = chatIn(given, shown);
	const content = textIn(given, "content") || textIn(given, "value");
	return chat === undefined || content.trim() === "" || content.length > textMax
		? no
		: ask("POST", `/interactions/${chat.id}/transcript/messages`, { type: "text", message: content }, () =>
				answer(chat),
			);
}

function handOn(given: Given, shown: Shown, toBody: (address: string) => object): Plan {
	const chat = chatIn(given, shown);
	const to = (textIn(given, "to") || textIn(given, "value")).trim();
	return chat === undefined || to === "" ? no : ask("PUT", `/interactions/${chat.id}`, toBody(to), () => answer(chat));
}

/** Chats that wait, with the id by which one of them is picked. */
function picklist(given: Given): Plan {
	const queues = textIn(given, "queueId")
		.split(",")
		.filter((one) => one.trim() !== "");
	const { limit } = given;
	const most = typeof limit === "number" && limit >= 0 ? Math.floor(limit) : listMax;
	return ask("GET", "/waiting", undefined, (waiting) =>
		answer(
			(waiting as readonly Waiting[])
				.filter(({ from_queue }) => queues.length === 0 || queues.some((id) => isSame(from_queue.id, id.trim())))
				.slice(0, most)
				.map((one) => ({ id: one.contact_id, ...one })),
		),
	);
}

type ReplyTemplate = { id: string; text: string; template: object | null };
type Letter = { channel: string; destination: string; queueId: string };

/**
 * Of the channels only those by which an agent writes first; from a queue one serves, by its address or id. What is not to go
 * out directly is put before the agent, if no other letter is.
 */
function outbound(given: Given, { tree, isWriting }: Shown): Plan {
	const [channel, to, from] = [textIn(given, "channel"), textIn(given, "to").trim(), textIn(given, "from")];
	const queue = tree.queues
		.filter(({ serve }) => serve === true)
		.find((one) => from === "" || isSame(one.id, from) || addressesOf(one).some((address) => isSame(address, from)));
	if ((channel !== "sms" && channel !== "whatsapp") || to === "" || queue === undefined) {
		return no;
	}
	const letter = { channel, destination: to, queueId: queue.id };
	const [templateId, content] = [textIn(given, "defaultReplyTemplateId"), textIn(given, "content")];
	if (given["direct"] === false) {
		const begin = { queue: queue.id, channel, to, message: content.slice(0, textMax), templateId };
		return isWriting ? no : { kind: "answer", value: true, begin };
	}
	if (templateId === "") {
		return content.trim() === "" || content.length > textMax ? no : write(letter, { message: content });
	}
	return ask("GET", "/reply_templates", undefined, (templates) => {
		const found = (templates as readonly ReplyTemplate[]).find(({ id }) => isSame(id, templateId));
		return found === undefined
			? no
			: write(letter, found.template === null ? { message: found.text } : { template: found.template });
	});
}

function write({ channel, destination, queueId }: Letter, words: object): Plan {
	const about = { channel_type: "chat", channel_sub_type: "text", destination, from_queue: { id: queueId } };
	return ask("POST", "/interactions", { ...about, attached_data: { channel }, ...words }, (started) => {
		const { id } = started as { id: string };
		return answer({ id }, id);
	});
}

function addressesOf(queue: Given): string[] {
	const { addresses } = queue;
	return Array.isArray(addresses) ? addresses.map((one) => textIn(fieldsOf(one), "address")) : [];
}

function ask(method: string, uri: string, body: unknown, next: (answer: unknown) => Plan): Plan {
	return { kind: "ask", method, uri, ...(body === undefined ? {} : { body }), next };
}

/** Ids and addresses are the same in whatever case. */
function isSame(one: string, other: unknown): boolean {
	return typeof other === "string" && one.toLowerCase() === other.toLowerCase();
}

function textIn(given: Given, name: string): string {
	const value = Object.hasOwn(given, name) ? given[name] : undefined;
	return typeof value === "string" ? value : "";
}
