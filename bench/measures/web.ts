// How soon the System Configurator can be used on a slow processor, and whether a very long list scrolls smoothly.

import type { Browser } from "playwright-core";
import { buildWebIfStale } from "#commands/web-build.ts";
import { chromiumMissing, launchChromium } from "#test/chromium.ts";
import { openBacklog } from "../backlog.ts";
import { figure, type Goal, type Measure, type Outcome } from "../measure.ts";
import { open, type Opening, signIn } from "../opening.ts";
import type { Parley } from "../parley.ts";
import { plain } from "../report.ts";
import { type Frames, scrollLoading, scrollThrough } from "../scrolling.ts";
import type { Stand } from "../stand.ts";
import { spreadOf } from "../statistics.ts";
import { greet } from "../way.ts";

const rows = 10_000;
const viewport = { width: 1280, height: 1200 };

const soon = { unit: "s", floor: 1.5, aim: 1, better: "lower" } as const;
const smooth = { unit: "ms", floor: 33.4, aim: 20, better: "lower" } as const;
const rare = { unit: "", floor: 0.02, aim: 0.005, better: "lower" } as const;
const goals = {
	signIn: { title: "sign-in page interactive, processor 4 × slower", ...soon },
	start: { title: "start page interactive, processor 4 × slower", ...soon },
	frames: { title: `scrolling ${rows} messages, p95 of the frames`, ...smooth },
	slowFrames: { title: `scrolling ${rows} messages, share of frames over 50 ms`, ...rare },
	loadingFrames: { title: `loading ${rows} messages while scrolling, p95 of the frames`, ...smooth },
	slowLoadingFrames: { title: `loading ${rows} messages while scrolling, share of frames over 50 ms`, ...rare },
} satisfies Record<string, Goal>;

export const web: Measure = {
	name: "web",
	async run(stand) {
		if (chromiumMissing !== undefined) {
			return Object.values(goals).map(({ title }) => ({ title, reason: chromiumMissing ?? "" }));
		}
		await buildWebIfStale({
			say: stand.say,
			complain(line) {
				throw new Error(line);
			},
		});
		const parley = await parleyWithMessages(stand);
		const browser = await launchChromium();
		try {
			const origin = `http://127.0.0.1:${parley.port}`;
			return [...(await openings(stand, browser, origin)), ...(await scrollings(stand, browser, origin))];
		} finally {
			await browser.close();
			await parley.remove();
		}
	},
};

async function parleyWithMessages(stand: Stand): Promise<Parley> {
	const parley = await stand.parley();
	await parley.start("gateway,matcher,rest");
	const backlog = await openBacklog(parley.database);
	await greet(stand, parley, backlog, rows);
	await backlog.close();
	return parley;
}

/** In turns, so that both have the same neighbours on the machine. */
async function openings(stand: Stand, browser: Browser, origin: string): Promise<readonly Outcome[]> {
	const pairs: { signIn: Opening; start: Opening }[] = [];
	for (let run = 0; run < (stand.options.runs ?? 7); run++) {
		const pair = { signIn: await open(browser, origin, false), start: await open(browser, origin, true) };
		pairs.push(pair);
		stand.say(`  run ${run + 1}: sign-in page ${toldOpening(pair.signIn)}; start page ${toldOpening(pair.start)}`);
	}
	return (["signIn", "start"] as const).map((name) => {
		const all = pairs.map((pair) => pair[name]);
		const median = (of: (opening: Opening) => number): string => plain(spreadOf(all.map(of)).median / 1000);
		return figure(
			goals[name],
			all.map(({ interactive }) => interactive / 1000),
			`heading ${median(({ heading }) => heading)} s, typing answered ${median(({ answered }) => answered)} s, long tasks ${median(({ longTasks }) => longTasks)} s`,
		);
	});
}

function toldOpening({ interactive, heading, answered, lastLongTaskEnd, longTasks }: Opening): string {
	return `${plain(interactive)} ms (heading ${plain(heading)}, answered ${plain(answered)}, last long task ${plain(lastLongTaskEnd)}, long tasks ${plain(longTasks)})`;
}

async function scrollings(stand: Stand, browser: Browser, origin: string): Promise<readonly Outcome[]> {
	const context = await browser.newContext({ locale: "en-GB", viewport });
	await signIn(context, origin);
	const page = await context.newPage();
	await page.goto(`${origin}/messages`);
	await page.getByText("100 entries.").waitFor();
	const loading = await scrollLoading(page, rows);
	stand.say(`  loading: ${toldFrames(loading)}`);
	const passes: Frames[] = [];
	for (let run = 0; run < (stand.options.runs ?? 1); run++) {
		for (const way of ["up", "down"] as const) {
			const frames = await scrollThrough(page, way);
			passes.push(frames);
			stand.say(`  ${way}: ${toldFrames(frames)}`);
		}
	}
	await context.close();
	const outcomesOf = (p95: Goal, slow: Goal, all: readonly Frames[]): Outcome[] => [
		figure(
			p95,
			all.map((frames) => frames.p95),
			`worst ${plain(Math.max(...all.map(({ worst }) => worst)))} ms`,
		),
		figure(
			slow,
			all.map(({ slowShare }) => slowShare),
			`${all.reduce((sum, { count }) => sum + count, 0)} frames`,
		),
	];
	return [
		...outcomesOf(goals.frames, goals.slowFrames, passes),
		...outcomesOf(goals.loadingFrames, goals.slowLoadingFrames, [loading]),
	];
}

function toldFrames({ p95, slowShare, worst, count }: Frames): string {
	return `${count} frames, p95 ${plain(p95)} ms, ${plain(slowShare * 100)} % over 50 ms, worst ${plain(worst)} ms`;
}
