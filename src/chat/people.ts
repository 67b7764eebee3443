// The users who can have to do with chats: how they show, and what they may do with which queue. Remembered until
// anything that is configured changes.

import type { Access, Grant, ObjectType } from "#domain/rights.ts";
import { decide, visibleObjects } from "#rights/decide.ts";
import { effectiveGrants } from "#storage/grants.ts";
import type { Db, Storage } from "#storage/storage.ts";
import type { Face } from "./moves/move.ts";

export type Person = {
	id: string;
	login: string;
	firstName: string;
	surname: string;
	email: string | null;
	language: string | null;
	enabled: boolean;
	chatAddress: string;
	grants: readonly Grant[];
};

export type People = {
	/** Undefined: there is no such user. */
	person(userId: string): Promise<Person | undefined>;
	/** By chat address, compared without case. */
	atAddress(address: string): Promise<Person | undefined>;
	/** As the user shows in chats; an alias that they chose counts before. */
	face(userId: string): Promise<Face>;
};

/** @param host of the public address: the second half of a chat address */
export function openPeople(storage: Storage, host: string): People {
	const known = () =>
		storage.remembered("chat people", () => Promise.resolve(new Map<string, Promise<Person | undefined>>()));
	const addresses = () => storage.remembered("chat addresses", (db) => readAddresses(db, host));
	const people: People = {
		async person(userId) {
			const map = await known();
			const found = map.get(userId) ?? readPerson(storage.db, userId, host);
			map.set(userId, found);
			return found;
		},
		async atAddress(address) {
			const userId = (await addresses()).get(address.toLowerCase());
			return userId === undefined ? undefined : people.person(userId);
		},
		async face(userId) {
			const person = await people.person(userId);
			return person === undefined
				? { address: userId, alias: "" }
				: { address: person.chatAddress, alias: `${person.firstName} ${person.surname}`.trim() };
		},
	};
	return people;
}

/** A logon name that is an address already, or the name at our host. White space cannot be in one. */
export function chatAddressOf(login: string, host: string): string {
	const name = login.replaceAll(/\s+/g, ".");
	return name.includes("@") ? name : `${name}@${host}`;
}

export function may(person: Person, access: Access, objectType: ObjectType, id: string): boolean {
	return decide(person.grants, access, { objectType, on: { id } }).allowed;
}

/** Of these queues, those that the person may serve. */
export function servable(person: Person, queueIds: readonly string[]): Set<string> {
	const visible = visibleObjects(person.grants, "serve", "queue");
	return new Set(visible === "every" ? queueIds : queueIds.filter((id) => visible.includes(id)));
}

async function readPerson(db: Db, userId: string, host: string): Promise<Person | undefined> {
	const row = await db
		.selectFrom("users")
		.select(["id", "login", "first_name", "surname", "email", "ui_language", "enabled"])
		.where("id", "=", userId)
		.executeTakeFirst();
	if (row === undefined) {
		return undefined;
	}
	return {
		id: row.id,
		login: row.login,
		firstName: row.first_name,
		surname: row.surname,
		email: row.email,
		language: row.ui_language,
		enabled: row.enabled === 1,
		chatAddress: chatAddressOf(row.login, host),
		grants: await effectiveGrants(db, userId),
	};
}

async function readAddresses(db: Db, host: string): Promise<Map<string, string>> {
	const rows = await db.selectFrom("users").select(["id", "login"]).where("enabled", "=", 1).execute();
	return new Map(rows.map(({ id, login }) => [chatAddressOf(login, host).toLowerCase(), id]));
}
