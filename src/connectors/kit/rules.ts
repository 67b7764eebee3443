// The rules a messaging service must keep, checked from its type's form: addresses, settings, and the list of
// authentications with its shapes and counts. A broken rule is one sentence with the next step. Pure.

import type { AuthenticationRule, ConfigProblem, Connector, ConnectorForm, StoredService } from "../contract.ts";
import { settingsProblems } from "./settings-rules.ts";

export type { AuthenticationRule, ConfigProblem, Connector, ConnectorForm, StoredService };
export { filledSettings, ownSettingsOf, settingsSchemaOf } from "./settings-schema.ts";

/** The rule an Authentication ID falls under: the first whose pattern fits. */
export function ruleFor(form: ConnectorForm, authenticationId: string): AuthenticationRule | undefined {
	return form.authentications.find((rule) => fits(rule, authenticationId));
}

function fits(rule: AuthenticationRule, authenticationId: string): boolean {
	return new RegExp(rule.idPattern, "u").test(authenticationId);
}

export type Mended = { authenticationId: string; note?: string };

/** Mends what is obviously meant. An id that fits no rule even then comes back as it was entered. */
export function mendAuthenticationId(form: ConnectorForm, entered: string): Mended {
	const fitting = ruleFor(form, entered);
	const candidates = fitting === undefined ? form.authentications : [fitting];
	const spellings = new Set([entered, entered.trim()]);
	for (const spelling of spellings) {
		for (const rule of candidates) {
			const mended = rule.normalise?.(spelling) ?? { authenticationId: spelling };
			if (fits(rule, mended.authenticationId)) {
				return withNote(entered, mended);
			}
		}
	}
	return { authenticationId: entered };
}

function withNote(entered: string, { authenticationId, note }: Mended): Mended {
	if (note !== undefined) {
		return { authenticationId, note };
	}
	return authenticationId === entered
		? { authenticationId }
		: { authenticationId, note: `Spaces around the Authentication ID ${authenticationId} were removed.` };
}

/**
 * Every rule that the service breaks; empty: it may be stored. What is merely missing is not a broken rule: such a
 * service is a draft, and `whyCannotSend` says what it lacks.
 */
export function brokenRules(
	config: Pick<Connector<unknown>["config"], "form" | "check">,
	service: StoredService,
): readonly ConfigProblem[] {
	const { form } = config;
	const general = [
		...addressProblems(form, service),
		...settingsProblems(form, service.settings),
		...shapeProblems(form, service),
		...duplicates(service),
		...countProblems(form, service),
	];
	const known = new Set(general.map(({ pointer }) => pointer));
	const own = (config.check?.(service) ?? []).filter(({ pointer }) => !known.has(pointer));
	return firstOfEachField([...general, ...own]);
}

/** One field, one sentence: the second rule is told once the first one is kept. */
function firstOfEachField(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
	const byPointer = new Map<string, ConfigProblem>();
	for (const problem of problems) {
		if (!byPointer.has(problem.pointer)) {
			byPointer.set(problem.pointer, problem);
		}
	}
	return [...byPointer.values()];
}

function addressProblems(form: ConnectorForm, service: StoredService): readonly ConfigProblem[] {
	const { example, schemes } = form.serviceConnection;
	const addresses: readonly { pointer: string; text: string; example: string; schemes?: Schemes }[] = [
		{
			pointer: "/serviceConnection",
			text: service.serviceConnection,
			example,
			...(schemes === undefined ? {} : { schemes }),
		},
		{
			pointer: "/authenticationUrl",
			text: service.authenticationUrl ?? "",
			example: "https://login.example.com/oauth2/token",
		},
	];
	return addresses.flatMap(({ pointer, text, ...rule }) => {
		const message = text === "" ? undefined : addressProblem(text, rule.example, rule.schemes);
		return message === undefined ? [] : [{ pointer, message }];
	});
}

type Schemes = NonNullable<ConnectorForm["serviceConnection"]["schemes"]>;

/** Why a text cannot be an address we send to, or undefined when it can. */
export function addressProblem(
	text: string,
	example: string,
	schemes: Schemes = ["https", "http"],
): string | undefined {
	if (/[\s\\\p{Cc}]/u.test(text)) {
		return "must not contain spaces, line breaks or backslashes; paste the address again.";
	}
	const url = urlWith(schemes, text);
	if (url === undefined) {
		return `must be a complete ${isOfWeb(schemes) ? "web " : ""}address that begins with ${schemes[0]}://, for example ${example}.`;
	}
	if (url.username !== "" || url.password !== "") {
		return "must not contain a user name or password; enter them as an authentication instead.";
	}
	return text.includes("#") ? "must not contain a # and what follows it; remove that part." : undefined;
}

/** Undefined: another scheme, or no host behind it. */
function urlWith(schemes: Schemes, text: string): URL | undefined {
	const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase() ?? "";
	const url = schemes.includes(scheme) ? URL.parse(text) : null;
	return url === null || url.hostname === "" ? undefined : url;
}

function isOfWeb(schemes: Schemes): boolean {
	return schemes.includes("https");
}

/**
 * Addresses that send secrets and texts over the wire in clear; allowed, because on-premise targets exist. The scheme is
 * one of the form's, and of those the encrypted ones end with s.
 */
export function isUnencrypted(address: string): boolean {
	return /^[a-z0-9+.-]*[^s]:\/\//i.test(address);
}

function shapeProblems(form: ConnectorForm, service: StoredService): readonly ConfigProblem[] {
	const shapes = form.authentications.map(({ idShape, idExample }) => `${idShape} (for example ${idExample})`);
	return service.authentications.flatMap(({ authenticationId }, index) =>
		ruleFor(form, authenticationId) === undefined
			? [{ pointer: idPointer(index), message: `must be ${orList(shapes)}; copy it from the provider's pages.` }]
			: [],
	);
}

function orList(texts: readonly string[]): string {
	return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")}, or ${texts.at(-1) ?? ""}`;
}

function duplicates(service: StoredService): readonly ConfigProblem[] {
	const ids = service.authentications.map(({ authenticationId }) => authenticationId);
	return ids.flatMap((id, index) =>
		ids.indexOf(id) < index
			? [{ pointer: idPointer(index), message: "is there already; keep one of the two entries and remove the other." }]
			: [],
	);
}

function countProblems(form: ConnectorForm, service: StoredService): readonly ConfigProblem[] {
	const entries = service.authentications.map(({ authenticationId }, index) => ({
		index,
		rule: ruleFor(form, authenticationId),
	}));
	return form.authentications.flatMap((rule) =>
		entries
			.filter((entry) => entry.rule === rule)
			.slice(rule.max)
			.map(({ index }) => ({ pointer: idPointer(index), message: tooMany(rule) })),
	);
}

function tooMany(rule: AuthenticationRule): string {
	const allowed = rule.max === 1 ? "one entry" : `${rule.max} entries`;
	return `is one too many: a service of this type has at most ${allowed} with ${rule.idShape}; remove the others, or make another service.`;
}

function idPointer(index: number): string {
	return `/authentications/${index}/authenticationId`;
}

/** Why the service cannot send, with the next step, or undefined when it can. Only for a service that breaks no rule. */
export function whyCannotSend(connector: Connector<unknown>, service: StoredService): string | undefined {
	const { form, parse } = connector.config;
	if (service.serviceConnection === "") {
		return `Enter the ${form.serviceConnection.title}, for example ${form.serviceConnection.example}`;
	}
	return connector.cannotSend(parse(service)) ?? missingOutgoing(form, service);
}

/** The administrator locked a door that is open by its type: calls of this service need the HTTP user. */
export function wantsHttpUser({ inbound, config }: Connector<unknown>, service: StoredService): boolean {
	return inbound.auth.kind === "none" && inbound.auth.wantsHttpUser?.(config.parse(service)) === true;
}

/** Whether calls are proven by an HTTP user or by nothing, so that without one nobody gets in. */
export function hasNoLock({ inbound, config }: Connector<unknown>, service: StoredService): boolean {
	if (inbound.auth.kind !== "httpUser") {
		return false;
	}
	const call = { method: "POST", url: "", headers: new Headers(), body: new Uint8Array() };
	return inbound.auth.verify?.(call, config.parse(service), new Date(0)) === undefined;
}

function missingOutgoing(form: ConnectorForm, service: StoredService): string | undefined {
	const rule = form.authentications.find(
		(candidate) => candidate.direction !== "incoming" && setEntries(form, service, candidate) < candidate.min,
	);
	return rule === undefined ? undefined : `Add an authentication (${rule.idShape}) with its ${rule.secretLabel}.`;
}

/**
 * What the provider needs to prove itself and does not have yet; until then its calls are refused. An entry that serves
 * both ways proves the provider too, so with one of those only the demanded entries are missed.
 */
export function missingProofs(form: ConnectorForm, service: StoredService): readonly string[] {
	const isProven = form.authentications.some(
		(rule) => rule.direction === "both" && setEntries(form, service, rule) > 0,
	);
	return form.authentications
		.filter((rule) => rule.direction === "incoming" && setEntries(form, service, rule) === 0)
		.filter((rule) => !isProven || rule.min > 0)
		.map((rule) => `No ${rule.secretLabel} is set; add an authentication (${rule.idShape}). ${rule.description}`);
}

function setEntries(form: ConnectorForm, service: StoredService, rule: AuthenticationRule): number {
	return service.authentications.filter(
		({ authenticationId, secrets }) => secrets.length > 0 && ruleFor(form, authenticationId) === rule,
	).length;
}
