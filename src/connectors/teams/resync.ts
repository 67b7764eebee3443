// Fetches what notifications may have missed: of what is owed since the round before, of the chats and channels that are
// named, and of every chat that has something newer than what was told of it. A round has a bound, and what does not fit
// comes in the next: a walk through all chats goes on at the page where it stopped.

import type { Finding, Tools } from "../contract.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { placeOf } from "./addresses.ts";
import { CatchUp, keyOfPlace, lateMs } from "./catch-up.ts";
import type { TeamsConfig } from "./form.ts";
import { askGraph, type Fields, nextPage, stopsAll, type Trouble } from "./graph-api.ts";
import type { ReadPlace } from "./reading.ts";
import type { Progress, TeamsState, Walk } from "./state.ts";

const skewMs = 60_000; // Messages have the provider's time, the beginning has ours.
const owedPerRound = 10; // Some may be refused for good; the others shall not wait for them.

export type Resynced = { state: TeamsState; findings: readonly Finding[]; isWhole: boolean; trouble?: Trouble };

export async function resync(state: TeamsState, config: TeamsConfig, tools: Tools): Promise<Resynced> {
	const { since } = state;
	if (since === undefined) {
		// What was written before the service was made is not told again.
		const begun = { ...state, since: before(tools.now().toISOString(), skewMs) };
		return { state: begun, findings: [], isWhole: true };
	}
	const named = config.targets.flatMap((target) => (target.kind === "everyChat" ? [] : [target]));
	const isEvery = config.targets.some(({ kind }) => kind === "everyChat");
	const catchUp = new CatchUp(since, wantedIn(state, named, isEvery), config, tools);
	const ofNamed = new Set(named.map(keyOfPlace));
	const owed = catchUp.owed.filter((key) => !ofNamed.has(key)).slice(0, owedPerRound);
	for (const place of [...owed.flatMap((key) => chatOf(key) ?? []), ...named]) {
		await catchUp.read(place);
	}
	const walked = isEvery ? await walkOn(state.walk, since, { catchUp, config, tools }) : {};
	return ended(state, catchUp, walked);
}

function before(time: string, ms: number): string {
	return new Date(Date.parse(time) - ms).toISOString();
}

/** Whatever is not asked for any more is forgotten. */
function wantedIn({ chats }: TeamsState, named: readonly ReadPlace[], isEvery: boolean): TeamsState["chats"] {
	const keys = new Set(named.map(keyOfPlace));
	const wanted = Object.entries(chats).filter(([key]) => keys.has(key) || (isEvery && chatOf(key) !== undefined));
	return Object.fromEntries(wanted);
}

function chatOf(key: string | undefined): Extract<ReadPlace, { kind: "chat" }> | undefined {
	const place = placeOf(key ?? "");
	return place?.kind === "chat" ? place : undefined;
}

/** `since` where the walk came to its end: nothing that is not newer is left untold, but what is owed. */
type Walked = { walk?: Walk; since?: string };

function ended(state: TeamsState, catchUp: CatchUp, { walk, since = state.since ?? "" }: Walked): Resynced {
	const { findings, trouble, owed } = catchUp;
	const chats = Object.entries(catchUp.chats).filter(([, one]) => !isPlain(one) || one.seen > since);
	return {
		state: { ...state, since, chats: Object.fromEntries(chats), walk },
		findings,
		isWhole: walk === undefined && owed.length === 0,
		...(trouble === undefined ? {} : { trouble }),
	};
}

function isPlain({ told, cuts }: Progress): boolean {
	return told === undefined && cuts === undefined;
}

type Walking = { catchUp: CatchUp; config: TeamsConfig; tools: Tools };

/**
 * A chat that something is written in leaves its page for the top, and a walk of several pages may miss it. So it takes
 * another turn down to where the last one began, until one page shows all of that at once.
 */
async function walkOn(begun: Walk | undefined, since: string, { catchUp, config, tools }: Walking): Promise<Walked> {
	let walk = begun;
	while (catchUp.mayGoOn) {
		const page = walk?.page;
		const listed = await listChats(page, config, tools);
		if (!listed.ok) {
			catchUp.meet(listed.trouble);
			return beforeTrouble(walk, listed.trouble);
		}
		walk = walk?.page === undefined ? turn(walk, listed.chats, since, tools.now()) : walk;
		if (!(await readNewer(listed, catchUp))) {
			return { walk };
		}
		const next = isPast(listed.chats, walk.until) ? undefined : listed.next;
		if (next === undefined && page === undefined) {
			return { since: laterOf(since, before(walk.newest, lateMs)) };
		}
		walk = onward(walk, next);
		catchUp.takePage();
	}
	return { walk: walk ?? { newest: since, top: since, until: since } };
}

/** Without a next page: another turn. */
function onward({ newest, top, until }: Walk, page: string | undefined): Walk {
	return page === undefined ? { newest, top, until: top } : { newest, top, until, page };
}

/** A time to come would hide whatever comes until then. */
function turn(walk: Walk | undefined, chats: readonly Chat[], since: string, now: Date): Walk {
	const newest = laterOf(since, ...chats.map(({ last }) => last));
	const top = newest < now.toISOString() ? newest : now.toISOString();
	return { newest: walk?.newest ?? top, top, until: walk?.until ?? since };
}

function laterOf(...times: readonly string[]): string {
	return times.toSorted().at(-1) ?? "";
}

/** False: there was no end of it, and the page is to be looked at once more. */
async function readNewer({ chats, trouble }: Extract<Listed, { ok: true }>, catchUp: CatchUp): Promise<boolean> {
	for (const { place, last } of chats) {
		if (catchUp.isBehind(place, last)) {
			if (!catchUp.mayGoOn) {
				return false;
			}
			await catchUp.read(place);
		}
	}
	if (trouble !== undefined) {
		catchUp.meet(trouble);
	}
	return trouble === undefined;
}

/** Nothing but a pause keeps the page: one that cannot be had any more makes the walk begin anew. */
function beforeTrouble(walk: Walk | undefined, trouble: Trouble): Walked {
	return walk === undefined || !stopsAll(trouble) ? {} : { walk };
}

type Chat = { place: ReadPlace; last: string };
/** `trouble` of a good one: there are more, and it does not lead to them. */
type Listed =
	| { ok: true; chats: readonly Chat[]; next: string | undefined; trouble: Trouble | undefined }
	| { ok: false; trouble: Trouble };

const path = "/me/chats";
const query = { $top: "50", $expand: "lastMessagePreview", $orderby: "lastMessagePreview/createdDateTime desc" };

/** Newest first (https://learn.microsoft.com/graph/api/chat-list; the order and the preview are from memory). */
async function listChats(page: string | undefined, config: TeamsConfig, tools: Tools): Promise<Listed> {
	const paged = page === undefined ? { query } : { page };
	const told = await askGraph({ method: "GET", path, ...paged }, config, tools);
	if (!told.ok) {
		return told;
	}
	const { value, "@odata.nextLink": link } = told.fields;
	const trouble: Trouble = { code: "protocol", detail: "Microsoft's list of chats cannot be read on.", status: 200 };
	if (!Array.isArray(value)) {
		return { ok: false, trouble };
	}
	const chats = asArray(value).flatMap((item) => chatIn(asObject(item)) ?? []);
	const next = nextPage(told.fields, config);
	const leadsOn = link === undefined || (next !== undefined && next !== page);
	return { ok: true, chats, next, trouble: leadsOn ? undefined : trouble };
}

/** Undefined for one without any message, too. */
function chatIn(chat: Fields | undefined): Chat | undefined {
	const place = chatOf(asText(chat?.["id"]));
	const at = new Date(asText(asObject(chat?.["lastMessagePreview"])?.["createdDateTime"]) ?? Number.NaN);
	return place === undefined || Number.isNaN(at.getTime()) ? undefined : { place, last: at.toISOString() };
}

/** Whether only older ones follow; not believed where the order is another one. */
function isPast(chats: readonly Chat[], since: string): boolean {
	const times = chats.map(({ last }) => last);
	const isInOrder = times.every((time, index) => time <= (times[index - 1] ?? time));
	return isInOrder && (times.at(-1) ?? "9") <= since;
}
