// What a type says of its provider's calls, compared with the fixtures: each call that is told of is read, each that gets in
// is told of, and the headers that are told of are those without which nobody gets in.

import { Compile } from "typebox/compile";
import type {
	AuthenticationRule,
	CallMethod,
	RawRequest,
	SettingsCondition,
	VerifiedRequest,
	WebhookCall,
} from "#connectors/contract.ts";
import { ownSettingsOf, ruleFor } from "#connectors/kit/rules.ts";
import { callsThatCount } from "#connectors/kit/webhook-calls.ts";
import { genuine, proofHeaders } from "./admission.ts";
import type { Fixture } from "./fixtures.ts";
import type { Findings, Subject } from "./subject.ts";

export function callsAreAsTold(subject: Subject): Findings {
	const { connector } = subject;
	const { webhookCalls, authentications } = connector.config.form;
	const isCalled = connector.line === undefined;
	return [
		...(webhookCalls.length > 0 === isCalled
			? []
			: [isCalled ? "no call of the provider is told of" : "calls by HTTP are told of a type with a line"]),
		...webhookCalls.flatMap((call) => [
			...unclear(call),
			...strangeConditions(subject, call),
			...unreadMethods(subject, call),
		]),
		...subject.fixtures.flatMap((fixture) => untold(subject, fixture)),
		...idleHeaders(subject),
		...authentications.flatMap(unsharable),
	];
}

function unclear({ purpose, url, method, alsoTaken = [], headers }: WebhookCall): Findings {
	const texts = [purpose, ...headers.flatMap(({ name, value }) => [name, value])];
	const strange = url.replace(/^\{webhookUrl\}/, "").match(/\{[^}]*\}?|^(?![?#]).+/g) ?? [];
	return [
		...(texts.every((words) => words.trim() !== "") ? [] : [`${purpose}: a text of the call is empty`]),
		...(url.startsWith("{webhookUrl}") ? [] : [`${purpose}: the address does not begin with {webhookUrl}`]),
		...strange.map((piece) => `${purpose}: the address has ${piece}, which nobody replaces`),
		...(alsoTaken.includes(method) ? [`${purpose}: ${method} is told of twice`] : []),
	];
}

function strangeConditions({ connector }: Subject, { purpose, headers, when = {} }: WebhookCall): Findings {
	const { form } = connector.config;
	const settings = ownSettingsOf(form);
	return [
		...Object.entries(when).flatMap(([name, values]) => {
			const schema = settings[name];
			const isPossible = schema !== undefined && values.length > 0 && values.every((one) => Compile(schema).Check(one));
			return isPossible ? [] : [`${purpose}: no service has ${name} = ${values.join(" or ")}`];
		}),
		...headers
			.map(({ onlyWith }) => onlyWith)
			.filter((role) => role !== undefined && form.authentications.every((rule) => rule.role !== role))
			.map((role) => `${purpose}: a header depends on ${String(role)}, and no authentication has that role`),
	];
}

/** What nothing shows: no fixture at such an address is read with the settings of the call, and no question is answered. */
function unreadMethods(subject: Subject, call: WebhookCall): Findings {
	const ways = [call.method, ...(call.alsoTaken ?? [])];
	return choicesOf(call.when ?? {}).flatMap((chosen) =>
		ways
			.filter(
				(method) =>
					!subject.fixtures.some(({ raw, service, verdict }) => {
						const config = subject.connector.config.parse({
							...service,
							settings: { ...service.settings, ...chosen },
						});
						const isRead =
							verdict === "ok" && raw.method === method && isAt(call, raw) && isReadable(subject, raw, config);
						return isRead || isAnswered(subject, { method, url: call.url }, config);
					}),
			)
			.map(
				(method) =>
					`${call.purpose}: no fixture is a ${method} to such an address that is read with ${JSON.stringify(chosen)}`,
			),
	);
}

type Choice = Readonly<Record<string, string | boolean>>;

/** Every combination of the values. */
function choicesOf(when: SettingsCondition): readonly Choice[] {
	return Object.entries(when).reduce<readonly Choice[]>(
		(choices, [name, values]) => choices.flatMap((choice) => values.map((value) => ({ ...choice, [name]: value }))),
		[{}],
	);
}

function isAt({ url }: WebhookCall, raw: RawRequest): boolean {
	const there = queryOf(raw.url);
	return [...queryOf(url).keys()].every((name) => there.has(name));
}

function queryOf(url: string): URLSearchParams {
	return new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? "");
}

function isReadable({ connector }: Subject, raw: RawRequest, config: unknown): boolean {
	return connector.inbound.parse(raw as VerifiedRequest, config).some(({ kind }) => kind !== "unreadable");
}

function isAnswered({ connector }: Subject, asked: { method: CallMethod; url: string }, config: unknown): boolean {
	const url = asked.url.replace("{webhookUrl}", "https://gw.example.com/sms").replaceAll("…", "x");
	const raw = { method: asked.method, url, headers: new Headers(), body: new Uint8Array() };
	return connector.inbound.handshake?.(raw, config) !== undefined;
}

/** What gets in and can be read is told of: its method, and every header that it could not do without. */
function untold(subject: Subject, fixture: Fixture): Findings {
	const { name, raw, service, verdict } = fixture;
	const { config } = subject.connector;
	if (verdict !== "ok" || !isReadable(subject, raw, config.parse(service))) {
		return [];
	}
	const calls = nearest(
		raw,
		callsThatCount(config.form, service.settings).filter(({ method, alsoTaken = [] }) =>
			[method, ...alsoTaken].some((one) => one === raw.method),
		),
	);
	if (calls.length === 0) {
		return [`${name}: it is a ${raw.method}, and no call of that kind is told of with these settings`];
	}
	return genuine(subject).includes(fixture) ? untoldHeaders(subject, fixture, calls) : [];
}

/** Those whose address fits best; all, where none fits: a published sample is not sent to an address of ours. */
function nearest(raw: RawRequest, calls: readonly WebhookCall[]): readonly WebhookCall[] {
	const fitting = calls.filter((call) => isAt(call, raw));
	const names = (call: WebhookCall): number => [...queryOf(call.url).keys()].length;
	const most = Math.max(...fitting.map(names));
	return fitting.length === 0 ? calls : fitting.filter((call) => names(call) === most);
}

function untoldHeaders(subject: Subject, fixture: Fixture, calls: readonly WebhookCall[]): Findings {
	const { name, raw, service } = fixture;
	const { form } = subject.connector.config;
	const roles = service.authentications.map(({ authenticationId }) => ruleFor(form, authenticationId)?.role);
	const told = calls.map(({ headers }) =>
		headers
			.filter(({ onlyWith }) => onlyWith === undefined || roles.includes(onlyWith))
			.map((header) => header.name.toLowerCase()),
	);
	return [
		...proofHeaders(subject, fixture)
			.filter((header) => !told.flat().includes(header))
			.map((header) => `${name}: the header ${header} proves it and is not told of`),
		...(told.some((headers) => headers.every((header) => raw.headers.has(header)))
			? []
			: [`${name}: it is genuine, and has not the headers of any call that is told of`]),
	];
}

function idleHeaders(subject: Subject): Findings {
	const told = subject.connector.config.form.webhookCalls.flatMap(({ headers }) => headers.map(({ name }) => name));
	const missed = new Set(genuine(subject).flatMap((fixture) => proofHeaders(subject, fixture)));
	return [...new Set(told)]
		.filter((name) => !missed.has(name.toLowerCase()))
		.map((name) => `the header ${name} is told of, and no genuine request of the fixtures is refused without it`);
}

/** Who has the form before them must know where to keep such a text, even if nothing is entered yet. */
function unsharable(rule: AuthenticationRule): Findings {
	const isFit = rule.idPattern === `^${rule.idExample}$` && rule.direction !== "outgoing";
	return rule.isEnteredAtProvider !== true || isFit
		? []
		: [`${rule.role} is entered at the provider too, and is not one incoming entry of one name`];
}
