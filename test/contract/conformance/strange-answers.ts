// The provider's own answer, changed on its way back. Told in another way it is still a yes, with the same remote id;
// with anything wrong in it, nothing is thrown, nothing is believed that is no text, and no prototype is touched.

import { changedBodies, jsonIn } from "./noise.ts";
import { prototypeTrouble } from "./prototype.ts";
import { onStand } from "./sending.ts";
import type { Answer } from "./scripted-provider.ts";
import type { Sending, Stand } from "./stand.ts";
import type { Findings, Subject } from "./subject.ts";

type Change = (body: string) => string | Uint8Array;

/** What a provider may do to its JSON any day without breaking a promise. */
const harmlessInJson: Readonly<Record<string, Change>> = {
	"with a field more": beginning('{"parley_unheard_of":[{}],'),
	"with a field called __proto__": beginning('{"__proto__":{"error":{"code":1}},'),
	"with a field called constructor": beginning('{"constructor":{"prototype":{"x":1}},'),
	"with spaces and line breaks": (body) => ` \r\n${JSON.stringify(jsonIn(body), null, "\t")}\n `,
	"with its fields the other way round": (body) => JSON.stringify(reversed(jsonIn(body))),
	"with every letter escaped": (body) => body.replaceAll(/[a-z](?=[^{}[\]:,]*")/g, escaped),
};

/** The same of a page or plain text, which promises less. */
const harmlessInText: Readonly<Record<string, Change>> = {
	"with spaces and line breaks": (body) => ` \r\n${body}\r\n `,
	"with other line breaks": (body) => body.replaceAll(/\r?\n/g, "\r\n"),
};

function beginning(start: string): Change {
	return (body) => body.replace(/^\s*\{/, start);
}

function reversed(value: unknown): unknown {
	return typeof value === "object" && value !== null && !Array.isArray(value)
		? Object.fromEntries(Object.entries(value).toReversed())
		: value;
}

function escaped(letter: string): string {
	return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

export async function strangeAnswersAreBorne(subject: Subject): Promise<Findings> {
	return onStand(subject, async (stand) => {
		const body = await ownAnswer(stand);
		if (body.trim() === "") {
			return ["the simulator's answer is empty"];
		}
		const isJson = typeof jsonIn(body) === "object";
		const findings: string[] = [];
		for (const [what, change] of Object.entries(isJson ? harmlessInJson : harmlessInText)) {
			findings.push(...misread(stand, await stand.try({ answer: changed(change) })).map(named(what)));
		}
		const wrong = [...(isJson ? changedBodies(body) : wrongTexts(body)), ...spoilt(body)];
		for (const changedBody of wrong) {
			const sending = await stand.try({ answer: changed(() => changedBody) });
			findings.push(...believed(sending).map(named(shown(changedBody))));
		}
		return [...findings.slice(0, findingsMax), ...prototypeTrouble()];
	});
}

const findingsMax = 10; // What goes wrong with one of these answers goes wrong with dozens.

function changed(change: Change): Answer {
	return { kind: "simulator", change };
}

function named(what: string): (finding: string) => string {
	return (finding) => `the answer ${what}: ${finding}`;
}

function shown(body: string | Uint8Array): string {
	return Buffer.from(body).toString("utf8").slice(0, 200);
}

async function ownAnswer(stand: Stand): Promise<string> {
	let heard = "";
	await stand.try({});
	await stand.try({ answer: changed((body) => (heard = body)) });
	return heard;
}

function misread({ simulator }: Stand, { outcome }: Sending): Findings {
	const taken = simulator.taken.at(-1)?.remoteId;
	const told = outcome.kind === "accepted" ? outcome.remoteIds.join() : outcome.kind;
	return told === taken ? [] : [`${told} is made of it, expected is ${String(taken)}`];
}

/** Each word taken away, doubled, or with another in its place, one of them without end. */
function wrongTexts(body: string): readonly string[] {
	return [...body.matchAll(/[^\s<>=:]+/g)].flatMap(({ 0: word, index }) =>
		["", `${word} ${word}`, "null", "[object Object]", "__proto__", "\u0000", "x".repeat(5000)].map(
			(other) => body.slice(0, index) + other + body.slice(index + word.length),
		),
	);
}

/** Bytes that are no UTF-8 in the middle of each text, and the whole cut at every tenth. */
function spoilt(body: string): readonly Uint8Array[] {
	const bytes = Buffer.from(body);
	const colons = [...body.matchAll(/:\s*"|[>=]/g)].map(({ 0: sign, index }) => index + sign.length);
	const cuts = Array.from({ length: 9 }, (_, tenth) =>
		bytes.subarray(0, Math.floor((bytes.length * (tenth + 1)) / 10)),
	);
	return [
		...colons.map((at) => Buffer.concat([bytes.subarray(0, at), Uint8Array.of(0xc3, 0x28, 0xff), bytes.subarray(at)])),
		...cuts,
	];
}

/** Whatever it says, it was answered: accepted, with texts as ids, or one of the other outcomes. */
function believed({ outcome }: Sending): Findings {
	if (outcome.kind === "thrown") {
		return [`thrown: ${outcome.detail}`];
	}
	if (outcome.kind === "accepted") {
		const ids: readonly unknown[] = outcome.remoteIds;
		const kinds = ids.map((id) => (id === "" ? "empty" : id === null ? "null" : typeof id));
		const isSound = ids.length > 0 && kinds.every((kind) => kind === "string");
		return isSound ? [] : [`accepted with a remote id that is no text: ${kinds.join(", ")}`];
	}
	return outcome.kind === "retry" ? ["it is to be sent again, although it was answered with 2xx"] : [];
}
