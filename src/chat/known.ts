// What turns must know before they begin, since inside the transaction nothing but the transaction is read: the
// configuration of queues and the names of users, as they are remembered.

import type { ChatConfiguration } from "#domain/chat-configuration.ts";
import { contactCentre } from "#domain/chats.ts";
import { promptText } from "#domain/prompts.ts";
import { type ChatSettings, type PromptType, type Queue, queueAt } from "#domain/queues.ts";
import { serviceAt } from "#domain/service-times.ts";
import { readChatConfiguration } from "#storage/chat-configuration.ts";
import type { Db, Storage } from "#storage/storage.ts";
import { addressKey } from "#domain/chains.ts";
import type { Face } from "./moves/move.ts";

export type Name = { userId: string; address: string; alias: string };

export type Known = {
	settings: ChatSettings;
	queues: readonly Queue[];
	queue(id: string | null): Queue | undefined;
	queueAt(address: string): Queue | undefined;
	isOpen(queue: Queue, at: Date): boolean;
	prompt(
		asked: { queue: Queue | undefined; type: PromptType; at: Date; language: string | null },
		values: Readonly<Record<string, string>>,
	): string | undefined;
	/** As it is configured; an alias that the user chose counts before. */
	name(userId: string): Name;
	/** Enabled users only. */
	userAt(address: string): string | undefined;
};

/** @param host of the public address: the second half of a chat address */
export async function readKnown(storage: Storage, host: string): Promise<Known> {
	const configuration = await storage.remembered("chat configuration", readChatConfiguration);
	const names = await storage.remembered("chat names", (db) => readNames(db, host));
	return {
		settings: configuration.settings,
		queues: configuration.queues,
		queue: (id) => configuration.queues.find((queue) => queue.id === id),
		queueAt: (address) => queueAt(configuration.queues, address),
		isOpen: (queue, at) => serviceAt(configuration, queue, at).isOpen,
		prompt: (asked, values) => promptOf(configuration, asked, values),
		name: (userId) => names.byId.get(userId) ?? { userId, address: userId, alias: "" },
		userAt: (address) => names.byAddress.get(addressKey(address)),
	};
}

function promptOf(
	configuration: ChatConfiguration,
	{ queue, type, at, language }: Parameters<Known["prompt"]>[0],
	values: Readonly<Record<string, string>>,
): string | undefined {
	return queue === undefined
		? undefined
		: promptText(configuration, { queue, type, at, language }, { queue: queue.name, ...values });
}

type Names = { byId: ReadonlyMap<string, Name>; byAddress: ReadonlyMap<string, string> };

async function readNames(db: Db, host: string): Promise<Names> {
	const rows = await db.selectFrom("users").select(["id", "login", "first_name", "surname", "enabled"]).execute();
	const names = rows.map((row) => ({
		userId: row.id,
		address: chatAddressOf(row.login, host),
		alias: `${row.first_name} ${row.surname}`.trim(),
		isEnabled: row.enabled === 1,
	}));
	return {
		byId: new Map(names.map(({ userId, address, alias }) => [userId, { userId, address, alias }])),
		byAddress: new Map(
			names.filter(({ isEnabled }) => isEnabled).map(({ userId, address }) => [addressKey(address), userId]),
		),
	};
}

/** A logon name that is an address already, or the name at our host. White space cannot be in one. */
export function chatAddressOf(login: string, host: string): string {
	const name = login.replaceAll(/\s+/g, ".");
	return name.includes("@") ? name : `${name}@${host}`;
}

export function toFace({ address, alias }: Name): Face {
	return { address, alias };
}

/** A visitor's address is a claim that nobody checked: it may not be anybody's here. */
export function isTaken(address: string, known: Known): boolean {
	return (
		known.userAt(address) !== undefined ||
		known.queueAt(address) !== undefined ||
		addressKey(address) === addressKey(contactCentre)
	);
}
