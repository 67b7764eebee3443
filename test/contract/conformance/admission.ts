// Who is let in. Every fixture must get its stated verdict; a genuine one must be refused as soon as a byte, a header, a
// spelling, a secret or the time is another, and accepted under either secret of a rotation.

import type { RawRequest, StoredService } from "#connectors/contract.ts";
import type { Fixture } from "./fixtures.ts";
import { schemeOf } from "./signing.ts";
import { type Findings, isRefused, leftToHttpUser, type Subject, verdictOf, withSecrets } from "./subject.ts";

export function statedVerdicts({ connector, fixtures }: Subject): Findings {
	const { auth } = connector.inbound;
	const none = fixtures.length === 0 ? ["there is no fixture"] : [];
	const silent = auth.kind === "none" && auth.because.trim() === "" ? ["an open door must say why it is open"] : [];
	const wrong = fixtures.flatMap(({ name, raw, service, now, verdict }) => {
		const given = verdictOf(connector, raw, service, now);
		const isStated = given === verdict || (given === leftToHttpUser && verdict === "ok");
		return isStated ? [] : [`${name}: the verdict is ${given}, stated is ${verdict}`];
	});
	return [...none, ...silent, ...wrong];
}

/** Fixtures that a signature lets in; a type that is never proven by signatures has none. */
export function genuine({ connector, fixtures }: Subject): readonly Fixture[] {
	return fixtures.filter(
		({ raw, service, now, verdict }) =>
			connector.inbound.auth.kind !== "none" &&
			verdict === "ok" &&
			verdictOf(connector, raw, service, now) !== leftToHttpUser,
	);
}

/** Headers that prove the sender: without any one of them the request has no proof at all. */
export function proofHeaders({ connector }: Subject, { raw, service, now }: Fixture): readonly string[] {
	return [...raw.headers]
		.map(([name]) => name)
		.filter((name) => verdictOf(connector, without(raw, name), service, now) === "missing");
}

export function signatureIsDemanded(subject: Subject): Findings {
	const { connector } = subject;
	return genuine(subject).flatMap((fixture) => {
		if (provesParts(subject)) {
			return undemanded(subject, fixture);
		}
		const { name, raw, service, now } = fixture;
		const bareVerdict = verdictOf(connector, { ...raw, headers: new Headers() }, service, now);
		return [
			...(proofHeaders(subject, fixture).length > 0 ? [] : [`${name}: no header is missed when it is left out`]),
			...(isRefused(bareVerdict) ? [] : [`${name}: without any header the verdict is ${bareVerdict}`]),
		];
	});
}

export function flippedBytesAreRefused(subject: Subject): Findings {
	return genuine(subject).flatMap((fixture) => [
		...ofContent(subject, fixture),
		...accepted(subject, fixture, "flipped bytes of the proof", flippedProof(subject, fixture)),
	]);
}

function ofContent(subject: Subject, fixture: Fixture): Findings {
	if (provesParts(subject)) {
		return [];
	}
	return secretHeaderOf(subject) === undefined
		? accepted(subject, fixture, "flipped bytes", flippedContent(fixture.raw))
		: bareSecret(subject, fixture);
}

function provesParts({ connector: { inbound } }: Subject): boolean {
	return inbound.auth.kind === "signature" && inbound.auth.provesParts === true;
}

/** The texts that prove are named by the fixture; without any one of them, or without all, nobody gets in. */
function undemanded(subject: Subject, fixture: Fixture): Findings {
	const { name, raw, proof } = fixture;
	const texts = proof?.texts ?? [];
	const none = texts.reduce((changed, text) => withText(changed, text, ""), raw);
	return [
		...(texts.length > 0 && texts.every((text) => withText(raw, text, "") !== raw)
			? []
			: [`${name}: no part of it is named as its proof, or one that is not in it`]),
		...accepted(subject, fixture, "requests that lack a part of the proof", [
			none,
			...texts.map((text) => withText(raw, text, "")),
		]),
	];
}

/** The same request with another text in that place, in its headers or its body; itself when the text is not in it. */
function withText(raw: RawRequest, text: string, other: string): RawRequest {
	const body = Buffer.from(raw.body).toString("utf8");
	const named = [...raw.headers].find(([, value]) => value.includes(text));
	if (named !== undefined) {
		return withHeader(
			raw,
			named[0],
			named[1].replaceAll(text, () => other),
		);
	}
	return body.includes(text) ? { ...raw, body: Buffer.from(body.replaceAll(text, () => other)) } : raw;
}

function secretHeaderOf({ connector: { inbound } }: Subject): string | undefined {
	return inbound.auth.kind === "signature" ? inbound.auth.secretHeader : undefined;
}

/** A secret that is the same in every call says nothing about the body; what does must not pass for one. */
function bareSecret(subject: Subject, fixture: Fixture): Findings {
	const { name, raw, service, now } = fixture;
	const header = secretHeaderOf(subject) ?? "";
	const isMissed = proofHeaders(subject, fixture).includes(header);
	const isCovered = flippedContent(raw).some((changed) =>
		isRefused(verdictOf(subject.connector, changed, service, now)),
	);
	return [
		...(isMissed ? [] : [`${name}: the header ${header} is said to hold the secret, and is not missed`]),
		...(isCovered ? [`${name}: the proof is said to cover nothing, but it covers the body`] : []),
	];
}

export function otherSpellingsAreRefused(subject: Subject): Findings {
	return genuine(subject).flatMap((fixture) => {
		const { raw, proof } = fixture;
		const changed =
			proof?.texts.flatMap((text) => spellings(text).map((spelling) => withText(raw, text, spelling))) ??
			proofHeaders(subject, fixture).flatMap((name) => {
				const value = raw.headers.get(name) ?? "";
				return spellings(value).map((spelling) => withHeader(raw, name, spelling));
			});
		return accepted(subject, fixture, "other spellings of the proof", changed);
	});
}

export function secretsDecide(subject: Subject): Findings {
	return genuine(subject).flatMap((fixture) =>
		fixture.proof?.by === "keys" ? keysDecide(subject, fixture) : ownSecretsDecide(subject, fixture),
	);
}

/** What is signed under a public key is nobody's without that key. */
function keysDecide(subject: Subject, fixture: Fixture): Findings {
	return refusedOnlyWith(subject, fixture, "no public keys", [{ ...fixture.service, upkeep: {} }]);
}

function ownSecretsDecide(subject: Subject, fixture: Fixture): Findings {
	return [
		...closedDoors(subject, fixture),
		...refusedOnlyWith(subject, fixture, "another secret", [
			withSecrets(fixture.service, (secrets) => secrets.map((secret) => `${secret}x`)),
			withSecrets(fixture.service, (secrets) => secrets.map((secret) => secret.slice(0, -1))),
		]),
		...acceptedDuring(subject, fixture, "the old secret beside a new one", (secrets) => ["another-secret", ...secrets]),
		...acceptedDuring(subject, fixture, "the new secret beside an old one", (secrets) => [
			...secrets,
			"another-secret",
		]),
	];
}

const dayMs = 86_400_000;
const lateMs = [3_600_000, dayMs, -3_600_000, -dayMs];

/** Where the request tells when it was signed, the same request an hour or a day apart is stale. */
export function oldRequestsAreStale(subject: Subject): Findings {
	return genuine(subject)
		.filter(({ raw, now }) => [...raw.headers].map(([, value]) => value).some((value) => isTimeNear(value, now)))
		.flatMap(({ name, raw, service, now }) =>
			lateMs.flatMap((ms) => {
				const verdict = verdictOf(subject.connector, raw, service, new Date(now.getTime() + ms));
				return verdict === "stale" ? [] : [`${name}: ${ms / 1000} s later the verdict is ${verdict}`];
			}),
		);
}

function isTimeNear(value: string, now: Date): boolean {
	return (
		/^\d{10,13}$/.test(value) && [1, 1000].some((unitMs) => Math.abs(Number(value) * unitMs - now.getTime()) < dayMs)
	);
}

/** One finding for all the changed requests of a fixture that were not refused. */
function accepted(
	{ connector }: Subject,
	{ name, service, now }: Fixture,
	what: string,
	changed: readonly RawRequest[],
): Findings {
	const verdicts = changed.map((raw) => verdictOf(connector, raw, service, now));
	const wrong = verdicts.filter((verdict) => !isRefused(verdict));
	const first = verdicts.findIndex((verdict) => !isRefused(verdict));
	return wrong.length === 0
		? []
		: [`${name}: ${wrong.length} of ${verdicts.length} ${what} are not refused (number ${first}: ${wrong[0] ?? ""})`];
}

const everyByteMax = 2048;
const spreadBytes = 500;

/** The body with one bit changed at a time; of a request without one, the query. */
function flippedContent(raw: RawRequest): readonly RawRequest[] {
	const question = raw.url.indexOf("?");
	if (raw.body.length === 0) {
		return question === -1 || raw.method !== "GET"
			? []
			: Array.from(raw.url.slice(question + 1), (_, offset) => {
					const at = question + 1 + offset;
					return { ...raw, url: flippedText(raw.url, at) };
				});
	}
	const step = raw.body.length <= everyByteMax ? 1 : raw.body.length / spreadBytes;
	return Array.from({ length: Math.floor(raw.body.length / step) }, (_, index) => {
		const body = Uint8Array.from(raw.body);
		const at = Math.floor(index * step);
		body[at] = (body[at] ?? 0) ^ 1;
		return { ...raw, body };
	});
}

function flippedProof(subject: Subject, fixture: Fixture): readonly RawRequest[] {
	const { raw, proof } = fixture;
	if (proof !== undefined) {
		return proof.texts.flatMap((text) => Array.from(text, (_, at) => withText(raw, text, flippedText(text, at))));
	}
	return proofHeaders(subject, fixture).flatMap((name) => {
		const value = fixture.raw.headers.get(name) ?? "";
		return Array.from(value, (_, at) => withHeader(fixture.raw, name, flippedText(value, at)));
	});
}

function flippedText(text: string, at: number): string {
	return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
}

const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Other texts that a lenient decoder takes for the same bytes, and the same text twice. */
function spellings(value: string): readonly string[] {
	const middle = Math.floor(value.length / 2);
	const all = [
		value.toUpperCase(),
		value.toLowerCase(),
		`${value.slice(0, middle)} ${value.slice(middle)}`,
		`${value.slice(0, middle)}\t${value.slice(middle)}`,
		value.replaceAll("+", "-").replaceAll("/", "_"),
		value.replace(/=+$/, ""),
		`${value}=`,
		`${value}, ${value}`,
		`"${value}"`,
		...base64Twins(value),
	];
	return [...new Set(all)].filter((spelling) => spelling !== value);
}

/** Base64 whose last letter differs only in bits that are thrown away (RFC 4648 section 3.5). */
function base64Twins(value: string): readonly string[] {
	const [, start = "", padding = ""] = /^([A-Za-z0-9+/]+)[A-Za-z0-9+/](={1,2})$/.exec(value) ?? [];
	const bytes = Buffer.from(value, "base64");
	return padding === ""
		? []
		: Array.from(base64Letters, (letter) => start + letter + padding).filter((twin) =>
				Buffer.from(twin, "base64").equals(bytes),
			);
}

/**
 * Without a secret nothing gets in: not the genuine request, and not one that is signed with the empty secret. Where an
 * HTTP user is the lock of accounts that do not sign, the service is one of those then.
 */
function closedDoors(subject: Subject, fixture: Fixture): Findings {
	if (subject.connector.inbound.auth.kind === "httpUser") {
		return [];
	}
	const scheme = schemeOf(fixture, proofHeaders(subject, fixture));
	const forged = scheme === undefined ? [] : [scheme.sign(fixture.raw, "")];
	const closed = [withSecrets(fixture.service, () => []), withSecrets(fixture.service, () => [""])];
	return [fixture.raw, ...forged].flatMap((raw) =>
		refusedOnlyWith(
			subject,
			{ ...fixture, raw },
			raw === fixture.raw ? "no secret" : "a forgery and no secret",
			closed,
		),
	);
}

function refusedOnlyWith(
	{ connector }: Subject,
	{ name, raw, now }: Fixture,
	what: string,
	services: readonly StoredService[],
): Findings {
	return services
		.map((service) => verdictOf(connector, raw, service, now))
		.filter((verdict) => !isRefused(verdict))
		.map((verdict) => `${name}: with ${what} the verdict is ${verdict}`);
}

function acceptedDuring(
	{ connector }: Subject,
	{ name, raw, service, now }: Fixture,
	what: string,
	change: (secrets: readonly string[]) => readonly string[],
): Findings {
	const verdict = verdictOf(connector, raw, withSecrets(service, change), now);
	return verdict === "ok" ? [] : [`${name}: with ${what} the verdict is ${verdict}`];
}

function without(raw: RawRequest, header: string): RawRequest {
	const headers = new Headers([...raw.headers]);
	headers.delete(header);
	return { ...raw, headers };
}

function withHeader(raw: RawRequest, header: string, value: string): RawRequest {
	const headers = new Headers([...raw.headers]);
	headers.set(header, value);
	return { ...raw, headers };
}
