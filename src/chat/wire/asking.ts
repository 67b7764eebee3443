// One request, by a frame or by HTTP, from the caller to the tree and back: what is in the way of it, and what is said
// when the tree takes too long or fails.

import { type Clock, sleep } from "#platform/clock.ts";
import { describeError, type Log } from "#platform/log.ts";
import { Problem } from "#platform/problems.ts";
import { storageTrouble } from "#storage/trouble.ts";
import type { Answer, Asked, Status } from "../resource.ts";
import { fault } from "./frames.ts";
import type { Quotas } from "./quotas.ts";

export type AskDeps = {
	answer(asked: Asked): Promise<Answer>;
	quotas: Pick<Quotas, "refusalOf">;
	clock: Clock;
	log: Log;
	answerMs: number;
};

export type Ask = (asked: Asked) => Promise<Answer>;

export function openAsk(deps: AskDeps): Ask {
	return (asked) => {
		const refusal = deps.quotas.refusalOf(asked);
		return refusal === undefined ? inTime(deps, () => deps.answer(asked), tooLate) : Promise.resolve(refusal);
	};
}

const tooLate = fault(408, "timeout", "The answer takes too long; whether it was done is not known.");

/** The work's own answer, or what is said in its place. A failure is logged here and told as no more than that. */
export async function inTime<Result>(
	{ clock, log, answerMs }: Pick<AskDeps, "clock" | "log" | "answerMs">,
	work: () => Promise<Result>,
	late: Result | Answer,
): Promise<Result | Answer> {
	const done = new AbortController();
	const waited = sleep(clock, answerMs, done.signal).then(() => late);
	try {
		return await Promise.race([work(), waited]);
	} catch (error) {
		return failureOf(error, log);
	} finally {
		done.abort();
	}
}

const told = new Set<number>([400, 403, 404, 405, 408, 413, 429, 503]);

function failureOf(error: unknown, log: Log): Answer {
	if (error instanceof Problem && told.has(error.status)) {
		return fault(error.status as Status, error.code, error.message);
	}
	const trouble = storageTrouble(error);
	if (trouble === "full" || trouble === "unavailable") {
		return fault(503, "unavailable", "It cannot be stored at the moment; try again in some seconds.");
	}
	log.error("A request of the real-time protocol failed.", {
		server: "Chat Server",
		event: "request.failed",
		error: describeError(error),
	});
	return fault(500, "internal", "Something went wrong on our side; the log has the cause.");
}
