// Every status word that the provider documents is read as the README says. Under "## Status words" stands a table, a word
// in backticks and what it becomes; or the sentence "There are none." The requests are the fixtures' own: wherever one of
// the words stands, each of the others is put in its place, and one that nobody documents.

import type { RawRequest, VerifiedRequest } from "#connectors/contract.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import type { Fixture } from "./fixtures.ts";
import { jsonIn, withBody } from "./noise.ts";
import { resigned } from "./reading.ts";
import type { Findings, Subject } from "./subject.ts";

const statuses = ["sent", "delivered", "read", "failed"];
const outcomes = [...statuses, "activity"];
const fixturesPerWord = 2;
const undocumented = "PARLEY_UNHEARD_OF";

export function statusWordsAreRead(subject: Subject): Findings {
	const words = documentedWords(subject.readme);
	if (words === undefined) {
		return ["the README has no heading “## Status words” with a table below it, or with “There are none.”"];
	}
	const strange = [...words].filter(([, outcome]) => !outcomes.includes(outcome));
	return [
		...strange.map(([word, outcome]) => `the README says that ${word} becomes ${outcome}: ${outcomes.join(", ")}`),
		...neverReceived(subject),
		...(words.size === 0
			? []
			: subject.connector.line === undefined
				? misread(subject, words)
				: misheard(subject, words)),
	];
}

/** Undefined: the README does not say. */
export function documentedWords(readme: string): ReadonlyMap<string, string> | undefined {
	const section = /^## Status words$([^]*?)(?=^## |(?![^]))/m.exec(readme)?.[1];
	const rows = [...(section ?? "").matchAll(/^\|([^|]*`[^|]*)\|([^|]*)\|/gm)];
	if (section === undefined || (rows.length === 0 && !section.includes("There are none."))) {
		return undefined;
	}
	return new Map(
		rows.flatMap(([, left = "", right = ""]) =>
			[...left.matchAll(/`([^`]+)`/g)].map(([, word = ""]): [string, string] => [word, right.trim()]),
		),
	);
}

/** With words or without: what the type promises to report is in a fixture, unless it asks for reports by itself. */
function neverReceived({ connector, fixtures, frames }: Subject): Findings {
	if (connector.upkeep !== undefined) {
		return []; // “Our attempt id travels and comes back” looks for each of them in what is found.
	}
	const told = [...fixtures.map(({ events }) => events), ...frames.map(({ heard }) => heard["events"] ?? [])];
	const seen = new Set(told.flatMap((events) => receiptsIn(events as readonly ChannelEvent[])));
	return connector.capabilities.receipts
		.filter((status) => !seen.has(status))
		.map((status) => `no fixture has a receipt that says ${status}, although the type promises it`);
}

/** In a frame a word gives way to one of its own length only, so that no other length in it becomes wrong. */
function misheard({ connector, frames }: Subject, words: ReadonlyMap<string, string>): Findings {
	const all = new Map([...words, ["X".repeat(7), "activity"]]);
	const findings: string[] = [];
	const tried = new Set<string>();
	for (const { name, frame, service, opening } of frames) {
		const text = Buffer.from(frame).toString("latin1");
		const own = [...words.keys()].find((word) => text.includes(` stat:${word}`) && !hasState(text));
		for (const [word, outcome] of own === undefined ? [] : all) {
			if (word.length !== own?.length) {
				continue;
			}
			tried.add(word);
			const config = connector.config.parse(service);
			const bytes = Buffer.from(text.replace(`stat:${own}`, `stat:${word}`), "latin1");
			const heard = connector.line?.hear(bytes, config, opening);
			const [event] = heard?.kind === "told" ? heard.events : [];
			const given = event?.kind === "receipt" ? event.status : (event?.kind ?? "nothing");
			findings.push(...(given === outcome ? [] : [`${name} with ${word}: ${given}, expected is ${outcome}`]));
		}
	}
	return tried.size > 0 ? findings : ["no frame has a status word that could give way to another"];
}

/** The optional parameter message_state of SMPP, which says more than the text. */
function hasState(text: string): boolean {
	return text.includes("\u0004\u0027\u0000\u0001");
}

function receiptsIn(events: readonly ChannelEvent[]): readonly string[] {
	return events.flatMap((event) => (event.kind === "receipt" ? [event.status] : []));
}

function misread(subject: Subject, words: ReadonlyMap<string, string>): Findings {
	const places = [...words].flatMap(([word, outcome]) =>
		subject.fixtures
			.filter(({ verdict, events }) => verdict === "ok" && receiptsIn(events as ChannelEvent[]).includes(outcome))
			.filter(({ raw }) => withWord(bodyOf(raw.body), word, undocumented) !== undefined)
			.slice(0, fixturesPerWord)
			.map((fixture) => ({ fixture, word, sign: resigned(subject, fixture) })),
	);
	if (places.length === 0) {
		return ["no fixture has a receipt with one of the status words of the README"];
	}
	const tried = [...words, [undocumented, "no receipt"] as const];
	return tried.flatMap(([other, outcome]) => {
		const wrong = places.map((place) => eventsWith(subject, place, other)).find((events) => !isRead(events, outcome));
		return wrong === undefined ? [] : [`${other} becomes ${told(wrong)}, expected is ${outcome}`];
	});
}

function isRead(events: readonly ChannelEvent[], outcome: string): boolean {
	const receipts = receiptsIn(events);
	return statuses.includes(outcome)
		? receipts.length > 0 && receipts.every((status) => status === outcome)
		: receipts.length === 0 && events.length > 0;
}

function told(events: readonly ChannelEvent[]): string {
	const kinds = events.map((event) => (event.kind === "receipt" ? event.status : event.kind));
	return kinds.length === 0 ? "nothing" : [...new Set(kinds)].join(" and ");
}

type Place = { fixture: Fixture; word: string; sign(raw: RawRequest): RawRequest };

function eventsWith({ connector }: Subject, { fixture, word, sign }: Place, other: string): readonly ChannelEvent[] {
	const body = withWord(bodyOf(fixture.raw.body), word, other) ?? "";
	const raw = sign(withBody(fixture.raw, body));
	return connector.inbound.parse(raw as VerifiedRequest, connector.config.parse(fixture.service));
}

function bodyOf(body: Uint8Array): string {
	return Buffer.from(body).toString("utf8");
}

/** The body with every value that is `word` replaced; undefined when there is none. JSON, or a form. */
function withWord(body: string, word: string, other: string): string | undefined {
	const quoted = JSON.stringify(word);
	if (jsonIn(body) !== undefined) {
		const pieces = body.split(new RegExp(`(?<=:\\s*)${quoted.replaceAll(/\W/g, "\\$&")}`));
		return pieces.length > 1 ? pieces.join(JSON.stringify(other)) : undefined;
	}
	const pairs = [...new URLSearchParams(body)];
	return pairs.some(([, value]) => value === word)
		? new URLSearchParams(
				pairs.map(([name, value]): [string, string] => [name, value === word ? other : value]),
			).toString()
		: undefined;
}
