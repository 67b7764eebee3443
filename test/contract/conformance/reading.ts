// What is made of a request: the stated events for every fixture, and for anything else still well-formed events, the
// same ones twice, and never an exception.

import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import type { RawRequest, Reply, VerifiedRequest } from "#connectors/contract.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import { genuine, proofHeaders } from "./admission.ts";
import { eventTrouble, withDates } from "./event-shape.ts";
import type { Fixture } from "./fixtures.ts";
import { type Altered, chanceBodies, withBody, wrongPieces, wrongTypes } from "./noise.ts";
import { prototypeTrouble } from "./prototype.ts";
import { type Scheme, schemeOf } from "./signing.ts";
import { type Findings, secretsOf, type Subject } from "./subject.ts";

export function statedEvents(subject: Subject): Findings {
	return subject.fixtures
		.filter(({ verdict }) => verdict === "ok")
		.flatMap((fixture) => {
			const read = readingOf(subject, fixture, fixture.raw);
			const asStated = isDeepStrictEqual(withDates(JSON.parse(JSON.stringify(read.events))), withDates(fixture.events));
			return [
				...read.findings,
				...(asStated ? [] : [`${fixture.name}: other events than stated: ${JSON.stringify(read.events)}`]),
				...lostEvents(fixture.name, read.events),
				...toldSecrets(fixture, read),
			];
		});
}

/** What is read is stored and shown, and what is replied leaves the house: neither holds a secret of the service. */
function toldSecrets({ name, service }: Fixture, { events, replies }: Reading): Findings {
	const told = JSON.stringify([events, replies]);
	return secretsOf(service)
		.filter((secret) => secret.length >= secretLengthMin && told.includes(secret))
		.map(() => `${name}: an event or a reply tells a secret of the service`);
}

const secretLengthMin = 6; // Published examples sign with "12345".

/** Two different events under one key: the second would be taken for a repetition of the first. */
function lostEvents(name: string, events: readonly ChannelEvent[]): Findings {
	return events.flatMap((event, index) => {
		const other = events.slice(0, index).find(({ dedupKey }) => dedupKey === event.dedupKey);
		return other === undefined || isDeepStrictEqual(other, event)
			? []
			: [`${name}: two different events have the key ${event.dedupKey}`];
	});
}

export function wrongTypesAreBorne(subject: Subject): Findings {
	return borne(subject, wrongTypes(subject.fixtures));
}

export function wrongPiecesAreBorne(subject: Subject): Findings {
	return borne(subject, wrongPieces(subject.fixtures));
}

const chanceRuns = 400;
export const fixedSeed = 20260101;

/** Fast-check makes the counterexample small; its seed is told for a repetition. */
export function chanceIsBorne(subject: Subject, seed = fixedSeed): Findings {
	const [first] = subject.fixtures;
	if (first === undefined) {
		return [];
	}
	const samples = [first, ...genuine(subject)];
	const property = fc.property(chanceBodies(subject.fixtures), fc.constantFrom(...samples), (body, fixture) => {
		const { findings } = readingOf(subject, fixture, resigned(subject, fixture)(withBody(fixture.raw, body)));
		return findings.length === 0;
	});
	const { failed, counterexample } = fc.check(property, { numRuns: chanceRuns, seed });
	if (!failed || counterexample === null) {
		return [];
	}
	const [body, fixture] = counterexample;
	const raw = resigned(subject, fixture)(withBody(fixture.raw, body));
	const shown = typeof body === "string" ? body : Buffer.from(body).toString("base64");
	return readingOf(subject, fixture, raw).findings.map((finding) => `${finding} (seed ${seed}, body ${shown})`);
}

/** At most one finding for each fixture, for the first request that is not borne. */
function borne(subject: Subject, requests: Iterable<Altered>): Findings {
	const signers = new Map(subject.fixtures.map((fixture) => [fixture, resigned(subject, fixture)]));
	const findings = new Map<Fixture, string>();
	for (const { fixture, raw } of requests) {
		if (findings.has(fixture)) {
			continue;
		}
		const sent = signers.get(fixture)?.(raw) ?? raw;
		const [finding] = readingOf(subject, fixture, sent).findings;
		if (finding !== undefined) {
			const body = Buffer.from(sent.body).toString("utf8").slice(0, shownCharacters);
			findings.set(fixture, `${finding} (${sent.method} ${sent.url}, body ${body})`);
		}
	}
	return [...findings.values()];
}

const shownCharacters = 600;

/** Puts a good signature on a changed request, where the kit knows how the fixture was signed. */
export function resigned(subject: Subject, fixture: Fixture): (raw: RawRequest) => RawRequest {
	const scheme: Scheme | undefined = schemeOf(fixture, proofHeaders(subject, fixture));
	const [secret] = secretsOf(fixture.service);
	return scheme === undefined || secret === undefined
		? (raw) => raw
		: (raw) => (raw.headers.has(scheme.header) ? scheme.sign(raw, secret) : raw);
}

type Reading = { events: readonly ChannelEvent[]; replies: readonly Reply[]; findings: Findings };

/** Everything a connector is asked about a request, as if the door had let it in. */
function readingOf({ connector }: Subject, fixture: Fixture, raw: RawRequest): Reading {
	const { inbound } = connector;
	try {
		const config = connector.config.parse(fixture.service);
		const named = inbound.accountsNamed(raw);
		const greeting = inbound.handshake?.(raw, config);
		if (inbound.auth.kind !== "none") {
			inbound.auth.verify?.(raw, config, fixture.now);
		}
		if (inbound.auth.kind === "httpUser") {
			inbound.auth.isProvenByAddress?.(raw, config);
		}
		const events = inbound.parse(raw as VerifiedRequest, config);
		const copy: RawRequest = { ...raw, headers: new Headers([...raw.headers]) };
		const again = inbound.parse(copy as VerifiedRequest, config);
		const replies = [inbound.ack(events, config), ...(greeting === undefined ? [] : [greeting])];
		return {
			events,
			replies,
			findings: [
				...events.map(eventTrouble).filter((trouble) => trouble !== undefined),
				...(isDeepStrictEqual(again, events) ? [] : ["a second reading gives other events"]),
				...prototypeTrouble(),
				...(named.every((account) => typeof account === "string") ? [] : ["an account named is no text"]),
				...(replies.every(({ status }) => Number.isInteger(status) && status >= 200 && status <= 599)
					? []
					: ["a reply has no status"]),
			].map((finding) => `${fixture.name}: ${finding}`),
		};
	} catch (error) {
		return { events: [], replies: [], findings: [`${fixture.name}: thrown: ${String(error)}`] };
	}
}
