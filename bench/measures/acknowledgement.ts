// How long a provider waits for its 2xx at a steady rate, with every server at work. Times count from when a request was
// due, so a stall is counted for everybody who would have come meanwhile.

import { figure, type Measure } from "../measure.ts";
import { plain, told } from "../report.ts";
import { planFor } from "../stand.ts";

const perSecond = 2000;

export const acknowledgement: Measure = {
	name: "acknowledgement",
	async run(stand) {
		const parley = await stand.parley();
		await parley.start("gateway,matcher,rest");
		const seconds = stand.options.seconds ?? (stand.options.long ? 60 : 10);
		const results = [];
		for (let run = 0; run < (stand.options.runs ?? 3); run++) {
			const plan = planFor(parley, "webhook");
			const result = await stand.load({ plan, port: parley.port, connections: 64, perSecond, warmSeconds: 2, seconds });
			stand.say(`  run ${run + 1}: ${told(result)}, ${result.unanswered} unanswered`);
			results.push(result);
		}
		await parley.remove();
		const goal = {
			title: `p99 of the acknowledgement at ${perSecond}/s, every server`,
			unit: "ms",
			floor: 15,
			aim: 10,
		};
		const last = results.at(-1);
		return [
			figure(
				{ ...goal, better: "lower" },
				// A server that does not keep up has no p99 worth telling: nobody would wait.
				results.map((result) => (result.perSecond < 0.99 * perSecond ? Number.POSITIVE_INFINITY : result.p99)),
				last === undefined
					? ""
					: `last run: ${plain(last.perSecond)}/s, p50 ${plain(last.p50)}, worst ${plain(last.worst)} ms`,
			),
		];
	},
};
