// Reads what is not told yet of one chat or channel after another, with a bound on requests. Graph gives messages newest
// first, and they are told oldest first: what was read is told once its way back to what was told before is whole. Where it
// is not, the place is remembered, and the next time begins there. What was brought already has the same key.

import type { Finding, Tools, UpkeepRound } from "../contract.ts";
import { eventOf } from "./chat-messages.ts";
import type { TeamsConfig } from "./form.ts";
import { stopsAll, type Trouble } from "./graph-api.ts";
import { type Page, readMessages, type ReadPlace, type Span } from "./reading.ts";
import type { Progress, TeamsState } from "./state.ts";

const pagesMax = 20; // In one round.
const pagesOfChannelMax = 5; // They cannot be asked for by time, so each way begins at the newest.
const cutsMax = 8; // For one chat. One that is dropped only makes a longer way.
/** A message may show so much after one that was written after it. Ours; and clocks differ. */
export const lateMs = 120_000;
const owedMax = 300; // Chats; more would not fit into what is kept.

type Chats = TeamsState["chats"];
type GoodPage = Extract<Page, { ok: true }>;
/** `reached`: how far back it came where it broke off; undefined there: nowhere. */
type Way = { pages: readonly GoodPage[]; isWhole: boolean; reached: string | undefined };

export class CatchUp {
	readonly #config: TeamsConfig;
	readonly #tools: Tools;
	readonly #since: string;
	readonly #findings: Finding[] = [];
	#chats: Chats;
	#pagesLeft = pagesMax;
	#trouble: Trouble | undefined;
	#isStopped = false;

	/** @param since how far a chat was told that is not among `chats` */
	constructor(since: string, chats: Chats, config: TeamsConfig, tools: Tools) {
		this.#since = since;
		this.#chats = chats;
		this.#config = config;
		this.#tools = tools;
	}

	get chats(): Chats {
		return this.#chats;
	}

	get findings(): UpkeepRound["findings"] {
		return this.#findings;
	}

	/** The first, unless another one ended it all. */
	get trouble(): Trouble | undefined {
		return this.#trouble;
	}

	get mayGoOn(): boolean {
		return !this.#isStopped && this.#pagesLeft > 0 && this.owed.length < owedMax;
	}

	/** Chats and channels of which there is more to read, the one that waits longest first. */
	get owed(): readonly string[] {
		return Object.keys(this.#chats).filter((key) => this.#chats[key]?.cuts !== undefined);
	}

	/** @param last the time of its newest message */
	isBehind(place: ReadPlace, last: string): boolean {
		const { seen, told, cuts } = this.progressOf(place);
		return cuts === undefined && (last > (told ?? seen) || (told !== undefined && told <= this.#settled));
	}

	progressOf(place: ReadPlace): Progress {
		return this.#chats[keyOfPlace(place)] ?? { seen: this.#since };
	}

	/** For a request that is no page of messages. */
	takePage(): void {
		this.#pagesLeft -= 1;
	}

	meet(trouble: Trouble): void {
		const isEnd = stopsAll(trouble);
		this.#trouble = isEnd ? trouble : (this.#trouble ?? trouble);
		this.#isStopped ||= isEnd;
	}

	/** From what was told up to the newest, as far as requests last. What is left is owed. */
	async read(place: ReadPlace): Promise<void> {
		const known = this.progressOf(place);
		let cuts = known.cuts ?? [];
		// Where it broke off it goes on; else what was fresh then is looked at once more.
		let newest = known.cuts === undefined ? known.seen : (known.told ?? known.seen);
		for (let isDone = false; !isDone;) {
			const before = cuts.at(-1);
			const way = await this.#wayBack(place, { after: newest, ...(before === undefined ? {} : { before }) });
			if (!way.isWhole) {
				const left = [...cuts, ...(way.reached === undefined ? [] : [way.reached])].slice(-cutsMax);
				this.#keep(place, { ...this.#upTo(known.seen, newest), cuts: left });
				return;
			}
			newest = this.#tell(way.pages) ?? newest;
			cuts = cuts.slice(0, -1);
			isDone = before === undefined;
		}
		this.#keep(place, this.#upTo(known.seen, newest));
	}

	/** A message with a time to come hides nothing. */
	#upTo(before: string, newest: string): Progress {
		const seen = laterOf(before, earlierOf(newest, this.#settled));
		const told = earlierOf(newest, this.#tools.now().toISOString());
		return told > seen ? { seen, told } : { seen };
	}

	/** What is older than that has shown by now. */
	get #settled(): string {
		return new Date(this.#tools.now().getTime() - lateMs).toISOString();
	}

	/** Last among those that wait. */
	#keep(place: ReadPlace, progress: Progress): void {
		const key = keyOfPlace(place);
		const { [key]: _before, ...others } = this.#chats;
		this.#chats = { ...others, [key]: progress };
	}

	async #wayBack(place: ReadPlace, span: Span): Promise<Way> {
		const pages: GoodPage[] = [];
		let { before } = span;
		let next: string | undefined;
		while (!this.#isStopped && this.#pagesLeft > 0) {
			this.#pagesLeft -= 1;
			const from = { after: span.after, ...ifKnown({ before, page: next }) };
			const page = await readMessages(place, from, this.#config, this.#tools);
			if (!page.ok) {
				this.meet(troubleAt(place, page.trouble));
				break;
			}
			pages.push(page);
			const oldest = oldestOf(page);
			const isFar = place.kind === "channel" && pages.length === pagesOfChannelMax;
			if (page.isLast || oldest === undefined || isFar) {
				return { pages, isWhole: true, reached: undefined };
			}
			({ next } = page);
			before = place.kind === "channel" ? undefined : behind(oldest, before);
		}
		return { pages, isWhole: false, reached: pages.length === 0 ? undefined : before };
	}

	/** Oldest first; the time of the newest. */
	#tell(pages: readonly GoodPage[]): string | undefined {
		let newest: string | undefined;
		const ids = new Set<string>();
		for (const { messages, url, body } of pages.toReversed()) {
			const fresh = messages.toReversed().filter(({ id }) => !ids.has(id) && ids.add(id));
			const inOrder = fresh.toSorted((one, other) => one.at.localeCompare(other.at));
			const events = inOrder.map(({ fields }) => eventOf(fields, "created", this.#config));
			const told = events.filter(({ kind }) => kind !== "activity");
			if (told.length > 0) {
				this.#findings.push({ url, body, events: told });
			}
			newest = inOrder.at(-1)?.at ?? newest;
		}
		return newest;
	}
}

function oldestOf({ messages }: GoodPage): string | undefined {
	return messages.map(({ at }) => at).toSorted()[0];
}

function ifKnown({ before, page }: { before: string | undefined; page: string | undefined }): Partial<Span> {
	return { ...(before === undefined ? {} : { before }), ...(page === undefined ? {} : { page }) };
}

function laterOf(one: string, other: string): string {
	return one > other ? one : other;
}

function earlierOf(one: string, other: string): string {
	return one < other ? one : other;
}

/** So that those of the same millisecond are on the next page too; unless nothing else was on this one. */
function behind(oldest: string, before: string | undefined): string {
	const next = new Date(Date.parse(oldest) + 1).toISOString();
	return next === before ? oldest : next;
}

function troubleAt(place: ReadPlace, trouble: Trouble): Trouble {
	return stopsAll(trouble)
		? trouble
		: { ...trouble, detail: `What is written in ${keyOfPlace(place)} cannot be read. ${trouble.detail}` };
}

export function keyOfPlace(place: ReadPlace): string {
	return place.kind === "chat" ? place.chatId : `${place.teamId}/${place.channelId}`;
}
