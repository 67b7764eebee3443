// What the visitor says: kept first, shown at once, sent one after the other as soon as there is a line, and shown as unsent
// until the transcript has it.

import type { Ask } from "./asked.ts";
import { dropUnsent, keepUnsent, readUnsent, still, type Unsent } from "./unsent.ts";

export type OutboxDeps = {
	ask: Ask;
	after(delayMs: number, run: () => void): () => void;
	/** Milliseconds since 1970. */
	now(): number;
	newId(): string;
	onChange(): void;
};

const againMs = 3000;

export class Outbox {
	readonly #deps: OutboxDeps;
	#waiting: readonly Unsent[] = readUnsent();
	/** The server has them; their lines have not come yet. */
	#taken: readonly Unsent[] = [];
	#isSending = false;

	constructor(deps: OutboxDeps) {
		this.#deps = deps;
	}

	/** What the chat's transcript does not show yet. */
	of(chatId: string, saidIds: ReadonlySet<string | undefined>): readonly Unsent[] {
		return still([...this.#taken, ...this.#waiting], chatId, saidIds);
	}

	say(chatId: string, text: string): void {
		this.#put({ clientId: this.#deps.newId(), chatId, text, at: this.#deps.now() });
		void this.goOn();
	}

	again(clientId: string): void {
		for (const { because: _, ...one } of this.#waiting.filter((other) => other.clientId === clientId)) {
			this.#put(one);
		}
		void this.goOn();
	}

	drop(clientId: string): void {
		dropUnsent(clientId);
		this.reread();
	}

	forget(): void {
		this.#waiting.forEach(({ clientId }) => dropUnsent(clientId));
		this.#taken = [];
		this.reread();
	}

	/** Another page of this browser wrote or sent something. */
	reread(): void {
		this.#waiting = readUnsent();
		this.#deps.onChange();
	}

	/** There is a line: one after the other; what is refused stays, with the reason. */
	async goOn(): Promise<void> {
		if (this.#isSending) {
			return;
		}
		this.#isSending = true;
		try {
			for (let next = this.#next(); next !== undefined; next = this.#next()) {
				if (!(await this.#sendOne(next))) {
					return;
				}
			}
		} finally {
			this.#isSending = false;
		}
	}

	#next(): Unsent | undefined {
		return this.#waiting.find(({ because }) => because === undefined);
	}

	/** False: not now. */
	async #sendOne(one: Unsent): Promise<boolean> {
		const { chatId, clientId, text } = one;
		const body = { message: text, client_message_id: clientId };
		const sent = await this.#deps.ask("POST", `/interactions/${chatId}/transcript/messages`, body);
		if (sent.ok) {
			this.#taken = [...this.#taken, one];
			this.drop(clientId);
			return true;
		}
		if (sent.why === "refused") {
			this.#put({ ...one, because: sent.code });
			return true;
		}
		if (sent.why === "busy") {
			this.#deps.after(againMs, () => void this.goOn());
		}
		return false;
	}

	#put(one: Unsent): void {
		keepUnsent(one);
		this.reread();
	}
}
