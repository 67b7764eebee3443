// Does a message cost more when many are stored? The same number of messages, taken and matched, on a database with few and
// on one with many, in turns.

import { openBacklog } from "../backlog.ts";
import { addCopies } from "../copies.ts";
import { figure, type Measure } from "../measure.ts";
import type { Parley } from "../parley.ts";
import { plain } from "../report.ts";
import type { Stand } from "../stand.ts";
import { spreadOf } from "../statistics.ts";
import { greet } from "../way.ts";

const few = 10_000;

export const growth: Measure = {
	name: "growth",
	async run(stand) {
		const many = stand.options.long ? 10_000_000 : 1_000_000;
		const small = await stand.parley();
		await fill(stand, small);
		const large = stand.keep(await small.copy());
		const start = performance.now();
		addCopies(large.database, many / few - 1);
		stand.say(`  ${many} messages made in ${plain((performance.now() - start) / 1000)} s`);
		const times: { small: number; large: number }[] = [];
		for (let run = 0; run < (stand.options.runs ?? 3); run++) {
			// A copy each time: the small one would not stay small.
			const fresh = stand.keep(await small.copy());
			times.push({
				small: await microsecondsPerMessage(stand, fresh),
				large: await microsecondsPerMessage(stand, large),
			});
			await fresh.remove();
			const { small: one, large: other } = times.at(-1) ?? { small: Number.NaN, large: Number.NaN };
			stand.say(`  run ${run + 1}: ${plain(one)} µs with ${few}, ${plain(other)} µs with ${many}`);
		}
		await large.remove();
		await small.remove();
		const title = `time per message with ${many} stored, against ${few}`;
		const median = (of: (pair: (typeof times)[number]) => number): string => plain(spreadOf(times.map(of)).median);
		return [
			figure(
				{ title, unit: "×", floor: 1.2, aim: 1.15, better: "lower" },
				times.map((pair) => pair.large / pair.small),
				`${median((pair) => pair.small)} µs against ${median((pair) => pair.large)} µs per message, taken and matched`,
			),
		];
	},
};

async function fill(stand: Stand, parley: Parley): Promise<void> {
	await parley.start("gateway,matcher");
	const backlog = await openBacklog(parley.database);
	await greet(stand, parley, backlog, few);
	await backlog.close();
	await parley.stop();
}

/** From the first request until the last message is matched. */
async function microsecondsPerMessage(stand: Stand, parley: Parley): Promise<number> {
	const count = stand.options.seconds === undefined ? 20_000 : 2000 * stand.options.seconds;
	await parley.start("gateway,matcher");
	const backlog = await openBacklog(parley.database);
	await greet(stand, parley, backlog, Math.round(count / 10));
	const start = performance.now();
	await greet(stand, parley, backlog, count);
	const microseconds = ((performance.now() - start) * 1000) / count;
	await backlog.close();
	await parley.stop();
	return microseconds;
}
