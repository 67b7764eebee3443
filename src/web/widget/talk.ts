// The visitor's chat: the line, what it tells, what is to be sent, and whose session it is. The view draws what it is now.

import { isProblem } from "#web/api/problem.ts";
import { randomHex } from "#web/api/random.ts";
import { after } from "#web/realtime/after.ts";
import { fieldsOf } from "#web/realtime/fields.ts";
import { type Link, type LinkState, openLink } from "#web/realtime/link.ts";
import type { FileLimits } from "#web/realtime/file-limits.ts";
import type { Message } from "#web/realtime/tree.ts";
import { openTyping, type Typing } from "#web/realtime/typing.ts";
import { type Asked, askOn } from "./asked.ts";
import { keep, kept } from "./kept.ts";
import { Outbox } from "./outbox.ts";
import { fileLimitsIn, jsonIn, textIn } from "./read.ts";
import { advance, chatsUri, emptyScene, isGoingOn, lacksOlder, lastSeq, leave, linesOf, type Scene } from "./scene.ts";
import { openUploads, type Uploads } from "./uploads.ts";
import {
	forgetSession,
	IdentityRefused,
	isProvenSession,
	readByHttp,
	standing,
	TooManyVisitors,
	upload,
	visitorAddress,
} from "./visitor.ts";
import type { Person, Wishes } from "./wishes.ts";

export const draftName = "parley.draft";
export const seenName = "parley.seen";

export type Beginning = { person: Person; address: string; answers: Readonly<Record<string, string>> };

export class Talk {
	scene: Scene = emptyScene;
	line: LinkState | "idle" = "idle";
	/** Why there is no session. */
	refusal: "identity" | "visitors" | "session" | undefined;
	/** Code of why the last try to start failed. */
	failure: string | undefined;
	isStarting = false;
	/** Undefined: not known yet. */
	limits: FileLimits | undefined;
	readonly outbox: Outbox;
	readonly typing: Typing;
	readonly uploads: Uploads;
	readonly #wishes: () => Wishes;
	readonly #onChange: () => void;
	#link: Link | undefined;
	/** The server has told on this line which chats there are: the answer that opens the line comes before that. */
	#knowsChats = false;
	/** The last that was wished, also while an earlier one is being started. */
	#beginning: Beginning | undefined;
	/** The chat that is known next is to be ended. */
	#isUnwanted = false;
	#toEnd: string | undefined;
	/** The chat whose older lines were asked for. */
	#olderOf: string | undefined;
	readonly #waiting = new Set<{ isSo: () => boolean; resolve: () => void }>();
	#learning: Promise<FileLimits | undefined> | undefined;

	constructor(wishes: () => Wishes, onChange: () => void) {
		this.#wishes = wishes;
		this.#onChange = onChange;
		const ask = this.#ask.bind(this);
		this.outbox = new Outbox({ ask, after, now: () => Date.now(), newId: () => randomHex(16), onChange });
		const at = () => this.scene.chat && { chat: this.scene.chat, address: this.scene.chat.originator };
		this.typing = openTyping({ ask, after, at });
		this.uploads = openUploads({
			ask,
			put: upload,
			limits: () => this.limits,
			learnLimits: () => this.#learnLimits(),
			newId: () => randomHex(8),
			onChange,
		});
	}

	/** Opens the line where there is a session to come back to that is of who the page names. */
	meet(): void {
		const { identity } = this.#wishes();
		const whose = standing(identity);
		if (whose === "own") {
			this.open();
			return;
		}
		if (this.isStarting) {
			return; // It is about to get one.
		}
		if (whose === "others" && identity !== undefined) {
			forgetSession();
		}
		this.close();
	}

	/** The page says that nobody is signed in any more. */
	signOut(): void {
		if (isProvenSession()) {
			this.leave();
			forgetSession();
			this.close();
		}
	}

	open(): void {
		if (this.#link !== undefined) {
			this.#link.retry();
			return;
		}
		this.#link = openLink({
			address: () => visitorAddress(this.#wishes().identity).catch((error: unknown) => this.#noteRefusal(error)),
			openSocket: (address) => new WebSocket(address),
			after,
			random: () => Math.random(),
			subscriptions: ["/properties", "/interactions"],
			onTransactions: (transactions) => {
				this.#knowsChats ||= transactions.some(({ uri }) => uri === chatsUri);
				this.#show(advance(this.scene, transactions, seenOf));
				this.#endUnwanted();
				void this.#fetchOlder();
			},
			onState: (state) => this.#follow(state),
		});
	}

	/** Where no chat goes on, also none that an earlier page began. */
	async start(beginning: Beginning): Promise<void> {
		this.#beginning = beginning;
		this.#isUnwanted = false;
		if (this.isStarting || isGoingOn(this.scene)) {
			return;
		}
		this.isStarting = true;
		this.failure = undefined;
		this.#onChange();
		try {
			const started = await this.#begin();
			this.failure = started.ok ? undefined : started.code;
		} finally {
			this.isStarting = false;
			this.#endUnwanted();
			this.#onChange();
		}
	}

	say(text: string): void {
		const { chat } = this.scene;
		if (chat !== undefined) {
			this.outbox.say(chat.id, text);
			this.typing.stop();
		}
	}

	/** Also where there is no line now, or no chat yet: then as soon as there is one. */
	end(): void {
		this.#isUnwanted = this.#link !== undefined;
		this.#endUnwanted();
	}

	markSeen(): void {
		const { chat, seenSeq } = this.scene;
		const seq = lastSeq(chat);
		if (chat !== undefined && seq > seenSeq) {
			this.scene = { ...this.scene, seenSeq: seq };
			keep(seenName, JSON.stringify({ chatId: chat.id, seq }));
		}
	}

	/** Another page of this browser has seen more. */
	rereadSeen(): void {
		const { chat, seenSeq } = this.scene;
		if (chat !== undefined) {
			this.#show({ ...this.scene, seenSeq: Math.max(seenSeq, seenOf(chat.id)) });
		}
	}

	noteTold(): void {
		this.scene = { ...this.scene, toldSeq: Math.max(this.scene.toldSeq, lastSeq(this.scene.chat)) };
	}

	/** The chat is over: another one, by whoever sits there now, begins from nothing. */
	again(): void {
		this.leave();
		if (!isProvenSession()) {
			forgetSession();
			this.close();
		}
	}

	leave(): void {
		this.outbox.forget();
		keep(draftName, null);
		this.#show(leave(this.scene));
	}

	/** The browser has a network again. */
	retry(): void {
		this.#link?.retry();
	}

	/** There is no session any more, and nothing of what it was about. */
	close(): void {
		this.#link?.close();
		this.#link = undefined;
		this.line = "idle";
		this.refusal = undefined;
		this.#knowsChats = false;
		this.#isUnwanted &&= this.isStarting;
		this.#show(emptyScene);
	}

	#show(scene: Scene): void {
		this.scene = scene;
		this.#changed();
	}

	#changed(): void {
		for (const one of this.#waiting) {
			if (one.isSo()) {
				this.#waiting.delete(one);
				one.resolve();
			}
		}
		this.#onChange();
	}

	#until(isSo: () => boolean): Promise<void> {
		return isSo() ? Promise.resolve() : new Promise((resolve) => this.#waiting.add({ isSo, resolve }));
	}

	/** What becomes of the wish to begin one; it is done, too, where there is one already, or none is wished any more. */
	async #begin(): Promise<Asked> {
		if (standing(this.#wishes().identity) === "others") {
			forgetSession();
			this.close();
		}
		if (!(await this.#opened())) {
			return noSession;
		}
		this.#turnOver();
		let started = lost;
		while (!started.ok && started.why === "lost") {
			if (!(await this.#opened())) {
				return noSession;
			}
			if (this.#isUnwanted || this.#beginning === undefined || this.scene.chat !== undefined) {
				return done;
			}
			started = await this.#startNow(this.#beginning);
		}
		if (started.ok) {
			await this.#until(() => this.scene.chat !== undefined || !this.#knowsChats);
		}
		return started;
	}

	/** Who can prove who they are does so before a chat begins, not in the middle of one. */
	#turnOver(): void {
		if (isGoingOn(this.scene)) {
			return;
		}
		if (this.scene.chat !== undefined) {
			this.again();
		}
		if (this.#wishes().identity !== undefined && !isProvenSession()) {
			forgetSession();
			this.close();
		}
	}

	/** With what there is known. False: there is no session to be had. */
	async #opened(): Promise<boolean> {
		const isOpen = (): boolean => this.line === "open" && this.#knowsChats;
		if (!isOpen()) {
			this.open();
			await this.#until(() => isOpen() || this.line === "ended" || this.line === "idle");
		}
		return isOpen();
	}

	#follow(state: LinkState): void {
		this.line = state;
		this.#knowsChats &&= state === "open";
		if (state === "open") {
			this.refusal = undefined;
			void this.outbox.goOn();
			void this.#endNow();
			void this.#fetchOlder();
			void this.#learnLimits();
		}
		this.#changed();
	}

	#noteRefusal(error: unknown): never {
		const isVisitors = error instanceof TooManyVisitors || isProblem(error, "too_many_logons");
		this.refusal = error instanceof IdentityRefused ? "identity" : isVisitors ? "visitors" : "session";
		throw error;
	}

	async #startNow({ person: { name, email }, address, answers }: Beginning): Promise<Asked> {
		const { cad, language } = this.#wishes();
		const mine = { alias: name, ...(email === "" ? {} : { chat_address: email }), language };
		const named = await this.#ask("PUT", "/properties", mine);
		// What the page says of its visitor counts more than what the visitor writes.
		const body = {
			channel_type: "chat",
			channel_sub_type: "text",
			destination: address,
			attached_data: { ...answers, ...cad },
		};
		return named.ok ? this.#ask("POST", "/interactions", body) : named;
	}

	#endUnwanted(): void {
		const { chat } = this.scene;
		if (!this.#isUnwanted) {
			return;
		}
		if (chat !== undefined && isGoingOn(this.scene)) {
			this.#isUnwanted = false;
			this.#toEnd = chat.id;
			void this.#endNow();
		} else {
			this.#isUnwanted = this.isStarting || !this.#knowsChats;
		}
	}

	async #endNow(): Promise<void> {
		if (this.#toEnd !== undefined) {
			const ended = await this.#ask("PUT", `/interactions/${this.#toEnd}`, { status: "ended" });
			this.#toEnd = ended.ok || ended.why === "refused" ? undefined : this.#toEnd;
		}
	}

	/** Before somebody chooses a file, and before one is refused: however many there are, it is asked once. */
	#learnLimits(): Promise<FileLimits | undefined> {
		this.#learning ??= this.#ask("GET", "/attachment_limits")
			.then((told) => {
				const limits = told.ok ? fileLimitsIn(told.body) : undefined;
				this.limits = limits ?? this.limits;
				this.#onChange();
				return limits;
			})
			.finally(() => (this.#learning = undefined));
		return this.#learning;
	}

	async #fetchOlder(): Promise<void> {
		const id = this.scene.chat?.id;
		if (id === undefined || id === this.#olderOf || !lacksOlder(this.scene)) {
			return;
		}
		this.#olderOf = id;
		try {
			const all = await readByHttp(`/interactions/${id}/transcript/messages`);
			if (Array.isArray(all) && this.scene.chat?.id === id) {
				this.#show({ ...this.scene, older: all as Message[] });
			}
		} catch {
			this.#olderOf = undefined; // Asked again with the next line.
		}
	}

	#ask(method: string, uri: string, body?: unknown): Promise<Asked> {
		return askOn(this.#link, method, uri, body);
	}

	lines(): readonly Message[] {
		return linesOf(this.scene);
	}
}

const done: Asked = { ok: true, body: undefined };
const lost: Asked = { ok: false, why: "lost", code: "" };
const noSession: Asked = { ok: false, why: "refused", code: "unavailable" };

function seenOf(chatId: string): number {
	const { chatId: known, seq } = fieldsOf(jsonIn(kept(seenName) ?? ""));
	return textIn(known, 64) === chatId && typeof seq === "number" ? seq : 0;
}
