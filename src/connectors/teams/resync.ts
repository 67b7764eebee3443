// Fetches what notifications may have missed: for each chat that has something newer than what was read of it, the messages
// since then. What was brought already has the same key and changes nothing. Bounded: what does not fit comes next time.

import type { Finding, Tools } from "../contract.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { placeOf } from "./addresses.ts";
import { eventOf } from "./chat-messages.ts";
import type { TeamsConfig, Target } from "./form.ts";
import { askGraph, type Trouble } from "./graph-api.ts";
import { type Page, readMessages, type ReadPlace, type Span } from "./reading.ts";
import type { Progress, TeamsState } from "./state.ts";

const pagesMax = 20; // In one round.
const skewMs = 60_000; // Messages have the provider's time, the beginning has ours.

export type Resynced = { state: TeamsState; findings: readonly Finding[]; isWhole: boolean; trouble?: Trouble };

export async function resync(state: TeamsState, config: TeamsConfig, tools: Tools): Promise<Resynced> {
	const { since } = state;
	if (since === undefined) {
		// What was written before the service was made is not told again.
		return {
			state: { ...state, since: new Date(tools.now().getTime() - skewMs).toISOString() },
			findings: [],
			isWhole: true,
		};
	}
	const reading = new Reading(state, config, tools);
	for (const target of config.targets) {
		const places = target.kind === "everyChat" ? await reading.newerChats() : [target];
		for (const place of places) {
			await reading.read(place, since);
		}
	}
	return reading.end();
}

type Walk = { before: string | undefined; newest: string | undefined; isBegun: boolean; isDone: boolean };

class Reading {
	readonly #config: TeamsConfig;
	readonly #tools: Tools;
	readonly #findings: Finding[] = [];
	#state: TeamsState;
	#pagesLeft = pagesMax;
	#isWhole = true;
	#trouble: Trouble | undefined;

	constructor(state: TeamsState, config: TeamsConfig, tools: Tools) {
		this.#state = state;
		this.#config = config;
		this.#tools = tools;
	}

	end(): Resynced {
		const trouble = this.#trouble === undefined ? {} : { trouble: this.#trouble };
		return { state: this.#state, findings: this.#findings, isWhole: this.#isWhole, ...trouble };
	}

	/** Newest first (https://learn.microsoft.com/graph/api/chat-list; the order and the preview are from memory). */
	async newerChats(): Promise<readonly ReadPlace[]> {
		const query = {
			$top: "50",
			$expand: "lastMessagePreview",
			$orderby: "lastMessagePreview/createdDateTime desc",
		};
		const told = await askGraph({ method: "GET", path: "/me/chats", query }, this.#config, this.#tools);
		if (!told.ok) {
			this.#trouble ??= told.trouble;
			return [];
		}
		return asArray(told.fields["value"]).flatMap((value) => {
			const chat = asObject(value);
			const place = placeOf(asText(chat?.["id"]) ?? "");
			const last = asText(asObject(chat?.["lastMessagePreview"])?.["createdDateTime"]);
			return place?.kind === "chat" && this.#isNewer(place, last) ? [place] : [];
		});
	}

	#isNewer(place: ReadPlace, last: string | undefined): boolean {
		const known = this.#state.chats[keyOfPlace(place)];
		const at = Date.parse(last ?? "");
		return known?.gap !== undefined || at > Date.parse(known?.seen ?? this.#state.since ?? "");
	}

	/** An old gap first, then what is newer than everything that was read. */
	async read(place: ReadPlace, since: string): Promise<void> {
		const known = this.#state.chats[keyOfPlace(place)] ?? { seen: since };
		if (known.gap !== undefined) {
			const rest = await this.#readSpan(place, known.gap);
			if (rest !== undefined) {
				const { after } = known.gap;
				this.#keep(place, {
					seen: known.seen,
					...(rest.before === undefined ? {} : { gap: { after, before: rest.before } }),
				});
			}
			if (rest === undefined || rest.before !== undefined) {
				return;
			}
		}
		const read = await this.#readSpan(place, { after: known.seen });
		if (read?.newest !== undefined) {
			const gap = read.before === undefined ? {} : { gap: { after: known.seen, before: read.before } };
			this.#keep(place, { seen: read.newest, ...gap });
		}
	}

	#keep(place: ReadPlace, progress: Progress): void {
		this.#state = { ...this.#state, chats: { ...this.#state.chats, [keyOfPlace(place)]: progress } };
	}

	/** `before`: how far back it came, where not everything was read. Undefined: nothing was. */
	async #readSpan(place: ReadPlace, span: Span): Promise<{ before?: string; newest?: string } | undefined> {
		let walk: Walk = { before: span.before, newest: undefined, isBegun: false, isDone: false };
		while (!walk.isDone && this.#trouble === undefined && this.#pagesLeft > 0) {
			walk = await this.#readPage(place, span.after, walk);
		}
		const { before, newest, isBegun, isDone } = walk;
		const found = newest === undefined ? {} : { newest };
		if (isDone) {
			return found;
		}
		this.#isWhole = false;
		return isBegun && before !== undefined ? { before, ...found } : undefined;
	}

	/** Newest first, so the next page is what is older than the oldest of this one. */
	async #readPage(place: ReadPlace, after: string, walk: Walk): Promise<Walk> {
		this.#pagesLeft -= 1;
		const span = walk.before === undefined ? { after } : { after, before: walk.before };
		const page = await readMessages(place, span, this.#config, this.#tools);
		if (!page.ok) {
			this.#trouble = page.trouble;
			return walk;
		}
		this.#find(page);
		const times = page.messages.map(({ at }) => at).toSorted();
		const [oldest] = times;
		// Channels give their newest messages only; how far back they go cannot be asked.
		const isDone = page.isLast || oldest === undefined || place.kind === "channel";
		return { before: oldest, newest: walk.newest ?? times.at(-1), isBegun: true, isDone };
	}

	#find({ messages, url, body }: Extract<Page, { ok: true }>): void {
		const events = messages.map(({ fields }) => eventOf(fields, "created", this.#config));
		const told = events.filter((event) => event.kind !== "activity");
		if (told.length > 0) {
			this.#findings.push({ url, body, events: told });
		}
	}
}

function keyOfPlace(place: Exclude<Target, { kind: "everyChat" }>): string {
	return place.kind === "chat" ? place.chatId : `${place.teamId}/${place.channelId}`;
}
