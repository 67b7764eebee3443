// The contacts of one simulated provider: they write when they are told to, and answer by themselves what reaches them.

import { type Clock, sleep } from "#platform/clock.ts";
import type { Persona } from "#rest/sandbox-port.ts";
import type { Simulator, TakenMessage } from "#simulators/simulator.ts";
import type { Written } from "./sandbox-talk.ts";
import { answerTo } from "./sandbox-words.ts";

const lookEveryMs = 200;
/** After the last part of what was sent; the receipts come before. */
const answerAfterMs = 2000;
/** Until the contact is told to write again: two programs that answer each other come to an end. */
const answersMax = 100;

export type Contacts = {
	write(persona: string, text: string): Promise<Written>;
	close(): void;
};

type Contact = Persona & { address: string; waiting: TakenMessage | undefined; answered: number; left: number };

export function openContacts(simulator: Simulator, personas: readonly Persona[], clock: Clock): Contacts {
	const closing = new AbortController();
	const contacts = personas.map((persona, index): Contact => ({
		...persona,
		address: addressOf(persona, index, simulator.somebody),
		waiting: undefined,
		answered: 0,
		left: answersMax,
	}));
	let seen = 0;
	void look();
	return {
		async write(id, text) {
			const contact = contacts.find((one) => one.id === id);
			if (contact === undefined) {
				throw new Error(`There is no persona ${id}.`);
			}
			contact.left = answersMax;
			const { address: from, name } = contact;
			const { status, body } = await simulator.contactWrites({ from, name, text });
			return { status, body };
		},
		close: () => closing.abort(),
	};

	async function look(): Promise<void> {
		while (!closing.signal.aborted) {
			for (const message of simulator.taken.slice(seen)) {
				const contact = contacts.find(({ address }) => isSame(address, message.to));
				if (contact !== undefined) {
					contact.waiting = message;
				}
			}
			seen = simulator.taken.length;
			for (const contact of contacts) {
				answerWhenDue(contact);
			}
			await sleep(clock, lookEveryMs, closing.signal);
		}
	}

	function answerWhenDue(contact: Contact): void {
		const { waiting, left, address: from, name } = contact;
		if (waiting === undefined || clock.now().getTime() - waiting.at.getTime() < answerAfterMs) {
			return;
		}
		contact.waiting = undefined;
		if (left > 0) {
			const text = answerTo(waiting.text, name, contact.answered);
			contact.answered += 1;
			contact.left -= 1;
			void simulator.contactWrites({ from, name, text });
		}
	}
}

/** As the provider names people. Numbers are of the range that Ofcom keeps for drama: they reach nobody. */
function addressOf({ id }: Persona, index: number, somebody: string): string {
	if (somebody.includes("@")) {
		return `${id}@example.com`;
	}
	return somebody.startsWith("+") ? `+44770090010${index + 1}` : somebody.slice(0, -1) + String(index + 1);
}

/** Some providers print numbers without the plus, or with a word in front. */
function isSame(address: string, to: string): boolean {
	return to.toLowerCase().endsWith(address.replace("+", "").toLowerCase());
}
