// Faults in lines to providers: what is told and answered too early, what is asked and given up too easily, who is let in.

import type { Mutant } from "./mutant.ts";

type Edit = readonly [file: string, find: string, replace: string];

/** `only` where another test of the file would wait for what never comes. */
type Noticed = readonly [edit: Edit, test: string, only?: string];

function spoilt(id: string, goal: string, says: string, [[file, find, replace], test, only]: Noticed): Mutant {
	return { id, goal, says, edits: [{ file, find, replace }], tests: [test], ...(only === undefined ? {} : { only }) };
}

const line = "src/gateway/line.ts";
const lineTest = "src/gateway/line.test.ts";
const linesTest = "src/gateway/lines.test.ts";

export const mutants: readonly Mutant[] = [
	spoilt("line-answers-unstored", "R1", "what a provider tells is answered as taken although it was not stored", [
		[line, "isStored ? taken : refused", "isStored ? taken : taken"],
		lineTest,
	]),
	spoilt("line-reads-without-end", "R10", "a provider that tells faster than can be stored is read on and on", [
		[line, "this.#unrecorded.size >= unrecordedMax", "this.#unrecorded.size < 0"],
		lineTest,
	]),
	spoilt("line-cut-is-not-sent", "R11", "a message that was written when the line broke counts as not sent", [
		[line, 'resolve({ kind: "unclear", why: "reset" });', "resolve(notOpen);"],
		lineTest,
	]),
	spoilt("line-ignores-window", "R7", "more wait for an answer than the provider lets", [
		[line, "this.#inWindow.size < protocol.window", "this.#inWindow.size < 1e9"],
		lineTest,
		"no more wait for an answer",
	]),
	spoilt("line-believes-strangers", "S1", "what is told before the greeting is answered is recorded", [
		[line, 'if (this.#state === "greeting") {\n\t\t\tthis.#end', 'if (this.#state === "over") {\n\t\t\tthis.#end'],
		lineTest,
	]),
	spoilt("line-keeps-endless-frame", "R10", "the beginning of a frame is kept however long it grows", [
		[line, "(length ?? this.#unread.length) > frameBytesMax", "(length ?? 0) > frameBytesMax"],
		lineTest,
	]),
	spoilt("line-hammers-at-credentials", "R8", "a provider that does not know us is asked as if it were ill", [
		["src/gateway/kept-line.ts", 'code === "credentials" ? refusedWaitMs', "code.length < 0 ? refusedWaitMs"],
		linesTest,
	]),
	spoilt("line-closes-in-the-middle", "R13", "a line that ends does not wait for what is being stored", [
		[line, "await Promise.all(this.#unrecorded);", "await Promise.all([]);"],
		lineTest,
	]),
	spoilt("line-goes-anywhere", "S7", "a line may go to addresses that the allow list does not name", [
		["src/platform/outbound-rules.ts", "if (isTls && isPublicPort &&", "if (isPublicPort &&"],
		"src/platform/safe-line.test.ts",
	]),
	spoilt("line-goes-to-system-ports", "S7", "a line may go to the ports of the system's services", [
		["src/platform/outbound-rules.ts", "port >= ownPortsFrom", "port > 0"],
		"src/platform/safe-line.test.ts",
	]),
	spoilt("line-secret-follows-host", "S8", "a changed host of a line keeps the secret of the one before", [
		[
			"src/storage/service-secrets.ts",
			'url.origin === "null" ? `${url.protocol}//${url.host.toLowerCase()}` : url.origin',
			"url.origin",
		],
		"src/storage/service-secrets.test.ts",
	]),
];
