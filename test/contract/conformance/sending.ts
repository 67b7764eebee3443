// What a connector makes of answers, good and bad, through the real way out: the right outcome, one request, no secret and
// no message text where people read, nobody contacted but who was declared.

import type { Outcome } from "#connectors/contract.ts";
import { faultCodes } from "#domain/faults.ts";
import { type Row, sendingTable, tokenTable } from "./sending-table.ts";
import { type Answer, credentialsOf, type Heard, ownCredentials } from "./scripted-provider.ts";
import { confidentialText, now, type Sending, Stand } from "./stand.ts";
import { type Findings, noSimulator, secretsOf, type Subject } from "./subject.ts";

/** `rows`: those of the table that are tried. */
export async function answersAreUnderstood(subject: Subject, rows = sendingTable): Promise<Findings> {
	return onStand(subject, async (stand) => {
		const findings: string[] = [];
		for (const row of rows) {
			await stand.try({}); // An access token is at hand, so that the answer meets the request that sends.
			const sending = await stand.try(row.trial);
			findings.push(...[...judged(subject, row, sending), ...decent(subject, sending)].map(named(row)));
		}
		return [
			...findings,
			...idleExceptions(subject),
			...idleAddressException(subject, await stand.try({})),
			...stand.simulator.refusals.map(({ reason }) => `refused: ${reason}`),
		];
	});
}

export async function tokenTroubleLosesNothing(subject: Subject, rows = tokenTable): Promise<Findings> {
	if (!subject.connector.config.form.usesAuthenticationUrl) {
		return [];
	}
	return onStand(subject, async (stand) => {
		const findings: string[] = [];
		// A type may need tokens in one of its modes only; the account of the other has no token endpoint.
		for (const row of usesTokens(stand) ? rows : []) {
			const sending = await stand.try({ withoutToken: true, ...row.trial });
			const sent = sending.heard.some(({ asksForToken }) => !asksForToken);
			const early = sent && row.name !== "valid token" ? ["a message was sent without a token"] : [];
			const isHeard = sending.heard.some(({ asksForToken }) => asksForToken);
			const asked = isHeard || unheard.includes(row.name) ? [] : ["no token was asked for"];
			findings.push(
				...[...wrongOutcome(row, sending), ...early, ...asked, ...decent(subject, sending)].map(named(row)),
			);
		}
		return findings;
	});
}

function usesTokens({ simulator }: Stand): boolean {
	return simulator.account.authenticationUrl !== undefined;
}

/** A provider that repeats what it was told, or knows, must not put secrets before people's eyes. */
export async function nothingLeaks(subject: Subject): Promise<Findings> {
	return onStand(subject, async (stand) => {
		const { service, outcome } = await stand.try({ withoutToken: true });
		const secrets = secretsOf(service.stored);
		const leaking = new Map<string, Set<string>>();
		const note = (where: string, found: Findings): void =>
			found.forEach((finding) => leaking.set(finding, (leaking.get(finding) ?? new Set()).add(where)));
		for (const status of [200, 301, 400, 401, 403, 404, 410, 422, 429, 500, 503]) {
			for (const words of [...secrets, ownCredentials, confidentialText]) {
				const answer: Answer = { kind: "reply", status, body: repeating(words, status) };
				const sending = await stand.try({ answer });
				note(String(status), leaks(sending, [...secrets, confidentialText]));
				note(String(status), sending.heard.length > 0 ? [] : ["nobody asked for the answer"]);
				if (usesTokens(stand) && words !== confidentialText) {
					note(`token ${status}`, leaks(await stand.try({ tokenAnswer: answer, withoutToken: true }), secrets));
				}
			}
		}
		const findings = [...leaking].map(([finding, places]) => `${finding}, after ${[...places].join(", ")}`);
		return outcome.kind === "accepted" ? findings : [`nothing can be sent: ${outcome.kind}`];
	});
}

/** An error in every shape that providers use, all of them with the same words. */
function repeating(words: string, status: number): string {
	const error = { message: words, status: words, code: 999_999, error_user_msg: words, details: [words] };
	const flat = { code: 999_999, message: words, title: words, detail: words, error_description: words, status };
	return JSON.stringify({ ...flat, error, access_token: "", ok: false, error_code: status, description: words });
}

/** What the detail must never say; and in the trace no secret, as it is or as it was put on the request. */
function leaks({ outcome, exchange, printed, service, heard }: Sending, confidential: readonly string[]): Findings {
	const credentials = heard.map(credentialsOf).filter((words) => words !== "");
	const told = [
		...confidential.map((words) => ({ what: words === confidentialText ? "the message" : "a secret", words })),
		...credentials.map((words) => ({ what: "the credentials of the request", words })),
	];
	const detail = "detail" in outcome ? outcome.detail : "";
	const trace = JSON.stringify(exchange);
	const secrets = told.filter(({ words }) => words !== confidentialText);
	const ownSecrets = secretsOf(service.stored);
	return [
		...told.filter(({ words }) => detail.includes(words)).map(({ what }) => `the detail tells ${what}`),
		...secrets.filter(({ words }) => trace.includes(words)).map(({ what }) => `the trace tells ${what}`),
		...told.filter(({ words }) => printed.includes(words)).map(({ what }) => `the console tells ${what}`),
		...(ownSecrets.some((secret) => trace.includes(secret)) ? ["the trace tells a secret"] : []),
	];
}

export function longestTextPasses(subject: Subject): Promise<Findings> {
	return onStand(subject, (stand) => textsPass(stand, longestTexts(subject)));
}

/** What sends, and what the other side took of it. */
type TextStand = {
	try(message: { text: string }): Promise<Pick<Sending, "outcome">>;
	simulator: Pick<Stand["simulator"], "taken">;
};

export async function textsPass(stand: TextStand, texts: readonly string[]): Promise<Findings> {
	const findings: string[] = [];
	for (const text of texts) {
		const { outcome } = await stand.try({ text });
		const taken = stand.simulator.taken.at(-1)?.text;
		if (outcome.kind !== "accepted" || taken !== text) {
			const detail = "detail" in outcome ? outcome.detail : "another text arrived";
			findings.push(`a text of the greatest length is ${outcome.kind}: ${detail}`);
		}
	}
	return findings;
}

/** As long as the capability says, in letters that count once and in letters that count more than once elsewhere. */
export function longestTexts({ connector }: Subject, max: number = connector.capabilities.text.max): readonly string[] {
	const { unit } = connector.capabilities.text;
	const plain = "a".repeat(max);
	const wide = {
		gsm7: "@".repeat(max),
		utf16: fill("👍", 2, max),
		characters: "👍".repeat(max),
		bytes: fill("ü", 2, max),
	};
	return [plain, wide[unit]];
}

function fill(letter: string, width: number, max: number): string {
	return letter.repeat(Math.floor(max / width)) + "a".repeat(max % width);
}

/** Asking what became of a message sends nothing, and an answer nobody can read settles nothing. */
export async function lookupOnlyAsks(subject: Subject, rows = sendingTable): Promise<Findings> {
	if (subject.connector.lookup === undefined) {
		return [];
	}
	return onStand(subject, async (stand) => {
		const sent = await stand.try({ text: "What became of this one?" });
		const before = stand.simulator.taken.length;
		const found = await stand.try({ lookup: true, text: "What became of this one?" });
		const ids = [sent, found].map(({ outcome }) =>
			outcome.kind === "accepted" ? outcome.remoteIds.join() : outcome.kind,
		);
		const findings = ids[0] === ids[1] ? [] : [`a message that was taken is found as ${ids[1] ?? ""}`];
		const lost = await stand.try({ lookup: true, text: "Nobody sent this one.", isAnother: true });
		if (lost.outcome.kind !== "unknown") {
			findings.push(`a message that is not listed is ${lost.outcome.kind}`);
		}
		for (const row of rows.filter(({ kinds }) => !kinds.includes("accepted"))) {
			const asked = await stand.try({ ...row.trial, lookup: true });
			const { outcome, heard } = asked;
			if (outcome.kind !== "unknown") {
				findings.push(`${row.name}: the look-up is ${outcome.kind}, expected is unknown`);
			}
			findings.push(
				...heard
					.filter((request) => !request.asksForToken && !asks(request, sent.heard, asked.message.text))
					.map(({ method, path }) => `${row.name}: the look-up sends a ${method} to ${path}`),
				...[...unused(row, asked), ...decent(subject, asked)].map(named(row)),
			);
		}
		return stand.simulator.taken.length === before ? findings : [...findings, "the look-up sent a message"];
	});
}

/** A GET, or where a provider is searched by POST, one to another address than the sends and without the text. */
function asks({ method, path, body }: Heard, sends: readonly Heard[], text: string): boolean {
	const places = sends.filter(({ asksForToken }) => !asksForToken).map((send) => send.path.split("?")[0]);
	const isSearch = method === "POST" && !places.includes(path.split("?")[0]) && !body.includes(text);
	return method === "GET" || isSearch;
}

export async function onStand(subject: Subject, act: (stand: Stand) => Promise<Findings>): Promise<Findings> {
	if (subject.startSimulator === undefined) {
		return [noSimulator(subject)];
	}
	const stand = await Stand.open(subject);
	try {
		return await act(stand);
	} finally {
		await stand.close();
	}
}

function named({ name }: Row): (finding: string) => string {
	return (finding) => `${name}: ${finding}`;
}

/** The outcome, and that the answer was asked for: once, or twice when the credentials were refused. */
function judged(subject: Subject, row: Row, sending: Sending): Findings {
	const [status = ""] = row.name.split(" "); // An exception for 503 counts for 503 with whatever beside it.
	const exception = subject.exceptions[row.name] ?? subject.exceptions[status];
	const expected = exception === undefined ? row : { ...row, kinds: [exception.kind] };
	const sends = sending.heard.filter(({ asksForToken }) => !asksForToken);
	const most = row.name === "401" ? 2 : 1;
	return [
		...wrongOutcome(expected, sending),
		...(sends.length <= most ? [] : [`${sends.length} requests were sent`]),
		...unused(row, sending),
		...sends.filter(({ path }) => path.startsWith("/elsewhere")).map(() => "a redirect was followed"),
	];
}

const unheard = ["refused connection", "reset before reading", "token port shut", "token reset before reading"];

/** An answer that nobody asked for has tried nothing. */
function unused({ name }: Row, { heard }: Sending): Findings {
	return unheard.includes(name) || heard.some(({ asksForToken }) => !asksForToken) ? [] : ["0 requests were sent"];
}

function wrongOutcome(row: Row, { outcome }: Sending): Findings {
	if (outcome.kind === "thrown" || !row.kinds.includes(outcome.kind)) {
		const detail = "detail" in outcome ? ` (${outcome.detail})` : "";
		return [`the outcome is ${outcome.kind}${detail}, expected is ${row.kinds.join(" or ")}`];
	}
	return [
		...wrongField("code", "code" in outcome ? outcome.code : undefined, row.code),
		...wrongField("closesService", outcome.kind === "rejected" ? outcome.closesService : undefined, row.closesService),
		...wrongWait(outcome, row.notBefore),
		...(row.closesService === undefined && outcome.kind === "rejected" && outcome.closesService === true
			? ["the service is closed for nothing"]
			: []),
	];
}

const waitMaxMs = 3_600_000;

/** What is told, to the millisecond; and whatever is told, neither the past nor more than an hour from now. */
function wrongWait(outcome: Outcome, expected: Date | undefined): Findings {
	if (outcome.kind !== "retry") {
		return [];
	}
	const waitMs = (outcome.notBefore ?? now).getTime() - now.getTime();
	return [
		...wrongField("notBefore", outcome.notBefore?.toISOString(), expected?.toISOString()),
		...(waitMs >= 0 && waitMs <= waitMaxMs ? [] : [`notBefore is ${waitMs / 1000} s from now`]),
	];
}

type Told = string | boolean | undefined;

function wrongField(name: string, given: Told, expected: Told): Findings {
	return expected === undefined || given === expected
		? []
		: [`${name} is ${String(given)}, expected is ${String(expected)}`];
}

const detailCharactersMax = 400; // A sentence of ours, and at most 200 characters of the provider's.

/** What holds for every send, whatever the answer. */
function decent({ connector, secretInAddress }: Subject, { outcome, calls, service, ...sending }: Sending): Findings {
	const { stored } = service;
	const allowed = new Set([
		...connector.hosts,
		...[stored.serviceConnection, stored.authenticationUrl ?? ""].map((url) => URL.parse(url)?.host),
	]);
	const hosts = calls.map(({ url }) => URL.parse(url)?.host ?? url);
	const isSecretTold = secretInAddress === undefined && hasSecret(calls, stored);
	return [
		...hosts.filter((host) => !allowed.has(host)).map((host) => `${host} was contacted without being declared`),
		...(isSecretTold ? ["a secret is in a URL"] : []),
		...leaks({ outcome, calls, service, ...sending }, [...secretsOf(stored), confidentialText]),
		...(outcome.kind === "accepted" || outcome.kind === "thrown" ? emptyIds(outcome) : untoldDetail(outcome)),
	];
}

function hasSecret(calls: Sending["calls"], stored: Parameters<typeof secretsOf>[0]): boolean {
	return calls.some(({ url }) => secretsOf(stored).some((secret) => url.includes(secret)));
}

function emptyIds(outcome: Sending["outcome"]): Findings {
	const ids: readonly string[] = outcome.kind === "accepted" ? outcome.remoteIds : ["-"];
	return ids.length > 0 && ids.every((id) => id !== "") ? [] : ["accepted without a remote id"];
}

export function untoldDetail({ code, detail }: Exclude<Outcome, { kind: "accepted" }>): Findings {
	const isSentence = /^[\p{Lu}\d"'“].*[.!?]$/u.test(detail) && !/\p{Cc}/u.test(detail);
	return [
		...(faultCodes.includes(code) ? [] : [`the fault code ${code} does not exist`]),
		...(isSentence && detail.length <= detailCharactersMax ? [] : [`the detail is not one plain sentence: ${detail}`]),
		...(/<\/?[a-z]+>/i.test(detail) ? [`the detail quotes a page: ${detail}`] : []),
	];
}

function idleAddressException({ secretInAddress }: Subject, { calls, service }: Sending): Findings {
	return secretInAddress === undefined || hasSecret(calls, service.stored)
		? []
		: ["the exception for a secret in the address changes nothing"];
}

function idleExceptions({ exceptions }: Subject): Findings {
	return Object.entries(exceptions).flatMap(([name, { kind, because }]) => {
		const row = sendingTable.find((candidate) => candidate.name === name);
		return row === undefined || row.kinds.includes(kind) || because === ""
			? [`the exception for ${name} changes nothing, or has no reason`]
			: [];
	});
}
