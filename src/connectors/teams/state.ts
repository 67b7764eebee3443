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

/**
 * `seen`: whatever is not newer was told, and no more will show. `told`: so was the newest, which is so fresh that something
 * older than it may show late. `cuts`: there is more that was not, and where reading broke off on its way back to
 * `seen`, newest first; what lies before the last of them comes next.
 */
export type Progress = { seen: string; told?: string; cuts?: readonly string[] };

/**
 * On the way through all chats, newest first: the newest message of all as it began, the page to go on with, and how far down
 * it goes. `top`: the newest message as this turn of it began.
 */
export type Walk = { newest: string; top: string; until: string; page?: string };

export type TeamsState = {
	keys: readonly JwtKey[];
	/** When they were fetched. */
	keysAt: string | undefined;
	/** Object id of the technical user, whose own messages come back as notifications. */
	userId: string | undefined;
	subscriptions: readonly Subscription[];
	/** Resources to which a subscription was refused, the one that waits longest first. */
	refused: readonly string[];
	/** What is not newer was told in every chat that is not among `chats`, or was there before the service. */
	since: string | undefined;
	chats: Readonly<Record<string, Progress>>;
	walk: Walk | undefined;
};

export function stateOf(kept: UpkeepState | undefined): TeamsState {
	const state = kept ?? {};
	return {
		keys: asArray(state["keys"]).flatMap((key) => readKey(key) ?? []),
		keysAt: timeIn(state["keysAt"]),
		userId: asText(state["userId"]),
		subscriptions: asArray(state["subscriptions"]).flatMap((value) => subscriptionIn(value) ?? []),
		refused: asArray(state["refused"]).filter((resource) => typeof resource === "string"),
		since: timeIn(state["since"]),
		chats: progressIn(state["chats"]),
		walk: walkIn(state["walk"]),
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
		const told = timeIn(progress?.["told"]);
		const cuts = progress?.["cuts"];
		if (seen === undefined) {
			return [];
		}
		const ofCuts = cuts === undefined ? {} : { cuts: asArray(cuts).flatMap((cut) => timeIn(cut) ?? []) };
		return [[chat, { seen, ...(told === undefined ? {} : { told }), ...ofCuts }]];
	});
	return Object.fromEntries(entries);
}

function walkIn(value: unknown): Walk | undefined {
	const fields = asObject(value);
	const [newest, top, until] = ["newest", "top", "until"].map((name) => timeIn(fields?.[name]));
	const page = asText(fields?.["page"]);
	return newest === undefined || top === undefined || until === undefined
		? undefined
		: { newest, top, until, ...(page === undefined ? {} : { page }) };
}

const chatsMax = 500; // At about 200 bytes each they stay well below what the gateway keeps.

/** As it is stored: no key without a value, and no more chats than fit. One that is left out is read once more, no worse. */
export function toKept({ keys, keysAt, userId, subscriptions, refused, since, chats, walk }: TeamsState): UpkeepState {
	const all = Object.entries(chats);
	const owed = all.filter(([, { cuts }]) => cuts !== undefined);
	const told = all
		.filter(([, { cuts }]) => cuts === undefined)
		.toSorted(([, one], [, other]) => other.seen.localeCompare(one.seen));
	return {
		keys,
		subscriptions,
		chats: Object.fromEntries([...owed, ...told.slice(0, Math.max(0, chatsMax - owed.length))]),
		...(keysAt === undefined ? {} : { keysAt }),
		...(userId === undefined ? {} : { userId }),
		...(refused.length === 0 ? {} : { refused }),
		...(since === undefined ? {} : { since }),
		...(walk === undefined ? {} : { walk }),
	};
}
