// One round of asking for e-mails that changed, oldest first, page by page. The state is how far we came; after each page it
// stands behind that page, so that nothing is lost whatever comes next, and what is read twice has the same key. E-mails
// change for years, longer than keys are kept: by the time of its creation an old one is known to be none that just came.
// GET …/EMailCollection?$filter=EntityLastChangedOn ge datetimeoffset'…'&$orderby=EntityLastChangedOn&$top=25&$expand=EMailNotes

import type { ChannelEvent } from "#domain/messages.ts";
import type { Finding, HttpCall, Tools, UpkeepRound, UpkeepState } from "../contract.ts";
import { asObject } from "../kit/http.ts";
import { ask, type Trouble } from "./asking.ts";
import { changeTime, type Email, eventOf, notes, toEmail } from "./emails.ts";
import { type C4sConfig, cannotSend } from "./form.ts";
import { type Access, question, timeLiteral, timeOf } from "./odata.ts";
import { relatedTo } from "./related.ts";

/** How far we came. */
export type Progress = {
	newestMs: number;
	/** Up to when everything was read: what was created longer before it than the overlap was told, or is older than we. */
	knownMs: number;
	/** In the middle of a sweep: from when on to read, and how many to pass over there. Undefined: a new sweep begins. */
	fromMs: number | undefined;
	skip: number;
	/** E-mails within the overlap that became a message, and those that did not, with the time of their change. */
	told: ReadonlyMap<string, number>;
	left: ReadonlyMap<string, number>;
	/** Nothing was read so far, so that the time is our own guess. */
	isFresh: boolean;
};

const pagesMax = 5; // At four questions each, and what is too large: still a handful.
const againMs = 2000;
const afterConfigMs = 300_000; // Whoever has to mend something takes minutes.
const seenMax = 2000;
const sameMomentMs = 1000; // Texts of times are coarser than times: those of one second are read again.

export async function round(
	state: UpkeepState,
	config: C4sConfig,
	_our: { webhookUrl: string },
	tools: Tools,
): Promise<UpkeepRound> {
	const { access } = config;
	const findings: Finding[] = [];
	let progress = fromState(state, tools.now().getTime());
	if (access === undefined) {
		const detail = cannotSend(config) ?? "";
		return ended({ code: "config", detail }, { findings, progress, config, now: tools.now() });
	}
	for (let pages = 0; pages < pagesMax; pages++) {
		const read = await readPage(progress, { access, config, tools });
		if (!read.ok) {
			return ended(read.trouble, { findings, progress, config, now: tools.now() });
		}
		findings.push(...read.findings);
		progress = read.progress;
		if (progress.fromMs === undefined) {
			break;
		}
	}
	return ended(undefined, { findings, progress, config, now: tools.now() });
}

type Ended = { findings: readonly Finding[]; progress: Progress; config: C4sConfig; now: Date };

function ended(trouble: Trouble | undefined, { findings, progress, config, now }: Ended): UpkeepRound {
	const state = toState(progress, config);
	if (trouble === undefined) {
		const waitMs = progress.fromMs === undefined ? config.pollMs : againMs;
		return { findings, state, nextAt: new Date(now.getTime() + waitMs) };
	}
	const { code, detail, notBefore } = trouble;
	const isToMend = code === "config" || code === "credentials";
	const nextMs = now.getTime() + Math.max(config.pollMs, isToMend ? afterConfigMs : 0);
	const nextAt = new Date(Math.max(nextMs, notBefore?.getTime() ?? 0));
	return { findings, state, nextAt, trouble: { code, detail } };
}

type Asker = { access: Access; config: C4sConfig; tools: Tools };
type Read = { ok: true; findings: readonly Finding[]; progress: Progress } | { ok: false; trouble: Trouble };

async function readPage(before: Progress, asker: Asker): Promise<Read> {
	const { config, tools } = asker;
	const fromMs = before.fromMs ?? before.newestMs - config.overlapMs;
	const asked = await askSmaller({ fromMs, skip: before.skip }, asker);
	if (!asked.ok) {
		return asked;
	}
	const { page, size, call, body } = asked;
	const emails = page.entities.map((entity) => toEmail(entity, config));
	const wrong = wrongOrder(emails);
	if (wrong !== undefined) {
		return { ok: false, trouble: { code: "protocol", detail: wrong } };
	}
	const ourMs = tools.now().getTime();
	const clock = { ourMs, theirMs: asked.date || ourMs };
	const progress = { ...(before.isFresh ? begun(before, clock) : before), fromMs };
	const news = emails.filter((email) => isNew(email, progress, config));
	const inbound = news.filter(({ direction }) => direction === "in");
	const looked = await relatedTo(inbound, asker);
	if (!looked.ok) {
		return looked;
	}
	const related = { ...looked.related, hasNotes: size.hasNotes };
	const events = distinct(news.flatMap((email) => eventOf(email, related, config) ?? []));
	const findings = events.length === 0 ? [] : [{ url: call.url, body, events }];
	const isLast = !page.hasMore && emails.length < size.top;
	return { ok: true, findings, progress: behind(emails, sorted(emails, events, progress), { isLast, clock }) };
}

type Clock = { ourMs: number; theirMs: number };

/** A clock of ours that is ahead would hide what comes. */
function begun(before: Progress, { theirMs }: Clock): Progress {
	const newestMs = Math.min(before.newestMs, theirMs);
	return { ...before, newestMs, knownMs: newestMs };
}

/** Of what went out, each change may bring our mark. */
function isNew(email: Email, { knownMs, told, left }: Progress, { overlapMs }: C4sConfig): boolean {
	const { objectId, changedMs, createdMs, direction } = email;
	if (objectId === undefined) {
		return true;
	}
	if (changedMs !== undefined && left.get(objectId) === changedMs) {
		return false;
	}
	const isOld = told.has(objectId) || (createdMs !== undefined && createdMs < knownMs - overlapMs);
	return direction === "out" || !isOld;
}

/** Two entries about one e-mail in a page are one event. */
function distinct(events: readonly ChannelEvent[]): readonly ChannelEvent[] {
	return [...new Map(events.map((event) => [event.dedupKey, event])).values()];
}

/** We go on from the last one, so they must come in the order that was asked for. */
function wrongOrder(emails: readonly Email[]): string | undefined {
	const times = emails.flatMap(({ changedMs }) => changedMs ?? []);
	if (times.length === 0 && emails.length > 0) {
		return `The e-mails of this tenant have no ${changeTime} that can be read.`;
	}
	return times.some((time, index) => time < (times[index - 1] ?? time))
		? "SAP Cloud for Customer does not keep the order that was asked for, so nothing was taken over."
		: undefined;
}

type Begun = Progress & { fromMs: number };

/** Each e-mail of a page where it belongs: it became a message now or before, or it is left. */
function sorted(emails: readonly Email[], events: readonly ChannelEvent[], before: Begun): Begun {
	const messages = new Set(events.flatMap((event): string[] => (event.kind === "message" ? [event.remoteId] : [])));
	const told = new Map(before.told);
	const left = new Map(before.left);
	for (const { objectId, changedMs } of emails) {
		if (objectId !== undefined && changedMs !== undefined) {
			const isTold = told.delete(objectId) || messages.has(objectId);
			left.delete(objectId); // So that it stands last, among the newest.
			(isTold ? told : left).set(objectId, changedMs);
		}
	}
	return { ...before, told, left };
}

function behind(
	emails: readonly Email[],
	before: Begun,
	{ isLast, clock }: { isLast: boolean; clock: Clock },
): Progress {
	const times = emails.flatMap(({ changedMs }) => changedMs ?? []);
	const fromMs = Math.max(before.fromMs, (times.at(-1) ?? before.fromMs) - sameMomentMs);
	const isForward = fromMs > before.fromMs;
	const newestMs = newestOf(times, before, clock);
	return {
		...before,
		newestMs,
		knownMs: isLast ? newestMs : Math.min(before.knownMs, newestMs),
		fromMs: isLast ? undefined : fromMs,
		skip: isLast || isForward ? 0 : before.skip + emails.length,
		isFresh: false,
	};
}

/** A time that is still to come says nothing of what comes before it; one that was believed once holds no longer. */
function newestOf(times: readonly number[], { newestMs }: Progress, { ourMs, theirMs }: Clock): number {
	const past = times.filter((time) => time <= theirMs + sameMomentMs);
	return Math.min(Math.max(newestMs, ...past.slice(-1)), Math.max(ourMs, theirMs) + sameMomentMs);
}

type Size = { top: number; hasNotes: boolean };

/** What is too large is asked for in smaller pieces; one that is too large by itself, without its text. */
const sizes: readonly Size[] = [
	{ top: 25, hasNotes: true },
	{ top: 5, hasNotes: true },
	{ top: 1, hasNotes: true },
	{ top: 1, hasNotes: false },
];

type Place = { fromMs: number; skip: number };

async function askSmaller(place: Place, { access, config, tools }: Asker) {
	for (const size of sizes) {
		const call = questionAt(place, size, access);
		const asked = await ask(call, config, tools);
		if (asked.ok) {
			return { ...asked, size, call };
		}
		if (asked.trouble.isTooLarge !== true) {
			return asked;
		}
	}
	const detail = "SAP Cloud for Customer answers with more than is read, even for one e-mail without its text.";
	return { ok: false, trouble: { code: "protocol", detail } } as const;
}

function questionAt({ fromMs, skip }: Place, { top, hasNotes }: Size, access: Access): HttpCall {
	return question(access, "EMailCollection", {
		$filter: `${changeTime} ge ${timeLiteral(fromMs)}`,
		$orderby: changeTime,
		$top: String(top),
		...(skip === 0 ? {} : { $skip: String(skip) }),
		...(hasNotes ? { $expand: notes } : {}),
	});
}

/** Only what no time of creation tells from what is new is kept. */
function toState(progress: Progress, { overlapMs }: C4sConfig): UpkeepState {
	const { newestMs, knownMs, fromMs, skip, isFresh } = progress;
	const reachMs = knownMs - overlapMs - sameMomentMs;
	const [told, left] = [progress.told, progress.left].map((seen) =>
		[...seen].filter(([, changedMs]) => changedMs >= reachMs).slice(-seenMax),
	);
	return {
		newest: new Date(newestMs).toISOString(),
		...(knownMs === newestMs ? {} : { known: new Date(knownMs).toISOString() }),
		...(fromMs === undefined ? {} : { from: new Date(fromMs).toISOString() }),
		...(skip === 0 ? {} : { skip }),
		...(told === undefined || told.length === 0 ? {} : { told: Object.fromEntries(told) }),
		...(left === undefined || left.length === 0 ? {} : { left: Object.fromEntries(left) }),
		...(isFresh ? { isFresh } : {}),
	};
}

function fromState(state: UpkeepState, nowMs: number): Progress {
	const newestMs = timeOf(state["newest"]);
	return {
		newestMs: newestMs ?? nowMs,
		knownMs: timeOf(state["known"]) ?? newestMs ?? nowMs,
		fromMs: timeOf(state["from"]),
		skip: Number.isSafeInteger(state["skip"]) ? Number(state["skip"]) : 0,
		told: seenIn(state["told"]),
		left: seenIn(state["left"]),
		isFresh: newestMs === undefined || state["isFresh"] === true,
	};
}

function seenIn(value: unknown): ReadonlyMap<string, number> {
	return new Map(
		Object.entries(asObject(value) ?? {}).flatMap(([id, at]): [string, number][] =>
			typeof at === "number" ? [[id, at]] : [],
		),
	);
}
