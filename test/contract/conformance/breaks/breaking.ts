// Ways to break a connector that conforms, one at a time: another answer of one function, the rest as it was.

import assert from "node:assert/strict";
import type { Line, Outcome, RawRequest, Verdict } from "#connectors/contract.ts";
import type { Connector } from "#connectors/registry.ts";
import type { RemoteId } from "#domain/ids.ts";
import type { ChannelEvent, OutboundMessage } from "#domain/messages.ts";
import type { checks } from "../checks.ts";
import { type Subject, subjectOf } from "../subject.ts";

export type Config = unknown;
type Inbound = Connector<Config>["inbound"];
export type Send = Connector<Config>["send"];

/** The first fixtures that get in, and one that does not: enough for a break to show, and quick. */
function small(type: string): Subject {
	const subject = subjectOf(type);
	const good = subject.fixtures.filter(({ verdict, raw }) => verdict === "ok" && raw.body.length > 0);
	const bad = subject.fixtures.filter(({ verdict }) => verdict === "mismatch");
	return { ...subject, fixtures: [...good.slice(0, 3), ...bad.slice(0, 1)] };
}

export const facebook = small("facebook");
export const sinch = small("sinchconversation");
export const twilio = small("twilio");
/** Its proof stands in parts of the request. */
export const teams = named("teams", ["message-in-chat", "client-state-wrong"]);
export const bot = named("teams", ["bot-message"]);

function named(type: string, names: readonly string[]): Subject {
	const subject = subjectOf(type);
	return { ...subject, fixtures: subject.fixtures.filter(({ name }) => names.includes(name)) };
}

/** All frames: they are small. */
export const smpp = subjectOf("smpp");

export function having(subject: Subject, changes: Partial<Connector<Config>>): Subject {
	return { ...subject, connector: { ...subject.connector, ...changes } };
}

export function receiving(subject: Subject, changes: Partial<Inbound>): Subject {
	return having(subject, { inbound: { ...subject.connector.inbound, ...changes } });
}

export type Verify = (raw: RawRequest, config: Config, now: Date) => Verdict;

export function verifying(subject: Subject, change: (verify: Verify) => Verify): Subject {
	const { auth } = subject.connector.inbound;
	assert.ok(auth.kind === "signature");
	return receiving(subject, { auth: { kind: "signature", verify: change(auth.verify) } });
}

/** The same, and what the type says of its proof stays. */
export function judging(subject: Subject, change: (verify: Verify) => Verify): Subject {
	const { auth } = subject.connector.inbound;
	assert.ok(auth.kind === "signature");
	return receiving(subject, { auth: { ...auth, verify: change(auth.verify) } });
}

export function withSecretIn(subject: Subject, secretHeader: string): Subject {
	const { auth } = subject.connector.inbound;
	assert.ok(auth.kind === "signature");
	return receiving(subject, { auth: { ...auth, secretHeader } });
}

export function parsing(
	subject: Subject,
	change: (events: readonly ChannelEvent[], raw: RawRequest) => readonly ChannelEvent[],
): Subject {
	const { parse } = subject.connector.inbound;
	return receiving(subject, { parse: (raw, config) => change(parse(raw, config), raw) });
}

export function sending(subject: Subject, change: (send: Send) => Send): Subject {
	return having(subject, { send: change(subject.connector.send) });
}

export function lining(subject: Subject, changes: (line: Line<Config>) => Partial<Line<Config>>): Subject {
	const { line } = subject.connector;
	assert.ok(line !== undefined);
	return having(subject, { line: { ...line, ...changes(line) } });
}

/** The outcome told instead of the right one. */
export function telling(
	subject: Subject,
	change: (outcome: Outcome, message: OutboundMessage, config: Config) => Outcome,
): Subject {
	return sending(subject, (send) => async (message, config, tools) => {
		return change(await send(message, config, tools), message, config);
	});
}

export function withForm(subject: Subject, changes: Partial<Connector<Config>["config"]["form"]>): Subject {
	const { config } = subject.connector;
	return having(subject, { config: { ...config, form: { ...config.form, ...changes } } });
}

export function withFirstRule(subject: Subject, changes: object): Subject {
	const [first, ...others] = subject.connector.config.form.authentications;
	assert.ok(first !== undefined);
	return withForm(subject, { authentications: [{ ...first, ...changes }, ...others] });
}

export function refusesBut(isLetIn: (raw: RawRequest, config: Config) => boolean): (verify: Verify) => Verify {
	return (verify) => (raw, config, now) => {
		const verdict = verify(raw, config, now);
		return verdict.ok || !isLetIn(raw, config) ? verdict : { ok: true };
	};
}

export const retry: Outcome = { kind: "retry", code: "unreachable", detail: "Something went wrong." };
export const unknown: Outcome = { kind: "unknown", code: "unreachable", detail: "Something went wrong." };
export const accepted: Outcome = { kind: "accepted", remoteIds: ["m1" as RemoteId] };

export function throwing(): never {
	throw new TypeError("broken");
}

export function onlyFor(kind: Outcome["kind"], change: Parameters<typeof telling>[1]): Parameters<typeof telling>[1] {
	return (outcome, message, config) => (outcome.kind === kind ? change(outcome, message, config) : outcome);
}

/** `on`: the rows of the check's table that are tried; a whole table takes a second. */
export type Break = { what: string; subject: Subject; says: RegExp; on?: readonly string[] };
export type Breaks = Readonly<Partial<Record<keyof typeof checks, readonly Break[]>>>;

export function withWords(words: (message: OutboundMessage, config: Config) => string): Parameters<typeof telling>[1] {
	return (outcome, message, config) =>
		"detail" in outcome ? { ...outcome, detail: `${outcome.detail} It was ${words(message, config)}.` } : outcome;
}

export const tokenIn = (config: Config): string => (config as { pages: { token: string }[] }).pages[0]?.token ?? "";
