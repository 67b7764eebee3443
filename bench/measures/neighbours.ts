// What nine services in trouble cost the one that is sound: its p99 from our API to its provider, beside them and alone, in
// turns within one run.

import { burden, greetAll, moveIn, plights, quantileOf, timesOf } from "#test/fault/neighbours.ts";
import { apiAt } from "#test/parley.ts";
import { figure, type Measure } from "../measure.ts";
import { plain } from "../report.ts";

const goal = {
	title: "p99 of a sound service's sends beside nine in trouble, against alone",
	unit: "×",
	floor: 1.1,
	aim: 1.05,
	better: "lower",
} as const;
const warm = 200;

export const neighbours: Measure = {
	name: "neighbours",
	async run(stand) {
		const parley = await stand.parley();
		await parley.start("gateway,matcher,rest");
		const api = apiAt(`http://127.0.0.1:${parley.port}`);
		const ends: (() => Promise<void>)[] = [];
		const { sound, nine } = await moveIn(api, (end) => ends.push(end));
		const samples = 100 * (stand.options.seconds ?? (stand.options.long ? 60 : 10));
		const switchAll = async (enabled: boolean): Promise<void> => {
			for (const { serviceId } of nine.filter(({ type }) => plights[type]?.state !== "paused")) {
				await api.call("PATCH", `/RI/rci/messagingServices/${serviceId}`, { enabled });
			}
		};
		for (const one of [sound, ...nine]) {
			await greetAll(one);
		}
		nine.forEach(({ type, simulator, webhookUrl }) => plights[type]?.strike(simulator, webhookUrl));
		await timesOf(api, sound, warm);
		const ratios: number[] = [];
		let made = "";
		for (let run = 0; run < (stand.options.runs ?? 3); run++) {
			await switchAll(false);
			const alone = quantileOf(await timesOf(api, sound, samples), 0.99);
			await switchAll(true);
			for (const one of nine) {
				await burden(api, one);
			}
			const beside = quantileOf(await timesOf(api, sound, samples), 0.99);
			made = `last run: ${plain(alone)} ms alone, ${plain(beside)} ms beside`;
			stand.say(`  run ${run + 1}: p99 ${plain(alone)} ms alone, ${plain(beside)} ms beside`);
			ratios.push(beside / alone);
		}
		await Promise.all(ends.map((end) => end()));
		await parley.remove();
		return [figure(goal, ratios, made)];
	},
};
