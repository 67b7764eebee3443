// What one connection is told: snapshots of what it subscribes to, and every change after them. Listening to the feed
// begins before the first snapshot; what is heard while a request is being answered waits until it is.

import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import type { Log } from "#platform/log.ts";
import type { Answer, Caller, Change, Feed, Position, Snapshot, Transaction, Tree } from "../resource.ts";
import { inTime } from "./asking.ts";
import { type GoodFrame, fault, notificationTexts, responseText } from "./frames.ts";
import type { WireLimits } from "./limits.ts";
import { type Subscription, openSubscriptions } from "./subscriptions.ts";
import { uriOf } from "./uris.ts";

export type ConnectedCaller = Caller & { terminalId: string };

export type TellerDeps = {
	tree: Tree;
	feed: Feed;
	ids: Ids;
	clock: Clock;
	log: Log;
	limits: Pick<WireLimits, "subscriptionsMax" | "answerMs">;
};

export type Outlet = { caller: ConnectedCaller; send(text: string): void; overload(): void };

const heldTransactionsMax = 10_000;

/** Changes between `hold` and `release` wait, so that a response goes before what its request caused. */
export class Teller {
	readonly #deps: TellerDeps;
	readonly #outlet: Outlet;
	readonly #subscriptions = openSubscriptions();
	readonly #held = holdingChanges();
	#isHolding = false;
	#stopListening: (() => void) | undefined;

	constructor(deps: TellerDeps, outlet: Outlet) {
		this.#deps = deps;
		this.#outlet = outlet;
	}

	hold(): void {
		this.#isHolding = true;
	}

	release(): void {
		this.#isHolding = false;
		this.#tellHeld(Number.POSITIVE_INFINITY);
	}

	async subscribe(frame: GoodFrame): Promise<void> {
		const { asking, target } = frame;
		const known = this.#subscriptions.at(uriOf(target.steps));
		if (known === undefined && this.#subscriptions.count() >= this.#deps.limits.subscriptionsMax) {
			this.#outlet.send(responseText(asking, tooMany));
			return;
		}
		this.#stopListening ??= this.#deps.feed.listen(
			this.#outlet.caller.userId,
			(change) => this.#hear(change),
			() => this.#outlet.overload(),
		);
		const found = await snapshotOf(this.#deps, this.#outlet.caller, target.steps);
		if (found.ok) {
			this.#begin(frame, known, found.snapshot);
		} else {
			this.#outlet.send(responseText(asking, found.answer));
		}
	}

	unsubscribe({ asking, target }: GoodFrame): void {
		const [first, id = ""] = target.steps;
		const isById = first === "subscriptions" && target.steps.length === 2;
		const isGone = this.#subscriptions.remove(isById ? { id } : { uri: uriOf(target.steps) });
		this.#outlet.send(responseText(asking, isGone ? { status: 200 } : unknown));
	}

	end(): void {
		this.#stopListening?.();
		this.#stopListening = () => undefined; // A subscription under way does not begin to listen again.
		this.#held.take(Number.POSITIVE_INFINITY);
	}

	#begin({ asking, target }: GoodFrame, known: Subscription | undefined, snapshot: Snapshot): void {
		const { position: since, value } = snapshot;
		const uri = uriOf(target.steps);
		const id = known?.id ?? this.#deps.ids.next<string>();
		const texts = notificationTexts("POST", id, [{ method: "POST", uri, subscribed_resource: value }]);
		if (texts === undefined) {
			this.#outlet.send(responseText(asking, tooLarge));
			return;
		}
		this.#outlet.send(responseText(asking, { status: 200, body: { subscription_id: id } }));
		this.#tellHeld(since); // What waits for older subscriptions is older than this snapshot.
		if (known === undefined) {
			this.#subscriptions.add({ id, uri, since });
		} else {
			known.since = since;
		}
		texts.forEach((text) => this.#outlet.send(text));
	}

	#hear(change: Change): void {
		this.#held.add(change);
		if (this.#held.count() > heldTransactionsMax) {
			this.#outlet.overload();
		} else if (!this.#isHolding) {
			this.#tellHeld(Number.POSITIVE_INFINITY);
		}
	}

	#tellHeld(upTo: Position): void {
		for (const change of this.#held.take(upTo)) {
			for (const { subscription, transactions } of this.#subscriptions.of(change)) {
				this.#tell(subscription, transactions);
			}
		}
	}

	#tell({ id }: Subscription, transactions: readonly Transaction[]): void {
		const texts = notificationTexts("PUT", id, transactions);
		if (texts === undefined) {
			const fields = { server: "Chat Server", userId: this.#outlet.caller.userId } as const;
			this.#deps.log.error("A change fits into no frame.", fields);
			this.#outlet.overload();
		}
		texts?.forEach((text) => this.#outlet.send(text));
	}
}

const tooMany = fault(429, "too_many_subscriptions", "This connection has too many subscriptions.");
const unknown = fault(404, "unknown_subscription", "This connection has no such subscription.");
const tooLarge = fault(413, "too_large", "This is too large for a frame; subscribe to a part of it.");
const late = fault(408, "timeout", "The answer takes too long; subscribe again.");

type Held = { add(change: Change): void; count(): number; take(upTo: Position): Change[] };

/** Changes in commit order; `count` is of transactions. */
function holdingChanges(): Held {
	let changes: Change[] = [];
	let count = 0;
	return {
		add(change) {
			changes.push(change);
			count += change.transactions.length;
		},
		count: () => count,
		take(upTo) {
			const later = changes.findIndex(({ position }) => position > upTo);
			const end = later < 0 ? changes.length : later;
			const taken = changes.slice(0, end);
			changes = changes.slice(end);
			count = changes.reduce((sum, { transactions }) => sum + transactions.length, 0);
			return taken;
		},
	};
}

async function snapshotOf(
	{ tree, clock, log, limits }: TellerDeps,
	caller: ConnectedCaller,
	steps: readonly string[],
): Promise<{ ok: true; snapshot: Snapshot } | { ok: false; answer: Answer }> {
	const bounds = { clock, log, answerMs: limits.answerMs };
	const found = await inTime(bounds, () => tree.snapshot(caller, steps), late);
	return "ok" in found ? found : { ok: false, answer: found };
}
