// How what is said in a chat reaches a provider's contact: checked before the turn, enqueued in it, in the transaction of
// the line, exactly as the CMI does it.

import type { Chat } from "#domain/chats.ts";
import type { KeptFile, MessageTemplate } from "#domain/messages.ts";
import { enqueueLetter, prepareLetter } from "#outgoing/enqueue.ts";
import { type ConnectorLookup, watchedHours } from "#outgoing/reply-window.ts";
import { openSenders } from "#outgoing/senders.ts";
import type { Wanted } from "#outgoing/compose.ts";
import { Problem } from "#platform/problems.ts";
import { type Conversation, findConversation } from "#storage/conversation-lists.ts";
import { findFiles } from "#storage/files.ts";
import { listServices, type MessagingService } from "#storage/services.ts";
import type { Tx } from "#storage/storage.ts";
import type { ChatDeps } from "./deps.ts";
import { type Answer, fault } from "./resource.ts";

export type Words = {
	text?: string;
	/** Of files that are stored. */
	fileIds?: readonly string[];
	template?: Readonly<Record<string, unknown>>;
};

/** Ready to be enqueued. Where the contact wants nothing, or the window has closed, enqueuing throws a `Problem`. */
export type Letter = {
	/** `isAfterEnd`: the conversation was closed with the chat, and stays so. */
	enqueue(tx: Tx, more?: { isAfterEnd: boolean }): Promise<{ messageId: string; conversationId: string }>;
};

export type Refused = { ok: false; answer: Answer };
export type Prepared = { ok: true; letter: Letter } | Refused;

export type First = { addresses: readonly string[]; to: string; channel?: string };
export type PreparedFirst =
	| { ok: true; letter: Letter; serviceId: string; channel: string; ourAddress: string; contactAddress: string }
	| Refused;

/** Hours after the contact's last message within which free text may be sent; undefined: always. */
export type Windows = (chat: Pick<Chat, "serviceId" | "channel" | "destination">) => number | undefined;

export type Messenger = {
	/** For a chat that belongs to a conversation. `by`: the user, or null for the contact centre itself. */
	prepare(chat: Chat, words: Words, by: string | null): Promise<Prepared>;
	/** The first message of a chat that an agent starts: by the first service that can send from one of the addresses. */
	prepareFirst(first: First, words: Words, by: string): Promise<PreparedFirst>;
	/** To be asked before a moment's reads begin. */
	windows(): Promise<Windows>;
};

/** Who wrote what nobody wrote. */
const contactCentreItself = "system";

export function openMessenger(deps: ChatDeps): Messenger {
	const { storage, clock, ids, connectorOf } = deps;
	const senders = openSenders(connectorOf)(deps);
	const services = () => storage.remembered("services", (db) => listServices(db));

	async function letterOf(
		service: MessagingService,
		wanted: Wanted,
		more: { conversation?: Conversation; words: Words; by: string },
	) {
		const files = await filesOf(deps, more.words.fileIds ?? []);
		const work = { sender: senders.of(service), wanted, conversation: more.conversation, files };
		const letter = await prepareLetter(storage.db, work, clock.now());
		const enqueue: Letter["enqueue"] = async (tx, { isAfterEnd } = { isAfterEnd: false }) => {
			const writing = { now: clock.now(), ids, createdBy: more.by, by: "chat", isAfterEnd } as const;
			const { id, conversationId } = await enqueueLetter(tx, letter, writing);
			return { messageId: id, conversationId };
		};
		return { letter: { enqueue }, endpoints: letter.message };
	}

	return {
		async prepare(chat, words, by) {
			const service = (await services()).find(({ id }) => id === chat.serviceId);
			const conversation = await findConversation(storage.db, chat.conversationId ?? "");
			if (service === undefined || conversation === undefined) {
				return refused("CONFIGERROR", "The messaging service of this chat was deleted.");
			}
			return refusing(async () => {
				const more = { conversation, words, by: by ?? contactCentreItself };
				const { letter } = await letterOf(service, toWanted(words), more);
				return { ok: true, letter };
			});
		},
		async prepareFirst({ addresses, to, channel }, words, by) {
			let last: Refused = refused("CONFIGERROR", "No messaging service can send from the addresses of this queue.");
			for (const from of addresses) {
				for (const service of (await services()).filter(({ enabled }) => enabled)) {
					const wanted = { ...toWanted(words), from, to, ...(channel === undefined ? {} : { channel }) };
					const found = await refusing<PreparedFirst>(async () => {
						const { letter, endpoints } = await letterOf(service, wanted, { words, by });
						const { channel: medium, ourAddress, contactAddress } = endpoints;
						return { ok: true, letter, serviceId: service.id, channel: medium, ourAddress, contactAddress };
					});
					if (found.ok) {
						return found;
					}
					last = found;
				}
			}
			return last;
		},
		async windows() {
			const byId = new Map<string, MessagingService>((await services()).map((service) => [service.id, service]));
			return ({ serviceId, channel, destination }) =>
				windowHours(connectorOf, byId.get(serviceId ?? ""), { channel, ourAddress: destination });
		},
	};
}

function windowHours(
	connectorOf: ConnectorLookup,
	service: MessagingService | undefined,
	to: { channel: string; ourAddress: string },
): number | undefined {
	const connector = service === undefined ? undefined : connectorOf(service.type);
	return service === undefined || connector === undefined ? undefined : watchedHours(connector, service.settings, to);
}

async function filesOf(
	{ storage, clock }: ChatDeps,
	fileIds: readonly string[],
): Promise<ReadonlyMap<string, KeptFile>> {
	const found = await findFiles(storage.db, fileIds, clock.now());
	return new Map(
		found.map(({ id: fileId, contentType, filename, size }) => [fileId, { fileId, contentType, filename, size }]),
	);
}

function toWanted({ text, fileIds, template }: Words): Wanted {
	return {
		...(text === undefined ? {} : { text }),
		...(fileIds === undefined ? {} : { attachments: fileIds.map((id) => ({ id })) }),
		...(template === undefined ? {} : { template: template as MessageTemplate }),
	};
}

async function refusing<T>(work: () => Promise<T>): Promise<T | Refused> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof Problem) {
			return toRefused(error);
		}
		throw error;
	}
}

/** What a letter's problem is on the wire. */
export function toRefused({ code, detail }: Problem): Refused {
	return refused(errorCodes[code] ?? "DELIVERYFAILED", detail);
}

const errorCodes: Readonly<Partial<Record<string, string>>> = {
	opted_out: "OPTOUT",
	outside_window: "WINDOWCLOSED",
	cannot_send: "CONFIGERROR",
	secrets_locked: "CONFIGERROR",
};

function refused(error: string, message: string): Refused {
	return { ok: false, answer: fault(403, error, message) };
}
