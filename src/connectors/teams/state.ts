// What a service of this type keeps between rounds of upkeep: the provider's public keys, our subscriptions, and how far
// each chat was read. Read with care, because a row of a database is older than the code that reads it.

import type { UpkeepState } from "../contract.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { type JwtKey, readKey } from "../kit/jwt.ts";

export type Subscription = {
	id: string;
	resource: string;
	expiresAt: string;
	/** Tells whether it was made for the address, the clientState and the certificate that are entered now. */
	mark: string;
};

/** `seen`: the time of the newest message that was read; `gap`: what is older and was not, for want of requests. */
export type Progress = { seen: string; gap?: { after: string; before: string } };

export type TeamsState = {
	keys: readonly JwtKey[];
	/** When they were fetched. */
	keysAt: string | undefined;
	/** Object id of the technical user, whose own messages come back as notifications. */
	userId: string | undefined;
	subscriptions: readonly Subscription[];
	/** Chats of which nothing is known were read up to here. */
	since: string | undefined;
	chats: Readonly<Record<string, Progress>>;
};

export function stateOf(kept: UpkeepState | undefined): TeamsState {
	const state = kept ?? {};
	return {
		keys: asArray(state["keys"]).flatMap((key) => readKey(key) ?? []),
		keysAt: timeIn(state["keysAt"]),
		userId: asText(state["userId"]),
		subscriptions: asArray(state["subscriptions"]).flatMap((value) => subscriptionIn(value) ?? []),
		since: timeIn(state["since"]),
		chats: progressIn(state["chats"]),
	};
}

function timeIn(value: unknown): string | undefined {
	const text = asText(value);
	return text === undefined || Number.isNaN(Date.parse(text)) ? undefined : new Date(text).toISOString();
}

function subscriptionIn(value: unknown): Subscription | undefined {
	const fields = asObject(value);
	const [id, resource, mark] = ["id", "resource", "mark"].map((name) => asText(fields?.[name]));
	const expiresAt = timeIn(fields?.["expiresAt"]);
	return id === undefined || resource === undefined || expiresAt === undefined
		? undefined
		: { id, resource, expiresAt, mark: mark ?? "" };
}

function progressIn(value: unknown): TeamsState["chats"] {
	const entries = Object.entries(asObject(value) ?? {}).flatMap(([chat, fields]): [string, Progress][] => {
		const progress = asObject(fields);
		const seen = timeIn(progress?.["seen"]);
		const gap = asObject(progress?.["gap"]);
		const [after, before] = [timeIn(gap?.["after"]), timeIn(gap?.["before"])];
		if (seen === undefined) {
			return [];
		}
		return [[chat, after === undefined || before === undefined ? { seen } : { seen, gap: { after, before } }]];
	});
	return Object.fromEntries(entries);
}

const chatsMax = 800; // At about 150 bytes each they stay well below what the gateway keeps.

/** As it is stored: no key without a value, and no more chats than fit. */
export function toKept({ keys, keysAt, userId, subscriptions, since, chats }: TeamsState): UpkeepState {
	const newestFirst = Object.entries(chats).toSorted(([, one], [, other]) => other.seen.localeCompare(one.seen));
	const left = newestFirst.slice(chatsMax).map(([, { seen }]) => seen);
	// What is left out was read up to there, so that is how far an unknown chat was read.
	const [latest] = [...left, ...(since === undefined ? [] : [since])].toSorted((one, other) =>
		other.localeCompare(one),
	);
	return {
		keys,
		subscriptions,
		chats: Object.fromEntries(newestFirst.slice(0, chatsMax)),
		...(keysAt === undefined ? {} : { keysAt }),
		...(userId === undefined ? {} : { userId }),
		...(latest === undefined ? {} : { since: latest }),
	};
}
