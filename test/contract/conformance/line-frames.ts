// What is made of frames: what is stated for every fixture, the same twice; and for any other bytes no exception, lengths
// that can be believed, and events that are well formed.

import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import type { HeardFrame, Line, RawRequest } from "#connectors/contract.ts";
import { toolsFor } from "#gateway/tools.ts";
import { eventTrouble, withDates } from "./event-shape.ts";
import type { LineFixture } from "./fixtures.ts";
import { messageOn, onLineStand } from "./line-stand.ts";
import { prototypeTrouble } from "./prototype.ts";
import { type Findings, secretsOf, type Subject } from "./subject.ts";

type AnyLine = Line<unknown>;

function lineOf({ connector }: Subject): AnyLine {
	if (connector.line === undefined) {
		throw new Error("Only types with a line are asked.");
	}
	return connector.line;
}

export function statedFrames(subject: Subject): Findings {
	const line = lineOf(subject);
	const none = subject.frames.some(({ heard }) => heard.kind === "told") ? [] : ["no fixture tells of an event"];
	return [
		...none,
		...subject.frames.flatMap((fixture) => {
			const { name, frame, heard } = fixture;
			const length = line.frameLength(frame);
			const given = shown(hearOf(subject, fixture, frame));
			const told = JSON.stringify(given);
			return [
				...(length === frame.length ? [] : [`${name}: the frame is taken for one of ${String(length)} bytes`]),
				...(isDeepStrictEqual(withDates(given), withDates(heard)) ? [] : [`${name}: not what is stated: ${told}`]),
				...troubleIn(hearOf(subject, fixture, frame)).map((trouble) => `${name}: ${trouble}`),
				...(isDeepStrictEqual(shown(hearOf(subject, fixture, Uint8Array.from(frame))), given)
					? []
					: [`${name}: a second hearing gives something else`]),
				...(secretsOf(fixture.service).some((secret) => told.includes(secret))
					? [`${name}: a secret of the service is told`]
					: []),
			];
		}),
	];
}

function hearOf({ connector }: Subject, { service, opening }: LineFixture, frame: Uint8Array): HeardFrame {
	const config = connector.config.parse(service);
	return connector.line?.hear(frame, config, opening) ?? { kind: "noise" };
}

/** As in a fixture: bytes in hexadecimal, dates as texts. */
function shown(heard: HeardFrame): unknown {
	const entries = Object.entries(heard).map(([name, value]): [string, unknown] => [
		name,
		value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
	]);
	return JSON.parse(JSON.stringify(Object.fromEntries(entries)));
}

function troubleIn(heard: HeardFrame): Findings {
	switch (heard.kind) {
		case "told":
			return [
				...heard.events.flatMap((event) => eventTrouble(event) ?? []),
				...(isDeepStrictEqual(heard.taken, heard.refused) ? ["taken and refused are the same answer"] : []),
			];
		case "answer":
			return Number.isInteger(heard.number) && heard.number >= 0 ? [] : ["an answer has no number"];
		case "asked":
		case "over":
		case "noise":
			return [];
	}
}

/** Nothing comes by HTTP: no request is let in, and of what a door that only observes lets in nothing is believed. */
export function isShutToHttp({ connector, frames }: Subject): Findings {
	const { inbound } = connector;
	const [fixture] = frames;
	if (fixture === undefined || inbound.auth.kind !== "signature") {
		return ["the door of a type with a line must be one that wants a signature, and refuse everything"];
	}
	const { auth } = inbound;
	const config = connector.config.parse(fixture.service);
	const headers = new Headers({ authorization: "Basic Z3c6c2VjcmV0MDg=", "x-signature": "1" });
	const bodies = frames.map(({ frame }) => frame);
	const requests: RawRequest[] = ["GET", "POST"].flatMap((method) =>
		bodies.map((body) => ({ method, url: "https://parley.example/sms/x/1?id=1", headers, body })),
	);
	return [
		...requests
			.map((raw) => auth.verify(raw, config, new Date(0)))
			.flatMap((verdict) => (verdict.ok ? ["a request by HTTP is let in"] : [])),
		...requests
			.flatMap((raw) => inbound.parse(raw as Parameters<typeof inbound.parse>[0], config))
			.map(({ kind }) => `a request by HTTP is taken for a ${kind}`),
	].slice(0, 3);
}

const runs = 3000;
const seed = 20260101;

/** Bytes of chance, and fixtures with bytes changed, put in and cut out: every length in them lies sooner or later. */
export function frameChanceIsBorne(subject: Subject): Findings {
	const line = lineOf(subject);
	const [first, ...others] = subject.frames;
	if (first === undefined) {
		return ["there is no frame to begin with"];
	}
	const fixture = fc.constantFrom(first, ...others);
	const change = fc.record({ at: fc.nat(400), cut: fc.nat(6), put: fc.uint8Array({ maxLength: 6 }) });
	const property = fc.property(
		fixture,
		fc.oneof({ weight: 4, arbitrary: fc.array(change, { maxLength: 4 }) }, { weight: 1, arbitrary: fc.uint8Array() }),
		fc.boolean(),
		(base, changes, keepsLength) => {
			const spoilt = changes instanceof Uint8Array ? changes : changes.reduce(changed, base.frame);
			const bytes = keepsLength ? spoilt : withLength(spoilt, line);
			const length = line.frameLength(bytes);
			const isLength = length === undefined || length === "broken" || (Number.isInteger(length) && length > 0);
			const heard = hearOf(subject, base, bytes);
			const trouble = [...troubleIn(heard), ...prototypeTrouble()];
			line.greeted(bytes);
			return isLength && trouble.length === 0;
		},
	);
	const result = fc.check(property, { numRuns: runs, seed });
	return result.failed ? [`not borne: ${JSON.stringify(result.counterexample)} ${String(result.errorInstance)}`] : [];
}

function changed(bytes: Uint8Array, { at, cut, put }: { at: number; cut: number; put: Uint8Array }): Uint8Array {
	const place = bytes.length === 0 ? 0 : at % (bytes.length + 1);
	return Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + cut)]);
}

/** The length in front made right again, where it is four bytes as in SMPP, so that what is behind it is read. */
function withLength(bytes: Uint8Array, line: AnyLine): Uint8Array {
	const frame = Buffer.from(bytes);
	if (frame.length >= 16) {
		frame.writeUInt32BE(frame.length, 0);
	}
	return line.frameLength(frame) === frame.length ? frame : bytes;
}

/** The provider's own answer with each byte another, and cut at each place: no exception, nothing believed without an id. */
export function strangeFramesAreBorne(subject: Subject): Promise<Findings> {
	return onLineStand(subject, async (stand) => {
		const { answers, outcome } = await stand.try({});
		const [answer] = answers;
		if (outcome.kind !== "accepted" || answer === undefined) {
			return [`nothing can be sent: ${outcome.kind}`];
		}
		const findings = new Set<string>();
		for (const frame of spoilt(answer)) {
			for (const finding of await believed(subject, stand.service(), frame)) {
				findings.add(finding);
			}
		}
		return [...findings, ...prototypeTrouble()];
	});
}

function* spoilt(answer: Uint8Array): Iterable<Uint8Array> {
	for (let at = 0; at < answer.length; at++) {
		yield answer.subarray(0, at);
		for (const other of [0, 1, 0x7f, 0x80, 0xff]) {
			const copy = Uint8Array.from(answer);
			copy[at] = other;
			yield copy;
		}
	}
	yield new Uint8Array();
	yield Buffer.concat([answer, answer]);
}

async function believed(
	{ connector }: Subject,
	service: Parameters<typeof toolsFor>[0],
	frame: Uint8Array,
): Promise<Findings> {
	const hex = Buffer.from(frame).toString("hex");
	const shownLines: string[] = [];
	const line = {
		ask: (call: { shown(answer: Uint8Array): string }) => {
			shownLines.push(call.shown(frame));
			return Promise.resolve({ kind: "answered" as const, frame });
		},
		look: () => Promise.resolve({ state: "open" as const }),
	};
	const tools = { http: never, token: never, dropToken: never, now: () => new Date(0), line };
	try {
		const outcome = await connector.send(
			messageOn(connector, service.stored, { validUntil: new Date(60_000) }),
			connector.config.parse(service.stored),
			tools,
		);
		const ids: readonly string[] = outcome.kind === "accepted" ? outcome.remoteIds : ["-"];
		const isShown = shownLines.every((text) => typeof text === "string" && text.length < 300);
		return ids.length > 0 && ids.every((id) => typeof id === "string" && id.trim() !== "") && isShown
			? []
			: [`accepted without an id, or shown without end: ${hex}`];
	} catch (error) {
		return [`thrown over ${hex}: ${String(error)}`];
	}
}

function never(): never {
	throw new Error("A type with a line asks over the line.");
}
