// What a connector makes of answers in a round of upkeep, through the real way out: whatever comes back, it tells the
// trouble, finds nothing in it, and leaves a state from which the next round still finds what there is.

import { isDeepStrictEqual } from "node:util";
import type { UpkeepRound, UpkeepState } from "#connectors/contract.ts";
import { faultCodes } from "#domain/faults.ts";
import { eventTrouble } from "./event-shape.ts";
import { credentialsOf } from "./scripted-provider.ts";
import { onStand } from "./sending.ts";
import { reply, sendingTable, tokenTable } from "./sending-table.ts";
import { type KeepingUp, now, type Stand, type Trial } from "./stand.ts";
import { type Findings, secretsOf, type Subject } from "./subject.ts";

/** `touchesState`: the answer may say that what is kept is no more, so it may be given up. */
type Row = { name: string; trial: Trial; touchesState?: true; notBefore?: number };

const wanted: ReadonlySet<string> = new Set([
	"200 with garbage",
	"200 with a page",
	"200 with other JSON",
	"200 with null",
	"200 empty",
	"200 without UTF-8",
	"200 with a prototype",
	"302",
	"400",
	"401",
	"403",
	"404",
	"410",
	"429",
	"429 with words",
	"429 with endless seconds",
	"500",
	"500 with a page",
	"503",
	"refused connection",
	"reset before reading",
	"reset after reading",
	"answer cut short",
	"stall",
	"endless answer",
	"token 401 ",
	"token 500 ",
	"token port shut",
]);
const touching: ReadonlySet<string> = new Set(["400", "403", "404", "410"]);

/** What a send can meet, a round can meet; what it must become is another matter. */
export const upkeepTable: readonly Row[] = [
	...[...sendingTable, ...tokenTable]
		.filter(({ name }) => wanted.has(name))
		.map(({ name, trial }): Row => ({ name, trial, ...(touching.has(name) ? { touchesState: true } : {}) })),
	{ name: "429 with seconds", trial: reply(429, "", { "retry-after": "600" }), notBefore: 600_000 },
];

type Start = { name: string; state: UpkeepState; at: Date; keys: readonly string[] };

/** `rows`: those of the table that are tried. */
export async function upkeepBearsEveryAnswer(subject: Subject, rows = upkeepTable): Promise<Findings> {
	if (subject.connector.upkeep === undefined) {
		return [];
	}
	return onStand(subject, async (stand) => {
		const before = await whileAllIsWell(subject, stand);
		const findings = [...before.findings];
		for (const start of before.starts) {
			for (const row of rows.filter(({ name }) => before.usesTokens || !name.startsWith("token"))) {
				const found = await tried(subject, stand, { start, row });
				findings.push(...found.map((finding) => `${start.name}, ${row.name}: ${finding}`));
			}
		}
		return [...findings, ...(stand.simulator.taken.length === 0 ? [] : ["a round of upkeep sent a message"])];
	});
}

/** The first round, and the one after it when it is due; each with what it finds once a contact has written. */
async function whileAllIsWell(
	subject: Subject,
	stand: Stand,
): Promise<{ findings: Findings; starts: readonly Start[]; usesTokens: boolean }> {
	const fresh = await stand.keepUp({}, {}, now);
	if (fresh === undefined) {
		return { findings: [], starts: [], usesTokens: false };
	}
	const trouble = [...troubleInGood(fresh), ...decent(subject, fresh, now)].map((finding) => `all is well: ${finding}`);
	if (trouble.length > 0 || "thrown" in fresh.round) {
		return { findings: trouble, starts: [], usesTokens: false };
	}
	await stand.simulator.contactWrites({ from: stand.contact, text: "Is anybody there?" });
	const starts = [
		{ name: "first round", state: {}, at: now },
		{ name: "next round", state: fresh.round.state, at: fresh.round.nextAt },
	];
	const findings: string[] = [];
	const found: Start[] = [];
	for (const { name, state, at } of starts) {
		const good = await stand.keepUp({}, state, at);
		findings.push(...[...troubleInGood(good), ...decent(subject, good, at)].map((finding) => `${name}: ${finding}`));
		found.push({ name, state, at, keys: keysOf(good) });
	}
	// A type may need tokens for its sends only.
	return { findings, starts: found, usesTokens: fresh.heard.some(({ asksForToken }) => asksForToken) };
}

type Case = { start: Start; row: Row };

async function tried(subject: Subject, stand: Stand, { start, row }: Case): Promise<Findings> {
	const bad = await stand.keepUp({ withoutToken: true, ...row.trial }, start.state, start.at);
	if (bad === undefined || "thrown" in bad.round) {
		return decent(subject, bad, start.at);
	}
	const { round } = bad;
	// A round that finds nothing due asks nothing: nothing is wrong then.
	const isIdle = bad.calls.length === 0;
	const again = await stand.keepUp({}, round.state, new Date(Math.max(round.nextAt.getTime(), start.at.getTime())));
	const keys = keysOf(again);
	return [
		...decent(subject, bad, start.at),
		...(isIdle || round.trouble !== undefined ? [] : ["no trouble is told"]),
		...(isIdle && start.name === "first round" ? ["nothing was asked"] : []),
		...(round.findings.length === 0 ? [] : ["something was found in it"]),
		...(isIdle || row.touchesState === true ? [] : lostFields(start.state, round.state)),
		...tooEarly(row, round, start.at),
		...troubleInGood(again).map((finding) => `the round after it: ${finding}`),
		...start.keys.filter((key) => !keys.includes(key)).map((key) => `what was there is not found any more: ${key}`),
	];
}

function lostFields(before: UpkeepState, after: UpkeepState): Findings {
	return Object.entries(before)
		.filter(([name, value]) => !isDeepStrictEqual(after[name], value))
		.map(([name]) => `${name} is not in the state as it was`);
}

function tooEarly({ notBefore }: Row, { nextAt }: UpkeepRound, at: Date): Findings {
	return notBefore === undefined || nextAt.getTime() >= at.getTime() + notBefore
		? []
		: [`nextAt is ${nextAt.toISOString()}, sooner than the provider asks for`];
}

function keysOf(keeping: KeepingUp | undefined): readonly string[] {
	return keeping === undefined || "thrown" in keeping.round
		? []
		: keeping.round.findings.flatMap(({ events }) => events.map(({ dedupKey }) => dedupKey));
}

function troubleInGood(keeping: KeepingUp | undefined): Findings {
	if (keeping === undefined || "thrown" in keeping.round) {
		return [];
	}
	const { trouble, findings } = keeping.round;
	return [
		...(trouble === undefined ? [] : [`there is trouble with a provider that is well: ${trouble.detail}`]),
		...findings.flatMap(({ events }) => events.map(eventTrouble)).filter((wrong) => wrong !== undefined),
	];
}

const requestsMax = 25; // “A handful”, with room for pages.
const dayMs = 24 * 3_600_000;
const stateBytesMax = 262_144; // What the gateway keeps.
const detailCharactersMax = 400;

/** What holds for every round, whatever the answer. */
function decent(subject: Subject, keeping: KeepingUp | undefined, at: Date): Findings {
	if (keeping === undefined) {
		return ["the service needs no upkeep from this state on"];
	}
	const { round, calls, changedItsState } = keeping;
	if ("thrown" in round) {
		return [`thrown: ${round.thrown}`];
	}
	const waitMs = round.nextAt.getTime() - at.getTime();
	return [
		...(waitMs > 0 && waitMs <= dayMs ? [] : [`nextAt is ${waitMs / 1000} s from now`]),
		...(calls.length <= requestsMax ? [] : [`${calls.length} requests were sent`]),
		...(changedItsState ? ["the state that was handed in was changed"] : []),
		...wrongState(round.state),
		...(round.trouble === undefined ? [] : wrongTrouble(round.trouble)),
		...strangers(subject, keeping),
		...leaks(subject, keeping, round),
	];
}

function wrongState(state: UpkeepState): Findings {
	const text = JSON.stringify(state);
	return [
		...(isDeepStrictEqual(JSON.parse(text), state) ? [] : ["the state is no plain JSON"]),
		...(text.length <= stateBytesMax ? [] : [`the state has ${text.length} characters`]),
	];
}

function wrongTrouble({ code, detail }: NonNullable<UpkeepRound["trouble"]>): Findings {
	const isSentence = /^[\p{Lu}\d"'“].*[.!?]$/u.test(detail) && !/\p{Cc}|<\/?[a-z]+>/iu.test(detail);
	return [
		...(faultCodes.includes(code) ? [] : [`the fault code ${code} does not exist`]),
		...(isSentence && detail.length <= detailCharactersMax ? [] : [`the trouble is not one plain sentence: ${detail}`]),
	];
}

function strangers({ connector }: Subject, { calls, service }: KeepingUp): Findings {
	const { stored } = service;
	const allowed = [
		...connector.hosts,
		...[stored.serviceConnection, stored.authenticationUrl ?? ""].map((url) => URL.parse(url)?.host),
	];
	return calls
		.map(({ url }) => URL.parse(url)?.host ?? url)
		.filter((host) => !allowed.includes(host))
		.map((host) => `${host} was contacted without being declared`);
}

function leaks(subject: Subject, keeping: KeepingUp, round: UpkeepRound): Findings {
	const { calls, exchange, printed, heard, service } = keeping;
	const secrets = secretsOf(service.stored);
	const credentials = heard.map(credentialsOf).filter((words) => words !== "");
	const places: readonly (readonly [where: string, text: string])[] = [
		["the trouble", round.trouble?.detail ?? ""],
		["the state", JSON.stringify(round.state)],
		["a finding", JSON.stringify(round.findings.map(({ url, events }) => [url, events]))],
		["the trace", JSON.stringify(exchange)],
		["the console", printed],
		["a URL", subject.secretInAddress === undefined ? calls.map(({ url }) => url).join(" ") : ""],
	];
	return places
		.filter(([, text]) => [...secrets, ...credentials].some((words) => text.includes(words)))
		.map(([where]) => `${where} tells a secret`);
}
