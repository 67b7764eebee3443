// From the start of the process until it says that it is ready, after it was killed with very many messages to send.

import { figure, type Measure } from "../measure.ts";
import { plain } from "../report.ts";
import { parleyWithQueued } from "../queued.ts";

const queued = 1_000_000;

export const start: Measure = {
	name: "start",
	async run(stand) {
		const parley = await parleyWithQueued(stand, queued);
		const seconds: number[] = [];
		for (let run = 0; run < (stand.options.runs ?? 3); run++) {
			seconds.push((await parley.start("gateway,matcher,rest")) / 1000);
			await parley.kill();
			stand.say(`  run ${run + 1}: ${plain(seconds.at(-1) ?? Number.NaN)} s`);
		}
		await parley.remove();
		const goal = { title: `start until ready, ${queued} queued, after a kill`, unit: "s", floor: 10, aim: 5 };
		return [figure({ ...goal, better: "lower" }, seconds, "")];
	},
};
