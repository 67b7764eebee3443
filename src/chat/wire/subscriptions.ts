// The subscriptions of one connection: which of them a change is told under. Each transaction is told once, under the
// oldest subscription that covers it, and not at all if that one's snapshot has it already. What follows an agent by a
// supervisor's session ends with it.

import type { Change, Position, Transaction } from "../resource.ts";
import { covers } from "./uris.ts";

export type Subscription = {
	id: string;
	uri: string;
	/** Of its latest snapshot. */
	since: Position;
};

export type Subscriptions = {
	at(uri: string): Subscription | undefined;
	count(): number;
	add(subscription: Subscription): void;
	/** By its id or by what it is for; false: there is none. */
	remove(wanted: { id: string } | { uri: string }): boolean;
	/** What of a change is to be told, by subscription, oldest first. */
	of(change: Change): { subscription: Subscription; transactions: Transaction[] }[];
};

export function openSubscriptions(): Subscriptions {
	const oldestFirst: Subscription[] = [];
	function remove(fits: (one: Subscription) => boolean): boolean {
		const index = oldestFirst.findIndex(fits);
		return index >= 0 && oldestFirst.splice(index, 1).length === 1;
	}
	return {
		at: (uri) => oldestFirst.find((one) => one.uri === uri),
		count: () => oldestFirst.length,
		add: (subscription) => void oldestFirst.push(subscription),
		remove: (wanted) => remove((one) => ("id" in wanted ? one.id === wanted.id : one.uri === wanted.uri)),
		of({ position, transactions }) {
			const told = oldestFirst.map((subscription) => ({ subscription, transactions: [] as Transaction[] }));
			for (const transaction of transactions) {
				const found = told.find(({ subscription }) => covers(subscription.uri, transaction.uri));
				const ended = isEnd(transaction)
					? told.filter(({ subscription }) => covers(transaction.uri, subscription.uri))
					: [];
				const hearing = (found === undefined ? ended : [found]).filter(
					({ subscription }) => position > subscription.since,
				);
				hearing.forEach((one) => one.transactions.push(transaction));
				ended.forEach(({ subscription }) => remove((one) => one === subscription));
			}
			return told.filter((one) => one.transactions.length > 0);
		},
	};
}

/** Other things come back under their old uri: a chat, for example, to who rejected it. */
function isEnd({ method, uri }: Transaction): boolean {
	return method === "DELETE" && supervisorSession.test(uri);
}

const supervisorSession = /^\/users\/me\/supervisor_sessions\/[^/]+$/;
