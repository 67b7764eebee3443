// How many messages per second go the whole way for as long as one likes: taken at the rate offered, arriving at the rate
// taken, and nobody waits for long.

import { figure, type Goal, type Measure, type Outcome } from "../measure.ts";
import { plain } from "../report.ts";
import type { Stand } from "../stand.ts";
import { findHighest } from "../sustain.ts";
import { openWay, type Passage, type Way } from "../way.ts";

const goals = {
	in: { title: "inbound → matched and visible, sustained", unit: "/s", floor: 5000, aim: 7000, better: "higher" },
	out: {
		title: "outbound accepted → provider answered, sustained",
		unit: "/s",
		floor: 5000,
		aim: 7000,
		better: "higher",
	},
} satisfies Record<string, Goal>;

export const sustainedInbound: Measure = { name: "sustained-inbound", run: (stand) => measure(stand, "in") };
export const sustainedOutbound: Measure = { name: "sustained-outbound", run: (stand) => measure(stand, "out") };

async function measure(stand: Stand, name: Way["name"]): Promise<readonly Outcome[]> {
	const way = await openWay(stand, name, await stand.parley());
	const runs = stand.options.runs ?? (stand.options.long ? 3 : 1);
	const found: { perSecond: number; passage: Passage | undefined }[] = [];
	for (let run = 0; run < runs; run++) {
		found.push(await sustainedRate(stand, way));
	}
	await way.close();
	const last = found.at(-1)?.passage;
	const made = last === undefined ? "nothing was sustained" : `p99 of the acknowledgement ${plain(last.result.p99)} ms`;
	return [
		figure(
			goals[name],
			found.map(({ perSecond }) => perSecond),
			made,
		),
	];
}

const shareKept = 0.97; // Of the rate offered: taken, and arriving.
const waitMs = 250; // p99 of the acknowledgement; a rate at which people wait is not kept up.
const precision = 0.04;

export async function sustainedRate(
	stand: Stand,
	way: Way,
): Promise<{ perSecond: number; passage: Passage | undefined }> {
	const seconds = stand.options.seconds ?? (stand.options.long ? 60 : 15);
	const lookSeconds = Math.max(2, Math.round(seconds / 3));
	const peak = await way.offer(undefined, Math.min(3, lookSeconds));
	const found = await findHighest({
		highest: peak.taken,
		precision,
		look: async (perSecond) => judged(await way.offer(perSecond, lookSeconds)),
		confirm: async (perSecond) => judged(await way.offer(perSecond, seconds)),
	});
	const passage = found?.confirmed.passage;
	// More may arrive than was taken where a backlog from before shrinks; that is nobody's rate.
	const perSecond = passage === undefined ? 0 : Math.min(passage.offered, passage.taken, passage.arrived);
	stand.sustained.set(way.name, perSecond);
	return { perSecond, passage };
}

function judged(passage: Passage): { holds: boolean; passage: Passage } {
	const { offered, taken, arrived, grew, result } = passage;
	const isTaken = taken >= shareKept * offered;
	const isArriving = arrived >= shareKept * offered && grew <= (1 - shareKept) * offered * result.seconds;
	return { holds: isTaken && isArriving && result.p99 <= waitMs, passage };
}
