// An answer of either interface as an outcome. Nothing that the provider says is quoted but a code: it may repeat a text.

import type { RemoteId } from "#domain/ids.ts";
import type { HttpAnswer, Outcome } from "../contract.ts";
import { outcomeOfSilence, retryAfter } from "../kit/http.ts";
import { pushCodes, sendRule } from "./codes.ts";

export type Reading = {
	/** Who answered, to begin a sentence with. */
	name: string;
	ids(body: Uint8Array): readonly RemoteId[];
	code(body: Uint8Array): string | undefined;
};

export function outcomeOf(answer: HttpAnswer, now: Date, { name, ids, code }: Reading): Outcome {
	if (answer.kind !== "answered") {
		return outcomeOfSilence(answer);
	}
	const { status, headers, body } = answer;
	if (status >= 200 && status <= 299) {
		const [first, ...others] = [...new Set(ids(body))];
		return first === undefined
			? { kind: "unknown", code: "protocol", detail: `${name} answered ${status}, but without the id of an order.` }
			: { kind: "accepted", remoteIds: [first, ...others] };
	}
	const told = code(body);
	const rule = sendRule(status, told);
	const number = told === undefined || !isTelling(told) ? "" : ` (${told})`;
	const detail = `${name} answered ${status}: ${rule.meaning}${number}.`;
	if (rule.kind === "rejected") {
		return { kind: "rejected", code: rule.fault, detail, ...(rule.closesService ? { closesService: true } : {}) };
	}
	const notBefore = rule.kind === "retry" ? retryAfter(headers, now) : undefined;
	return { kind: rule.kind, code: rule.fault, detail, ...(notBefore === undefined ? {} : { notBefore }) };
}

/** A number of the API, or a code that we know: four letters of a page may be anything. */
function isTelling(code: string): boolean {
	return pushCodes.has(code) || /^\d{1,10}$/.test(code);
}
