// The visitor's chat: the line, the tree, what is unsent, and what the host page wants. The view draws what it is now.

import { randomHex } from "#web/api/random.ts";
import {
	type Link,
	type LinkState,
	openLink,
	SessionEnded,
	Unanswered,
	Unsent as NotSent,
} from "#web/realtime/link.ts";
import { applyAll, emptyTree, type Interaction, type Tree } from "#web/realtime/tree.ts";
import { keepUnsent, readUnsent, still, type Unsent } from "./unsent.ts";
import { forgetSession, type Identity, IdentityRefused, upload, visitorAddress } from "./visitor.ts";

export type Person = { name: string; email: string };

export type Wishes = {
	queues: readonly { address: string; name?: string }[];
	user: Person;
	cad: Readonly<Record<string, unknown>>;
	identity: Identity | undefined;
	language: string;
};

type Asked = { ok: true; body: unknown } | { ok: false; because: string; isLost: boolean };

export class Talk {
	state: LinkState | "idle" | "refused" = "idle";
	/** Why the last try to start was refused. */
	failure: string | undefined;
	readonly #wishes: () => Wishes;
	readonly #onChange: () => void;
	#tree: Tree = emptyTree;
	#link: Link | undefined;
	#unsent = readUnsent();
	#isSending = false;
	#wasTyping = false;
	/** What is done as soon as there is a line. */
	#begin: (() => void) | undefined;

	constructor(wishes: () => Wishes, onChange: () => void) {
		this.#wishes = wishes;
		this.#onChange = onChange;
	}

	chat(): Interaction | undefined {
		return this.#tree.interactions.at(-1);
	}

	unsent(): readonly Unsent[] {
		const said = this.chat()?.transcript.messages.map(({ client_message_id: id }) => id);
		return still(this.#unsent, new Set(said));
	}

	/** Opens the line: there is something to come back to, or to begin. */
	open(): void {
		this.#link ??= openLink({
			address: () => visitorAddress(this.#wishes().identity).catch((error: unknown) => this.#noteRefusal(error)),
			openSocket: (address) => new WebSocket(address),
			after(delayMs, run) {
				const timer = setTimeout(run, delayMs);
				return () => clearTimeout(timer);
			},
			random: () => Math.random(),
			subscriptions: ["/properties", "/interactions"],
			onTransactions: (transactions) => {
				this.#tree = applyAll(this.#tree, transactions);
				this.#onChange();
			},
			onState: (state) => this.#follow(state),
		});
	}

	async start(person: Person, address: string): Promise<void> {
		this.failure = undefined;
		await new Promise<void>((resolve) => {
			this.#begin = resolve;
			if (this.state === "open") {
				resolve();
			} else {
				this.open();
			}
		});
		this.#begin = undefined;
		await this.#startNow(person, address);
	}

	say(text: string): void {
		const chat = this.chat();
		if (chat !== undefined) {
			this.#keep([...this.#unsent, { clientId: randomHex(16), chatId: chat.id, text }]);
			this.typing(false);
			void this.#sendUnsent();
		}
	}

	typing(isTyping: boolean): void {
		const chat = this.chat();
		if (chat !== undefined && isTyping !== this.#wasTyping) {
			this.#wasTyping = isTyping;
			const status = isTyping ? "typing" : "not_typing";
			void this.#ask("PUT", `/interactions/${chat.id}/participants/${encodeURIComponent(chat.originator)}`, { status });
		}
	}

	end(): void {
		const chat = this.chat();
		if (chat !== undefined) {
			void this.#ask("PUT", `/interactions/${chat.id}`, { status: "ended" });
		}
	}

	/** The sentence of why it was refused; undefined: it is sent. */
	async send(file: File): Promise<string | undefined> {
		const facts = { filename: file.name, size: file.size, mime_type: file.type || "application/octet-stream" };
		const announced = await this.#ask("POST", `/interactions/${this.chat()?.id ?? ""}/attachments`, facts);
		return announced.ok ? upload((announced.body as { id: string }).id, file) : announced.because;
	}

	/** The chat is over: another one, by whoever sits there now, begins from nothing. */
	forget(): void {
		forgetSession();
		this.#link?.close();
		this.#link = undefined;
		this.#tree = emptyTree;
		this.state = "idle";
		this.#keep([]);
	}

	#follow(state: LinkState): void {
		this.state = this.state === "refused" ? "refused" : state;
		this.#onChange();
		if (state === "open") {
			this.#begin?.();
			void this.#sendUnsent();
		}
	}

	#noteRefusal(error: unknown): never {
		if (error instanceof IdentityRefused) {
			this.state = "refused";
			throw new SessionEnded(error.message);
		}
		throw error;
	}

	#keep(all: readonly Unsent[]): void {
		this.#unsent = all;
		keepUnsent(all);
		this.#onChange();
	}

	async #startNow({ name, email }: Person, destination: string): Promise<void> {
		const { cad, language } = this.#wishes();
		const mine = { alias: name, ...(email === "" ? {} : { chat_address: email }), language: languageTag(language) };
		const named = await this.#ask("PUT", "/properties", mine);
		const body = { channel_type: "chat", channel_sub_type: "text", destination, attached_data: cad };
		const started = named.ok ? await this.#ask("POST", "/interactions", body) : named;
		this.failure = started.ok ? undefined : started.because;
		this.#onChange();
	}

	/** One after the other; what is refused stays with the reason. */
	async #sendUnsent(): Promise<void> {
		if (this.#isSending) {
			return;
		}
		this.#isSending = true;
		try {
			for (let next = this.#nextUnsent(); next !== undefined; next = this.#nextUnsent()) {
				if (!(await this.#sendOne(next))) {
					return;
				}
			}
		} finally {
			this.#isSending = false;
		}
	}

	#nextUnsent(): Unsent | undefined {
		return this.unsent().find(({ because }) => because === undefined);
	}

	/** False: there is no line now. */
	async #sendOne(one: Unsent): Promise<boolean> {
		const { chatId, clientId, text } = one;
		const body = { message: text, client_message_id: clientId };
		const sent = await this.#ask("POST", `/interactions/${chatId}/transcript/messages`, body);
		if (!sent.ok && sent.isLost) {
			return false;
		}
		const rest = this.#unsent.filter((other) => other.clientId !== clientId);
		this.#keep(sent.ok ? rest : [...rest, { ...one, because: sent.because }]);
		return true;
	}

	async #ask(method: string, uri: string, body: unknown): Promise<Asked> {
		try {
			const answer = await this.#link?.ask(method, uri, body);
			if (answer?.status === 200) {
				return { ok: true, body: answer.body };
			}
			const { message = "" } = (answer?.body ?? {}) as { message?: string };
			return { ok: false, because: message, isLost: false };
		} catch (error) {
			if (error instanceof NotSent || error instanceof Unanswered) {
				return { ok: false, because: error.message, isLost: true };
			}
			throw error;
		}
	}
}

/** What the protocol takes for a language. */
function languageTag(language: string): string {
	return /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(language) ? language : "en";
}
