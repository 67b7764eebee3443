// What SAP's messaging services share (`sap365` in JSON, `social365`): the answer to a send, and times as they write them.
// {"livelinkOrderIds":[{"destination":["+447700900123"],"livelinkOrderId":["1234567890"]}]} · {"apiErrorCode":1001,…}

import type { RemoteId } from "#domain/ids.ts";
import { asArray, asObject, asText, readJson } from "./http.ts";

/** The order ids in the answer to a send; none when it has none. */
export function orderIdsIn(body: Uint8Array): readonly RemoteId[] {
	return asArray(asObject(readJson(body))?.["livelinkOrderIds"])
		.flatMap((order) => asArray(asObject(order)?.["livelinkOrderId"]))
		.filter((id) => asText(id) !== undefined)
		.map((id) => id as RemoteId);
}

/** The number of an error, the one thing in it that repeats no text. */
export function apiErrorIn(body: Uint8Array): string | undefined {
	const code = asObject(readJson(body))?.["apiErrorCode"];
	return Number.isSafeInteger(code) ? String(code) : undefined;
}

const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

/**
 * `Mon, 20 Oct 2008`, `2017-04-22` or `31-12-2026`, and `03:15:33`, without a zone; undefined when one of them is no such
 * thing. They are taken for UTC, which the READMEs name as a proposal.
 */
export function timeOf(date: string | undefined, time: string | undefined): Date | undefined {
	const day = dayOf(date?.trim() ?? "");
	const [clock] = /^\d\d:\d\d:\d\d(?=$|\.\d{1,9}$)/.exec(time?.trim() ?? "") ?? [];
	const at = new Date(day === undefined || clock === undefined ? Number.NaN : `${day}T${clock}Z`);
	// A day that its month does not have would become one of the next month.
	return Number.isNaN(at.getTime()) || !at.toISOString().startsWith(day ?? "?") ? undefined : at;
}

function dayOf(date: string): string | undefined {
	const [, d1 = "", month = "", y1 = ""] = /^(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Za-z]{3}) (\d{4})$/.exec(date) ?? [];
	const index = months.indexOf(month.toLowerCase());
	if (index !== -1) {
		return `${y1}-${String(index + 1).padStart(2, "0")}-${d1.padStart(2, "0")}`;
	}
	const [, d2 = "", m2 = "", y2 = ""] = /^(\d\d)-(\d\d)-(\d{4})$/.exec(date) ?? [];
	return y2 === "" ? (/^\d{4}-\d\d-\d\d$/.test(date) ? date : undefined) : `${y2}-${m2}-${d2}`;
}
