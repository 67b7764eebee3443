// A stage for tests of chats without a wire: turns and rounds over an empty database, with people who are there as far as
// the database knows, and a clock that moves when told to.

import { freshAgent, saveAgent } from "#storage/chat-agents.ts";
import { insertChatSession } from "#storage/chat-sessions.ts";
import { findChat } from "#storage/chats.ts";
import { replaceGrants } from "#storage/grants.ts";
import { insertUser } from "#storage/people.ts";
import { queueDefaults } from "#storage/queues.ts";
import { noSignals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import { beginChat } from "#chat/beginning.ts";
import { openRights } from "#chat/people.ts";
import { defaultPresence } from "#chat/presences.ts";
import { openTurns, type Turn } from "#chat/turns.ts";
import type { Chat } from "#domain/chats.ts";
import type { UserId } from "#domain/ids.ts";
import type { Queue } from "#domain/queues.ts";
import type { Grant } from "#domain/rights.ts";
import type { Log } from "#platform/log.ts";
import { idsFrom } from "#platform/ids.ts";
import { seededRandom, testClock } from "./scene.ts";

export type TurnsScene = ReturnType<typeof turnsScene>;

export function turnsScene(storage: Storage) {
	const clock = testClock();
	const ids = idsFrom(clock, seededRandom(1));
	const logged: string[] = [];
	const note = (text: string): void => void logged.push(text);
	const log: Log = { debug: () => undefined, info: () => undefined, warn: note, error: note };
	const deps = { storage, clock, ids, log, signals: noSignals };
	const turns = openTurns(deps, "desk.test");
	const scene = {
		...deps,
		logged,
		turns,
		rights: openRights(storage),
		host: "desk.test",
		act: <T>(work: (turn: Turn) => Promise<T>): Promise<T> => turns.take(work),
		/** With the address `<name>@desk.test`. */
		async queue(name: string, settings: Partial<Omit<Queue, "id" | "name" | "addresses">> = {}): Promise<string> {
			const id: string = ids.next();
			const at = clock.now().getTime();
			const times = { version: 1, created_at: at, updated_at: at };
			const { priority, ...rest } = { ...queueDefaults, ...settings };
			await storage.write(async (tx) => {
				const row = { id, name, name_key: name, priority, settings: JSON.stringify(rest), ...times };
				await tx.insertInto("queues").values(row).execute();
				const address = `${name}@desk.test`;
				await tx
					.insertInto("queue_addresses")
					.values({ address_key: address, queue_id: id, address, position: 0 })
					.execute();
			});
			return id;
		},
		async user(login: string, grants: readonly Grant[] = []): Promise<string> {
			const id = ids.next<UserId>();
			const nothing = { externalId: null, email: null, phone: null, title: null, location: null, timeZone: null };
			const names = { firstName: login, surname: "Agent", login, uiLanguage: null };
			const fields = { ...nothing, ...names, enabled: true, externalUser: false };
			await storage.write(async (tx) => {
				await insertUser(tx, { id, fields, password: { kind: "none" }, at: clock.now() });
				await replaceGrants(tx, { kind: "user", id }, grants, () => ids.next());
			});
			return id;
		},
		/** Logged in, with a socket for the next day; gives the session's id. */
		async arrive(userId: string): Promise<string> {
			const id: string = ids.next();
			const at = clock.now();
			const day = new Date(at.getTime() + 86_400_000);
			await storage.write(async (tx) => {
				const row = await tx.selectFrom("users").select("password_changed_at").where("id", "=", userId).execute();
				const passwordChangedAt = row[0]?.password_changed_at ?? null;
				await insertChatSession(tx, {
					id,
					kind: "agent",
					userId,
					createdAt: at,
					lastSeenAt: at,
					expiresAt: day,
					aliveUntil: day,
					tokenHash: Buffer.from(id, "hex"),
					proof: { passwordChangedAt: passwordChangedAt === null ? null : new Date(passwordChangedAt) },
				});
			});
			return id;
		},
		/** Who serves these queues, is there and ready. */
		async agent(login: string, queueIds: readonly string[]): Promise<string> {
			const id = await scene.user(
				login,
				queueIds.map((objectId) => ({ objectType: "queue", objectId, access: ["serve"] })),
			);
			await scene.arrive(id);
			await storage.write((tx) => saveAgent(tx, { ...freshAgent(id, defaultPresence), workStatus: "ready" }));
			return id;
		},
		/** A visitor's, waiting in the queue that has the address. */
		async chat(destination: string): Promise<string> {
			const given = { channel: "web", destination, originator: "ann@home.test", visitorId: ids.next<string>() };
			const acted = await turns.take((turn) => beginChat(turn, given));
			if (!acted.ok) {
				throw new Error(acted.error);
			}
			return acted.chat.id;
		},
		async find(chatId: string): Promise<Chat> {
			const chat = await findChat(storage.db, chatId);
			if (chat === undefined) {
				throw new Error("There is no such chat.");
			}
			return chat;
		},
	};
	return scene;
}
