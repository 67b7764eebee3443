// The header that says when a used-up rate limit comes back:
// X-Business-Use-Case-Usage: {"<business id>":[{"type":"messenger","estimated_time_to_regain_access":19}]} (minutes).

import { asArray, asObject, readJson } from "../kit/http.ts";

const minuteMs = 60_000;
const waitMaxMs = 3_600_000; // One hour: asked again then, as with Retry-After.

/** The latest time any of the limits names; undefined when none does. */
export function regainAt(headers: Headers, now: Date): Date | undefined {
	const minutes = Object.values(asObject(readHeader(headers)) ?? {})
		.flatMap(asArray)
		.map((limit) => asObject(limit)?.["estimated_time_to_regain_access"])
		.filter((value): value is number => typeof value === "number" && value > 0);
	return minutes.length === 0
		? undefined
		: new Date(now.getTime() + Math.min(Math.max(...minutes) * minuteMs, waitMaxMs));
}

function readHeader(headers: Headers): unknown {
	return readJson(Buffer.from(headers.get("x-business-use-case-usage") ?? "", "utf8"));
}
