// Which place in its queue each waiting visitor has. On each node it is counted for all at once while somebody listens,
// kept for whoever asks, and told where it is another one than before. Counts are moments apart: a place that was counted
// is the chat's place only while its status is `queued`.

import { exactMax } from "#domain/queue-places.ts";
import type { Clock } from "#platform/clock.ts";
import type { Log } from "#platform/log.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { placesOfVisitors } from "#storage/chat-waiting.ts";
import type { Storage } from "#storage/storage.ts";
import { openCounting } from "./counting.ts";
import type { OpenFeed } from "./feed.ts";
import type { QueuePlaceOf } from "./views.ts";

export type Places = {
	/** As counted last; nobody who listens was told anything else. */
	of: QueuePlaceOf;
	/** Resolves when that is a few seconds old at most. */
	counted(): Promise<void>;
};

export type Placed = { visitorId: string; place: number };
/** By chat. */
type PlacesOfAll = ReadonlyMap<string, Placed>;

type PlacesDeps = { storage: Storage; clock: Clock; log: Log; feed: Pick<OpenFeed, "say" | "listening"> };

const roundMs = 3000; // Nobody is told more often. Of 10,000 who wait a count takes 13 to 35 ms (measured, both databases).
const graceMs = 2000; // While somebody listens the next count may be a little late.

export function startPlaces({ storage, clock, log, feed }: PlacesDeps): Places & RunningWorker {
	// Whoever asked for it, all who listen are told.
	const counting = openCounting(clock, count, (next, before = new Map()) => changedPlaces(before, next).forEach(tell));

	async function count(): Promise<PlacesOfAll> {
		const found = await placesOfVisitors(storage.db);
		return new Map(
			found.map(({ chatId, visitorId, place }) => [chatId, { visitorId, place: Math.min(place, exactMax + 1) }]),
		);
	}

	function tell({ chatId, visitorId, place }: ChangedPlace): void {
		const uri = `/users/me/interactions/${chatId}/queue_position`;
		feed.say(visitorId, [{ method: "PUT", uri, subscribed_resource: place }]);
	}

	async function round(): Promise<boolean> {
		// Nobody looks: nothing is counted.
		if (feed.listening().length > 0) {
			await counting.anew();
		}
		return false;
	}

	const worker = startWorker(
		{ name: "Queue places", pollMs: roundMs, round, listen: () => () => undefined },
		{ clock, log },
	);
	return {
		of: (chatId) => counting.latest()?.get(chatId)?.place ?? null,
		async counted() {
			await counting.within(roundMs + graceMs);
		},
		stop: () => worker.stop(),
	};
}

export type ChangedPlace = { chatId: string; visitorId: string; place: number | null };

/** Those with another place than before, and those that have none any more. */
export function changedPlaces(before: PlacesOfAll, after: PlacesOfAll): readonly ChangedPlace[] {
	const left = [...before].filter(([chatId]) => !after.has(chatId));
	const moved = [...after].filter(([chatId, { place }]) => before.get(chatId)?.place !== place);
	return [
		...left.map(([chatId, { visitorId }]) => ({ chatId, visitorId, place: null })),
		...moved.map(([chatId, placed]) => ({ chatId, ...placed })),
	];
}
