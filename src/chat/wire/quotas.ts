// How much each visitor may ask for, whatever they ask by: anybody in the world can be one. Agents are known and few; only
// the rate of a connection bounds them.

import type { Clock } from "#platform/clock.ts";
import { countedWithin } from "#platform/counted-within.ts";
import { Problem } from "#platform/problems.ts";
import type { Answer, Asked, Caller } from "../resource.ts";
import { fault } from "./frames.ts";
import type { WireLimits } from "./limits.ts";

export type Quotas = {
	/** Counts one more request or subscription; false: there were too many lately. */
	mayAsk(caller: Pick<Caller, "kind" | "userId">): boolean;
	/** Counts one more socket; false: there were too many lately. */
	mayConnect(caller: Pick<Caller, "kind" | "userId">): boolean;
	/** Counts what is asked; the fault of who asked too much of it lately. */
	refusalOf(asked: Asked): Answer | undefined;
};

export function openQuotas(clock: Clock, { visitor }: Pick<WireLimits, "visitor">): Quotas {
	const counting = (of: keyof WireLimits["visitor"]) => countedWithin(clock, visitor[of].times, visitor[of].withinMs);
	const asks = counting("requests");
	const connects = counting("sockets");
	const counts = { messages: counting("messages"), signs: counting("signs") };
	return {
		mayAsk: ({ kind, userId }) => kind === "agent" || asks(userId),
		mayConnect: ({ kind, userId }) => kind === "agent" || connects(userId),
		refusalOf(asked) {
			const kind = asked.caller.kind === "agent" ? undefined : kindOf(asked);
			return kind === undefined || counts[kind](asked.caller.userId) ? undefined : refusals[kind];
		},
	};
}

export const tooManyRequests = fault(429, "too_many_requests", "Too many requests; wait some seconds.");

/** The same for plain HTTP. */
export function demandQuota(isAllowed: boolean): void {
	if (!isAllowed) {
		throw new Problem("too_many_requests", "Too many requests; wait some seconds.", undefined, {
			headers: { "retry-after": "10" },
		});
	}
}

const refusals = {
	messages: fault(429, "too_many_messages", "Too many messages; wait some seconds."),
	signs: fault(429, "too_many_signs", "Too many signs of typing; wait some seconds."),
} as const;

function kindOf({ method, path }: Asked): keyof typeof refusals | undefined {
	const [collection, , ...below] = path;
	if (collection !== "interactions") {
		return undefined;
	}
	if (method === "PUT" && below[0] === "participants") {
		return "signs";
	}
	// A file that is announced, and one that is shown again, become lines.
	const isLine = method === "POST" && ["transcript/messages", "attachments"].includes(below.join("/"));
	return isLine ? "messages" : undefined;
}
