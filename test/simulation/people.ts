// What people do in the simulated world, through the storage of a running process: ask for messages to be sent, close
// conversations, decide about held messages.

import { chainKey } from "#domain/chains.ts";
import { contactFor } from "#storage/contacts.ts";
import { closeConversation, nextPlace, readChain, startConversation } from "#storage/conversations.ts";
import { enqueueMessage } from "#storage/outbox.ts";
import { decideHeld } from "#storage/outbox-recovery.ts";
import type { Tx } from "#storage/storage.ts";
import type { Account } from "./dialects.ts";
import type { Judge } from "./invariants.ts";
import type { Journal } from "./journal.ts";
import type { Node } from "./node.ts";
import type { Timeline } from "./timeline.ts";
import type { Witness } from "./witness.ts";

export type PeopleWorld = { timeline: Timeline; journal: Journal; witness: Witness; judge: Judge; ttlMs: number };

export type Wish = { account: Account; contact: string; number: number; parts: number };

export function askToSend(node: Node, wish: Wish, { timeline, journal, judge, ttlMs }: PeopleWorld): void {
	const partIds = Array.from({ length: wish.parts }, () => node.ids.next<string>());
	const askedMs = timeline.nowMs;
	journal.note(`${node.name} is asked to send out ${wish.number} (${wish.parts}) to ${wish.contact}`);
	node.storage
		.write((tx) => enqueue(tx, node, wish, { partIds, ttlMs }))
		.then(
			() => {
				judge.accepted({ partIds, askedMs, acceptedMs: timeline.nowMs });
				journal.note(`${node.name} accepted out ${wish.number}`);
				node.signals.nudge("sender");
			},
			() => journal.note(`${node.name} could not accept out ${wish.number}`),
		);
}

async function enqueue(tx: Tx, node: Node, wish: Wish, given: { partIds: string[]; ttlMs: number }): Promise<void> {
	const { account, contact, number } = wish;
	const { serviceId, channel, ourAddress, type } = account;
	const chain = { serviceId, channel, ourAddress, contactAddress: contact };
	const now = node.clock.now();
	const scope = type === "facebook" ? { scope: ourAddress } : {};
	const contactId = await contactFor(tx, channel, { address: contact, ...scope }, { id: node.ids.next(), now });
	const { open } = await readChain(tx, chain);
	const conversationId = open?.id ?? node.ids.next<never>();
	if (open === undefined) {
		await startConversation(tx, { id: conversationId, chain, contactId, previous: undefined, openedAt: now });
	}
	const { sequence } = await nextPlace(tx, conversationId, { at: now, direction: "out" });
	const [first = "", ...rest] = given.partIds;
	const toPart = (id: string, index: number) => ({
		id,
		part: index + 1,
		text: `out ${number}.${index + 1}`,
		attachments: [],
	});
	await enqueueMessage(
		tx,
		{
			id: node.ids.next(),
			...chain,
			contactId,
			conversationId,
			sequence,
			lane: chainKey(chain),
			text: `out ${number}`,
			content: {},
			validUntil: new Date(now.getTime() + given.ttlMs),
			createdBy: "simulation",
			parts: [toPart(first, 0), ...rest.map((id, index) => toPart(id, index + 1))],
		},
		now,
	);
}

export function closeOne(node: Node, chosen: number, { journal, witness }: PeopleWorld): void {
	const rows = witness.rows("SELECT id FROM conversations WHERE state = 'open' ORDER BY id");
	const id = String(rows[chosen % Math.max(1, rows.length)]?.["id"] ?? "");
	if (id !== "") {
		journal.note(`a person closes ${id.slice(-6)}`);
		void node.storage.write((tx) => closeConversation(tx, id, node.clock.now())).catch(() => undefined);
	}
}

export function decideOne(node: Node, what: "send" | "giveUp", { journal, witness, judge }: PeopleWorld): void {
	const [row] = witness.rows("SELECT message_id FROM outbox WHERE state = 2 ORDER BY id LIMIT 1");
	const id = String(row?.["message_id"] ?? "");
	if (id !== "") {
		journal.note(`a person decides about ${id.slice(-6)}: ${what}`);
		judge.decided(id, what);
		void node.storage.write((tx) => decideHeld(tx, id, { do: what }, node.clock.now())).catch(() => undefined);
	}
}
