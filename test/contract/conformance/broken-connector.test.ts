// Goal: every check of the kit can fail. A conforming connector is broken in one way at a time, and the check for that way
// must say so in words that fit. What is not broken must pass, so that a finding is about the break.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";
import type { Outcome, RawRequest, StoredService, Tools, Verdict } from "#connectors/contract.ts";
import type { Connector } from "#connectors/registry.ts";
import type { AttemptId, RemoteId } from "#domain/ids.ts";
import type { ChannelEvent, OutboundMessage } from "#domain/messages.ts";
import { type Check, checks } from "./checks.ts";
import { answersAreUnderstood, lookupOnlyAsks, tokenTroubleLosesNothing } from "./sending.ts";
import { type Row, sendingTable, tokenTable } from "./sending-table.ts";
import { type Findings, type Subject, subjectOf } from "./subject.ts";

type Config = unknown;
type Inbound = Connector<Config>["inbound"];
type Send = Connector<Config>["send"];

/** The first fixtures that get in, and one that does not: enough for a break to show, and quick. */
function small(type: string): Subject {
	const subject = subjectOf(type);
	const good = subject.fixtures.filter(({ verdict, raw }) => verdict === "ok" && raw.body.length > 0);
	const bad = subject.fixtures.filter(({ verdict }) => verdict === "mismatch");
	return { ...subject, fixtures: [...good.slice(0, 3), ...bad.slice(0, 1)] };
}

const [facebook, sinch, twilio] = [small("facebook"), small("sinchconversation"), small("twilio")];

function having(subject: Subject, changes: Partial<Connector<Config>>): Subject {
	return { ...subject, connector: { ...subject.connector, ...changes } };
}

function receiving(subject: Subject, changes: Partial<Inbound>): Subject {
	return having(subject, { inbound: { ...subject.connector.inbound, ...changes } });
}

type Verify = (raw: RawRequest, config: Config, now: Date) => Verdict;

function verifying(subject: Subject, change: (verify: Verify) => Verify): Subject {
	const { auth } = subject.connector.inbound;
	assert.ok(auth.kind === "signature");
	return receiving(subject, { auth: { kind: "signature", verify: change(auth.verify) } });
}

function parsing(
	subject: Subject,
	change: (events: readonly ChannelEvent[], raw: RawRequest) => readonly ChannelEvent[],
): Subject {
	const { parse } = subject.connector.inbound;
	return receiving(subject, { parse: (raw, config) => change(parse(raw, config), raw) });
}

function sending(subject: Subject, change: (send: Send) => Send): Subject {
	return having(subject, { send: change(subject.connector.send) });
}

/** The outcome told instead of the right one. */
function telling(
	subject: Subject,
	change: (outcome: Outcome, message: OutboundMessage, config: Config) => Outcome,
): Subject {
	return sending(subject, (send) => async (message, config, tools) => {
		return change(await send(message, config, tools), message, config);
	});
}

function withForm(subject: Subject, changes: Partial<Connector<Config>["config"]["form"]>): Subject {
	const { config } = subject.connector;
	return having(subject, { config: { ...config, form: { ...config.form, ...changes } } });
}

function withFirstRule(subject: Subject, changes: object): Subject {
	const [first, ...others] = subject.connector.config.form.authentications;
	assert.ok(first !== undefined);
	return withForm(subject, { authentications: [{ ...first, ...changes }, ...others] });
}

function header(raw: RawRequest, name: string, change: (value: string) => string): RawRequest {
	const headers = new Headers(raw.headers);
	const value = headers.get(name);
	if (value !== null) {
		headers.set(name, change(value));
	}
	return { ...raw, headers };
}

function refusesBut(isLetIn: (raw: RawRequest, config: Config) => boolean): (verify: Verify) => Verify {
	return (verify) => (raw, config, now) => {
		const verdict = verify(raw, config, now);
		return verdict.ok || !isLetIn(raw, config) ? verdict : { ok: true };
	};
}

function signedWithNothing(raw: RawRequest): boolean {
	const mac = createHmac("sha256", "").update(raw.body).digest("hex");
	return raw.headers.get("x-hub-signature-256") === `sha256=${mac}`;
}

const signature = "x-hub-signature-256";
const sinchSignature = "x-sinch-webhook-signature";
const retry: Outcome = { kind: "retry", code: "unreachable", detail: "Something went wrong." };
const unknown: Outcome = { kind: "unknown", code: "unreachable", detail: "Something went wrong." };
const accepted: Outcome = { kind: "accepted", remoteIds: ["m1" as RemoteId] };

function throwing(): never {
	throw new TypeError("broken");
}

let count = 0;

/** `on`: the rows of the check's table that are tried; a whole table takes a second. */
type Break = { what: string; subject: Subject; says: RegExp; on?: readonly string[] };

const admissionBreaks: Readonly<Partial<Record<keyof typeof checks, readonly Break[]>>> = {
	"every fixture gets its stated verdict": [
		{
			what: "lets everybody in",
			subject: verifying(facebook, () => () => ({ ok: true })),
			says: /is ok, stated is mismatch/,
		},
		{
			what: "lets nobody in",
			subject: verifying(twilio, () => () => ({ ok: false, why: "mismatch" })),
			says: /stated is ok/,
		},
		{ what: "has no fixtures", subject: { ...sinch, fixtures: [] }, says: /there is no fixture/ },
		{
			what: "has an unexplained open door",
			subject: receiving(sinch, { auth: { kind: "none", because: "" } }),
			says: /why it is open/,
		},
	],
	"no proof is no entry": [
		{
			what: "does not look at the header",
			subject: verifying(
				facebook,
				refusesBut((raw) => !raw.headers.has(signature)),
			),
			says: /no header is missed/,
		},
		{
			what: "lets in what has no headers",
			subject: verifying(
				sinch,
				refusesBut((raw) => [...raw.headers].length === 0),
			),
			says: /without any header the verdict is ok/,
		},
	],
	"one flipped bit in the body or the proof is refused": [
		{
			what: "signs the body without its last byte",
			subject: verifying(facebook, (verify) => (raw, config, now) => {
				const body = Uint8Array.from(raw.body);
				body[body.length - 1] = 0x7d;
				return verify({ ...raw, body }, config, now);
			}),
			says: /: 1 of \d+ flipped bytes are not refused/,
		},
		{
			what: "parses the body and signs what it wrote",
			subject: verifying(sinch, (verify) => (raw, config, now) => {
				const body = Buffer.from(Buffer.from(raw.body).toString("utf8").toLowerCase().replaceAll("@", "`"), "utf8");
				const isSame = Buffer.from(raw.body).toString("utf8").toLowerCase() === body.toString("utf8");
				return isSame ? verify(raw, config, now) : { ok: true };
			}),
			says: /flipped bytes are not refused/,
		},
		{
			what: "compares only the start of the signature",
			subject: verifying(
				twilio,
				refusesBut((raw) => raw.headers.get("x-twilio-signature")?.endsWith("=") === true),
			),
			says: /flipped bytes of the proof are not refused/,
		},
		{
			what: "throws on a signature of another shape",
			subject: verifying(facebook, (verify) => (raw, config, now) => {
				const verdict = verify(raw, config, now);
				return verdict.ok || verdict.why === "missing" ? verdict : throwing();
			}),
			says: /thrown: TypeError/,
		},
	],
	"a proof in another spelling is refused": [
		{
			what: "reads hex in any case",
			subject: verifying(
				facebook,
				(verify) => (raw, config, now) =>
					verify(
						header(raw, signature, (value) => value.toLowerCase()),
						config,
						now,
					),
			),
			says: /other spellings of the proof are not refused/,
		},
		{
			what: "compares decoded base64",
			subject: verifying(
				sinch,
				(verify) => (raw, config, now) =>
					verify(
						header(raw, sinchSignature, (value) => Buffer.from(value, "base64").toString("base64")),
						config,
						now,
					),
			),
			says: /other spellings of the proof are not refused/,
		},
		{
			what: "ignores white space",
			subject: verifying(
				twilio,
				(verify) => (raw, config, now) =>
					verify(
						header(raw, "x-twilio-signature", (value) => value.replaceAll(/\s/g, "")),
						config,
						now,
					),
			),
			says: /other spellings of the proof are not refused/,
		},
	],
	"only the secret decides, the old one too while a rotation lasts": [
		{
			what: "is open while no secret is set",
			subject: verifying(
				facebook,
				refusesBut((_raw, config) => (config as { appSecrets: string[] }).appSecrets.length === 0),
			),
			says: /with no secret the verdict is ok/,
		},
		{
			what: "takes the empty secret",
			subject: verifying(facebook, refusesBut(signedWithNothing)),
			says: /with a forgery and no secret the verdict is ok/,
		},
		{
			what: "knows only the first secret",
			subject: verifying(sinch, (verify) => (raw, config, now) => {
				const known = config as { webhookSecrets: readonly string[] };
				return verify(raw, { ...known, webhookSecrets: known.webhookSecrets.slice(0, 1) }, now);
			}),
			says: /with the old secret beside a new one the verdict is mismatch/,
		},
		{
			what: "asks for no secret",
			subject: verifying(
				twilio,
				refusesBut((raw) => raw.headers.has("x-twilio-signature")),
			),
			says: /with another secret the verdict is ok/,
		},
	],
	"an old request is stale": [
		{
			what: "believes the time that the request tells",
			subject: verifying(sinch, (verify) => (raw, config) => {
				const seconds = Number(raw.headers.get("x-sinch-webhook-signature-timestamp"));
				return verify(raw, config, new Date(seconds * 1000));
			}),
			says: /s later the verdict is ok/,
		},
		{
			what: "calls an old request forged",
			subject: verifying(sinch, (verify) => (raw, config, now) => {
				const verdict = verify(raw, config, now);
				return verdict.ok || verdict.why !== "stale" ? verdict : { ok: false, why: "mismatch" };
			}),
			says: /later the verdict is mismatch/,
		},
	],
};

const readingBreaks: Readonly<Partial<Record<keyof typeof checks, readonly Break[]>>> = {
	"every fixture gives its stated events": [
		{
			what: "loses an event",
			subject: parsing(facebook, (events) => events.slice(1)),
			says: /other events than stated/,
		},
		{
			what: "gives two events one key",
			subject: parsing(twilio, (events) => [...events, ...events.map((event) => ({ ...event, at: new Date(1) }))]),
			says: /two different events have the key/,
		},
		{
			what: "gives fields without a value",
			subject: parsing(sinch, (events) =>
				events.map((event) => ({ ...event, at: undefined }) as unknown as ChannelEvent),
			),
			says: /not the same after a round trip/,
		},
		{
			what: "gives a field that nobody knows",
			subject: parsing(sinch, (events) => events.map((event) => ({ ...event, colour: "red" }))),
			says: /additional properties/,
		},
		{
			what: "gives an event of no kind",
			subject: parsing(facebook, (events) =>
				events.map((event) => ({ ...event, kind: "news" }) as unknown as ChannelEvent),
			),
			says: /the kind news does not exist/,
		},
		{
			what: "gives a receipt that failed for nothing",
			subject: parsing(facebook, () => [
				{ kind: "receipt", dedupKey: "r", target: { by: "remote", remoteId: "m" as RemoteId }, status: "failed" },
			]),
			says: /a fault exactly when it says failed/,
		},
	],
	"wrong types everywhere are read without an exception": [
		{
			what: "throws on what it cannot read",
			subject: parsing(facebook, (events) => (events.some(({ kind }) => kind === "unreadable") ? throwing() : events)),
			says: /thrown: TypeError/,
		},
		{
			what: "makes a date of anything",
			subject: parsing(sinch, (events, raw) => {
				const time = /"accept_time":("[^"]*"|\d+)/.exec(Buffer.from(raw.body).toString("utf8"))?.[1];
				return events.map((event) => ({ ...event, at: new Date(String(JSON.parse(time ?? '"x"'))) }));
			}),
			says: /\/at must be string/,
		},
	],
	"broken requests are read without an exception": [
		{
			what: "expects JSON when it looks for the account",
			subject: receiving(sinch, {
				accountsNamed: (raw) => Object.keys(JSON.parse(Buffer.from(raw.body).toString("utf8")) as object),
			}),
			says: /thrown: SyntaxError/,
		},
		{
			what: "expects a whole address",
			subject: receiving(facebook, {
				handshake(raw) {
					return raw.method === "GET" && new URL(raw.url).search === "" ? { status: 0 } : undefined;
				},
			}),
			says: /thrown: TypeError|a reply has no status/,
		},
		{
			what: "throws while it verifies",
			subject: verifying(twilio, (verify) => (raw, config, now) => {
				return decodeURIComponent(raw.url) === "" ? { ok: false, why: "missing" } : verify(raw, config, now);
			}),
			says: /thrown: URIError/,
		},
	],
	"requests of chance are read without an exception": [
		{
			what: "makes up a new key each time",
			subject: parsing(twilio, (events) =>
				events.map((event) => ({ ...event, dedupKey: `${event.dedupKey}:${count++}` })),
			),
			says: /a second reading gives other events \(seed/,
		},
		{
			what: "throws on long words",
			subject: parsing(facebook, (events, raw) => (raw.body.length > 100 ? throwing() : events)),
			says: /thrown: TypeError.*\(seed/,
		},
	],
};

function onlyFor(kind: Outcome["kind"], change: Parameters<typeof telling>[1]): Parameters<typeof telling>[1] {
	return (outcome, message, config) => (outcome.kind === kind ? change(outcome, message, config) : outcome);
}

function withWords(words: (message: OutboundMessage, config: Config) => string): Parameters<typeof telling>[1] {
	return (outcome, message, config) =>
		"detail" in outcome ? { ...outcome, detail: `${outcome.detail} It was ${words(message, config)}.` } : outcome;
}

const tokenIn = (config: Config): string => (config as { pages: { token: string }[] }).pages[0]?.token ?? "";

/** Calls again after an answer that `isWanted`, at the address that `next` gives. */
function callingAgain(isWanted: (status: number) => boolean, next: (url: string) => string): (send: Send) => Send {
	return (send) => (message, config, tools) => {
		const http: Tools["http"] = async (call) => {
			const answer = await tools.http(call);
			const again = answer.kind === "answered" && isWanted(answer.status);
			return again ? tools.http({ ...call, url: next(call.url) }) : answer;
		};
		return send(message, config, { ...tools, http });
	};
}

const sendingBreaks: Readonly<Partial<Record<keyof typeof checks, readonly Break[]>>> = {
	"every answer is understood": [
		{
			what: "tries again after a reset",
			subject: telling(
				facebook,
				onlyFor("unknown", () => retry),
			),
			on: ["reset after reading", "500", "200 with garbage"],
			says: /reset after reading: the outcome is retry .*, expected is unknown/,
		},
		{
			what: "believes that a shut port may have taken it",
			subject: telling(
				sinch,
				onlyFor("retry", () => unknown),
			),
			on: ["refused connection"],
			says: /refused connection: the outcome is unknown/,
		},
		{
			what: "takes garbage for a yes",
			subject: telling(
				twilio,
				onlyFor("unknown", () => accepted),
			),
			on: ["200 with garbage", "200 empty"],
			says: /200 empty: the outcome is accepted/,
		},
		{
			what: "gives up over refused credentials",
			subject: telling(
				sinch,
				onlyFor("retry", () => ({ kind: "rejected", code: "credentials", detail: "No." })),
			),
			on: ["401"],
			says: /401: the outcome is rejected/,
		},
		{
			what: "blames the wrong thing",
			subject: telling(
				twilio,
				onlyFor("retry", () => retry),
			),
			on: ["401", "429"],
			says: /401: code is unreachable, expected is credentials/,
		},
		{
			what: "does not wait as long as it is asked to",
			subject: telling(facebook, (outcome) =>
				outcome.kind === "retry" ? { ...outcome, notBefore: new Date(0) } : outcome,
			),
			on: ["429 with seconds", "429 with a date"],
			says: /429 with a date: notBefore is 1970/,
		},
		{
			what: "keeps a service open that is gone for good",
			subject: telling(
				twilio,
				onlyFor("rejected", () => ({ kind: "rejected", code: "config", detail: "It is gone." })),
			),
			on: ["410"],
			says: /410: closesService is undefined/,
		},
		{
			what: "closes a service over one message",
			subject: telling(
				twilio,
				onlyFor("rejected", (outcome) => ({ ...outcome, closesService: true }) as Outcome),
			),
			on: ["400"],
			says: /400: the service is closed for nothing/,
		},
		{
			what: "throws",
			subject: sending(facebook, () => () => throwing()),
			on: ["valid"],
			says: /valid: the outcome is thrown \(TypeError: broken\)/,
		},
		{
			what: "sends again after a fault",
			subject: sending(
				facebook,
				callingAgain(
					(status) => status >= 500,
					(url) => url,
				),
			),
			on: ["500"],
			says: /500: 2 requests were sent/,
		},
		{
			what: "follows a redirect",
			subject: sending(
				sinch,
				callingAgain(
					(status) => status === 307,
					(url) => new URL("/elsewhere", url).href,
				),
			),
			on: ["307"],
			says: /307: a redirect was followed/,
		},
		{
			what: "contacts somebody else",
			subject: sending(
				facebook,
				callingAgain(
					(status) => status === 400,
					() => "https://undeclared.example/log",
				),
			),
			on: ["400"],
			says: /undeclared\.example was contacted without being declared/,
		},
		{
			what: "puts a secret into the address",
			subject: sending(facebook, (send) => async (message, config, tools) => {
				const http: Tools["http"] = (call) =>
					tools.http({ ...call, url: `${call.url}?access_token=${tokenIn(config)}` });
				return send(message, config, { ...tools, http });
			}),
			on: ["500"],
			says: /500: a secret is in a URL/,
		},
		{
			what: "tells a secret",
			subject: telling(
				facebook,
				withWords((_message, config) => tokenIn(config)),
			),
			on: ["500"],
			says: /500: the detail tells a secret/,
		},
		{
			what: "tells the text",
			subject: telling(
				twilio,
				withWords(({ text }) => text),
			),
			on: ["500"],
			says: /500: the detail tells the message/,
		},
		{
			what: "tells a word instead of a sentence",
			subject: telling(
				twilio,
				onlyFor("unknown", () => ({ ...unknown, detail: "ECONNRESET" }) as Outcome),
			),
			on: ["500"],
			says: /not one plain sentence: ECONNRESET/,
		},
		{
			what: "invents a fault",
			subject: telling(
				twilio,
				onlyFor("unknown", () => ({ ...unknown, code: "misc" }) as unknown as Outcome),
			),
			on: ["500"],
			says: /the fault code misc does not exist/,
		},
		{
			what: "has no remote id",
			subject: telling(
				twilio,
				onlyFor("accepted", () => ({ kind: "accepted", remoteIds: ["" as RemoteId] })),
			),
			on: ["valid"],
			says: /accepted without a remote id/,
		},
		{
			what: "sends what the provider refuses",
			subject: sending(twilio, (send) => (message, config, tools) => send({ ...message, text: "" }, config, tools)),
			on: ["valid"],
			says: /refused: /,
		},
		{
			what: "has an exception that changes nothing",
			subject: { ...facebook, exceptions: { "500": { kind: "unknown", because: "It is so." } } },
			on: ["500"],
			says: /the exception for 500 changes nothing/,
		},
		{
			what: "lacks its exception",
			subject: { ...sinch, exceptions: {} },
			on: ["503"],
			says: /503: the outcome is retry/,
		},
	],
	"trouble with a token loses no message": [
		{
			what: "does not know whether it sent",
			subject: telling(
				sinch,
				onlyFor("retry", () => unknown),
			),
			on: ["token reset"],
			says: /token reset: the outcome is unknown/,
		},
		{
			what: "sends without a token",
			subject: sending(
				sinch,
				(send) => (message, config, tools) =>
					send(message, config, {
						...tools,
						async token(key, fetch) {
							const answer = await tools.token(key, fetch);
							return answer.ok ? answer : { ok: true, accessToken: "none", expiresAt: new Date(0) };
						},
					}),
			),
			on: ["token reset"],
			says: /a message was sent without a token/,
		},
		{
			what: "asks for no token",
			subject: sending(sinch, () => () => Promise.resolve(retry)),
			on: ["token reset"],
			says: /no token was asked for/,
		},
	],
	"no secret and no text leaks": [
		{
			what: "quotes its own secret",
			subject: telling(
				facebook,
				withWords((_message, config) => tokenIn(config)),
			),
			says: /the detail tells a secret, after/,
		},
		{
			what: "quotes the text",
			subject: telling(
				facebook,
				withWords(({ text }) => text),
			),
			says: /the detail tells the message, after/,
		},
		{
			what: "forgets a secret of its service when it hides what must be hidden",
			subject: having(facebook, {
				config: {
					...facebook.connector.config,
					parse: (service) => facebook.connector.config.parse(withoutVerify(service)),
				},
			}),
			says: /the detail tells a secret, after/,
		},
		{
			what: "cannot send at all",
			subject: sending(facebook, () => () => Promise.resolve(retry)),
			says: /nothing can be sent: retry/,
		},
	],
	"the longest text passes": [
		{
			what: "promises one letter too many",
			subject: having(facebook, {
				capabilities: { ...facebook.connector.capabilities, text: { max: 2001, unit: "characters" } },
			}),
			says: /a text of the greatest length is rejected/,
		},
		{
			what: "counts in bytes what it calls letters",
			subject: sending(
				twilio,
				(send) => (message, config, tools) =>
					send({ ...message, text: Buffer.from(message.text).subarray(0, 1600).toString() }, config, tools),
			),
			says: /another text arrived/,
		},
	],
	"a look-up only asks": [
		{
			what: "sends again instead of asking",
			subject: having(twilio, {
				lookup: (message, _at, config, tools) => twilio.connector.send(message, config, tools),
			}),
			on: ["500"],
			says: /the look-up sends a POST|the look-up sent a message/,
		},
		{
			what: "always finds it",
			subject: having(twilio, { lookup: () => Promise.resolve(accepted) }),
			on: ["500"],
			says: /a message that is not listed is accepted/,
		},
		{
			what: "never finds it",
			subject: having(twilio, { lookup: () => Promise.resolve(unknown) }),
			on: ["500"],
			says: /a message that was taken is found as unknown/,
		},
		{
			what: "takes silence for a no",
			subject: having(twilio, { lookup: () => Promise.resolve(retry) }),
			on: ["500"],
			says: /500: the look-up is retry/,
		},
	],
	"our attempt id travels and comes back": [
		{
			what: "sends another attempt id",
			subject: sending(
				facebook,
				(send) => (message, config, tools) =>
					send({ ...message, attemptId: "A".repeat(32) as AttemptId }, config, tools),
			),
			says: /the request does not carry the attempt id/,
		},
		{
			what: "does not read it back",
			subject: parsing(sinch, (events) =>
				events.map((event) =>
					event.kind === "receipt" && event.target.by === "remote"
						? { ...event, target: { by: "remote", remoteId: event.target.remoteId } }
						: event,
				),
			),
			says: /no receipt brings the attempt id back/,
		},
		{
			what: "gives it to another message",
			subject: parsing(twilio, (events) =>
				events.map((event) =>
					event.kind === "receipt" && event.target.by === "attempt"
						? { ...event, target: { ...event.target, remoteId: "other" as RemoteId } }
						: event,
				),
			),
			says: /names our attempt and another message/,
		},
		{
			what: "refuses what the provider reports",
			subject: verifying(twilio, () => () => ({ ok: false, why: "mismatch" })),
			says: /what the provider reports is refused: mismatch/,
		},
		{
			what: "never says read",
			subject: parsing(facebook, (events) =>
				events.filter((event) => event.kind !== "receipt" || event.status !== "read"),
			),
			says: /no receipt says read/,
		},
	],
};

function withoutVerify(service: StoredService): StoredService {
	return {
		...service,
		authentications: service.authentications.filter((entry) => entry.authenticationId !== "verify"),
	};
}

const { config: facebookConfig } = facebook.connector;

const formBreaks: Readonly<Partial<Record<keyof typeof checks, readonly Break[]>>> = {
	"the form is complete": [
		{ what: "has no label", subject: withForm(facebook, { label: "" }), says: /a text of the form is empty/ },
		{
			what: "does not say where the webhook is",
			subject: withForm(facebook, { webhookSteps: ["Go."] }),
			says: /no step names \{webhookUrl\}/,
		},
		{
			what: "refuses its own example",
			subject: withFirstRule(facebook, { idExample: "web hook" }),
			says: /webhook refuses its own example web hook/,
		},
		{
			what: "takes any id",
			subject: withFirstRule(facebook, { idPattern: ".*" }),
			says: /the pattern of webhook is not anchored|another rule takes/,
		},
		{
			what: "hides another rule",
			subject: withFirstRule(facebook, { idPattern: "^.*$" }),
			says: /another rule takes the example of/,
		},
		{
			what: "wants more than it allows",
			subject: withFirstRule(facebook, { min: 2, max: 1 }),
			says: /webhook wants 2 to 1/,
		},
		{
			what: "does not explain a rule",
			subject: withFirstRule(facebook, { secretLabel: " " }),
			says: /a text of the rule webhook is empty/,
		},
		{
			what: "takes any setting",
			subject: withForm(twilio, { settings: { ...twilio.connector.config.form.settings, additionalProperties: true } }),
			says: /the settings take what is not described/,
		},
		{
			what: "does not explain a setting",
			subject: withForm(twilio, {
				settings: { type: "object", additionalProperties: false, properties: { a: { type: "string" } } },
			}),
			says: /the setting a has no title/,
		},
		{
			what: "breaks its own rules",
			subject: withForm(facebook, { serviceConnection: { title: "t", description: "d", example: "no address" } }),
			says: /own examples and defaults break a rule/,
		},
		{
			what: "has no greatest length",
			subject: having(facebook, {
				capabilities: { ...facebook.connector.capabilities, text: { max: Number.NaN, unit: "bytes" } },
			}),
			says: /greatest length of a text is no number/,
		},
	],
	"a draft is borne": [
		{
			what: "throws without authentications",
			subject: having(facebook, { config: { ...facebookConfig, parse: throwing } }),
			says: /is not read: TypeError/,
		},
		{
			what: "believes it can send",
			subject: having(facebook, { cannotSend: () => undefined }),
			says: /says about sending: undefined/,
		},
		{
			what: "does not say a sentence",
			subject: having(facebook, { cannotSend: () => "no token" }),
			says: /says about sending: no token/,
		},
	],
	"the simulated account fits the form": [
		{
			what: "refuses the simulator's account",
			subject: having(facebook, {
				config: { ...facebookConfig, check: () => [{ pointer: "/x", message: "is wrong." }] },
			}),
			says: /the simulated account: \/x is wrong/,
		},
		{
			what: "cannot send with it",
			subject: having(facebook, { cannotSend: () => "Add something." }),
			says: /cannot send: Add something/,
		},
		{
			what: "has another type's simulator",
			subject: { ...facebook, startSimulator: twilio.startSimulator },
			says: /the simulator says it is twilio/,
		},
		{
			what: "has no simulator",
			subject: { ...facebook, startSimulator: undefined },
			says: /there is no simulator for facebook/,
		},
	],
	"the README tells its sources": [
		{
			what: "has an empty README",
			subject: { ...facebook, readme: "" },
			says: /links to no page.*does not say when.*does not say where/s,
		},
	],
};

const breaks = { ...admissionBreaks, ...readingBreaks, ...sendingBreaks, ...formBreaks };

function rowsOf(table: readonly Row[], names: readonly string[]): readonly Row[] {
	const rows = table.filter(({ name }) => names.includes(name));
	assert.equal(rows.length, names.length, "a row named here does not exist");
	return rows;
}

/** The checks that walk through a table, told to take some rows only. */
const withRows: Readonly<Record<string, (subject: Subject, names: readonly string[]) => Promise<Findings>>> = {
	"every answer is understood": (subject, names) => answersAreUnderstood(subject, rowsOf(sendingTable, names)),
	"trouble with a token loses no message": (subject, names) =>
		tokenTroubleLosesNothing(subject, rowsOf(tokenTable, names)),
	"a look-up only asks": (subject, names) => lookupOnlyAsks(subject, rowsOf(sendingTable, names)),
};

for (const [promise, check] of Object.entries<Check>(checks)) {
	for (const { what, subject, says, on } of breaks[promise as keyof typeof checks] ?? []) {
		test(`${promise}: found in a connector that ${what}`, async () => {
			const findings = await (on === undefined ? check(subject) : withRows[promise]?.(subject, on));
			assert.match((findings ?? []).join("\n"), says);
		});
	}
}

test("every check has a connector that breaks it", () => {
	assert.deepEqual(Object.keys(breaks).toSorted(), Object.keys(checks).toSorted());
});
