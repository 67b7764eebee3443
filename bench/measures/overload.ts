// Half as much again as can be kept up: what still arrives, as a share of the sustained rate, and what the rest is told.

import { figure, type Goal, type Measure, type Outcome } from "../measure.ts";
import { plain, told } from "../report.ts";
import type { Stand } from "../stand.ts";
import { openWay, type Passage, type Way } from "../way.ts";
import { sustainedRate } from "./sustained.ts";

const factor = 1.5;
const connections = 1000; // Providers open as many as they need; 64 would throttle the overload themselves.

export const overload: Measure = {
	name: "overload",
	run: async (stand) => [...(await overloaded(stand, "in")), ...(await overloaded(stand, "out"))],
};

async function overloaded(stand: Stand, name: Way["name"]): Promise<readonly Outcome[]> {
	const way = await openWay(stand, name, await stand.parley());
	const sustained = stand.sustained.get(name) ?? (await sustainedRate(stand, way)).perSecond;
	const seconds = stand.options.seconds ?? (stand.options.long ? 60 : 12);
	const passages: Passage[] = [];
	for (let run = 0; run < (stand.options.runs ?? 1) && sustained > 0; run++) {
		passages.push(await way.offer(factor * sustained, seconds, connections));
	}
	await way.close();
	const title = `${name === "in" ? "inbound" : "outbound"} at ${factor} × the sustained rate`;
	const last = passages.at(-1);
	if (last === undefined) {
		return [{ title, reason: "no rate is sustained" }];
	}
	const made = `${plain(last.arrived)}/s of ${plain(sustained)}/s; taken ${told(last.result)}`;
	return [
		figure(
			{ ...goodput, title: `${title}: what arrives` },
			passages.map(({ arrived }) => arrived / sustained),
			made,
		),
		figure({ ...manners, title: `${title}: share of the rest told when to come again` }, passages.map(politeness), ""),
	];
}

const goodput: Omit<Goal, "title"> = { unit: "", floor: 0.8, aim: 0.9, better: "higher" };
const manners: Omit<Goal, "title"> = { unit: "", floor: 0.99, aim: 1, better: "higher" };

/** Of what was not taken: 503 with Retry-After. A broken connection, silence and any other status are none. */
function politeness({ result }: Passage): number {
	const { statuses, rude, unanswered } = result;
	const refused = Object.entries(statuses).filter(([status]) => !status.startsWith("2"));
	const all = refused.reduce((sum, [, count]) => sum + count, 0) + unanswered;
	return all === 0 ? 1 : ((statuses[503] ?? 0) - rude) / all;
}
