// What a connector makes of what happens on a line. The rule is that of HTTP: `retry` only when the provider certainly took
// nothing, `rejected` only when it never will, `unknown` for everything between. Each row is one send over one line.

import type { FaultCode } from "#domain/faults.ts";
import type { Outcome } from "#connectors/contract.ts";
import { type LineSending, type LineStand, type LineTrial, onLineStand } from "./line-stand.ts";
import { longestTexts, textsPass, untoldDetail } from "./sending.ts";
import { confidentialText } from "./stand.ts";
import { type Findings, secretsOf, type Subject } from "./subject.ts";

export type LineRow = {
	name: string;
	trial: LineTrial;
	kinds: readonly Outcome["kind"][];
	code?: FaultCode;
	/** Whether the provider has the message then. */
	taken: boolean;
};

const answer = (status: number): LineTrial => ({ treatment: { kind: "answer", status } });

export const lineTable: readonly LineRow[] = [
	{ name: "taken", trial: {}, kinds: ["accepted"], taken: true },
	{ name: "throttled", trial: answer(429), kinds: ["retry"], code: "throttled", taken: false },
	{ name: "refused for good", trial: answer(400), kinds: ["rejected"], taken: false },
	{ name: "an error within", trial: answer(500), kinds: ["retry", "unknown"], code: "unreachable", taken: false },
	{ name: "cut before it was read", trial: { treatment: { kind: "resetBefore" } }, kinds: ["unknown"], taken: false },
	{ name: "cut after it was taken", trial: { treatment: { kind: "resetAfter" } }, kinds: ["unknown"], taken: true },
	{ name: "no frame comes back", trial: { treatment: { kind: "garbage" } }, kinds: ["unknown"], taken: true },
	{
		name: "nothing comes back",
		trial: { treatment: { kind: "stall", delayMs: 600_000 }, silent: true },
		kinds: ["unknown"],
		taken: true,
	},
	{ name: "a stranger's greeting", trial: { stranger: true }, kinds: ["retry"], taken: false },
	{ name: "nobody there", trial: { unreachable: true }, kinds: ["retry"], code: "unreachable", taken: false },
];

export function lineAnswersAreUnderstood(subject: Subject, rows = lineTable): Promise<Findings> {
	return onLineStand(subject, async (stand) => {
		const findings: string[] = [];
		for (const row of rows) {
			const before = stand.simulator.taken.length;
			const sending = await stand.try(row.trial);
			const found = [...judged(row, sending, stand.simulator.taken.slice(before)), ...decent(sending)];
			findings.push(...found.map((finding) => `${row.name}: ${finding}`));
		}
		return [...findings, ...strangers(stand)];
	});
}

/** Only the stranger is one. */
function strangers({ simulator }: LineStand): Findings {
	return simulator.refusals.slice(1).map(({ reason }) => `refused: ${reason}`);
}

function judged(
	{ name, kinds, code, taken: isTaken }: LineRow,
	{ outcome, greeted }: LineSending,
	taken: LineStand["simulator"]["taken"],
): Findings {
	const detail = "detail" in outcome ? ` (${outcome.detail})` : "";
	const isKind = outcome.kind !== "thrown" && kinds.includes(outcome.kind);
	const given = "code" in outcome ? outcome.code : undefined;
	const ids: readonly string[] = outcome.kind === "accepted" ? outcome.remoteIds : [];
	return [
		...(isKind ? [] : [`the outcome is ${outcome.kind}${detail}, expected is ${kinds.join(" or ")}`]),
		...(code === undefined || given === code ? [] : [`code is ${String(given)}, expected is ${code}`]),
		...(taken.length === (isTaken ? 1 : 0) ? [] : [`the provider took ${taken.length}`]),
		...(outcome.kind !== "accepted" || ids[0] === taken[0]?.remoteId ? [] : [`the id is ${ids.join()}`]),
		...(name !== "a stranger's greeting" || (!greeted.ok && greeted.code === "credentials")
			? []
			: [`a stranger's greeting is ${greeted.ok ? "ok" : String(greeted.code)}`]),
	];
}

/** No secret and no text where people read, and a detail that is a sentence. */
function decent({ outcome, greeted, exchange, service }: LineSending): Findings {
	const told = JSON.stringify([outcome, greeted, exchange]);
	return [
		...(secretsOf(service.stored).some((secret) => told.includes(secret)) ? ["a secret is told"] : []),
		...(told.includes(confidentialText) ? ["the message is told"] : []),
		...("detail" in outcome && outcome.kind !== "thrown" ? untoldDetail(outcome) : []),
		...(exchange.length === 1 || outcome.kind === "thrown" ? [] : [`the trace has ${exchange.length} exchanges`]),
	];
}

export function longestTextPassesLine(subject: Subject): Promise<Findings> {
	const { max, alone = max } = subject.connector.capabilities.text;
	return onLineStand(subject, (stand) => textsPass(stand, longestTexts(subject, alone)));
}
