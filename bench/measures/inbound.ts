// What it costs to take a signed webhook for good: Parley's peak as a share of the peak of a bare echo, in turns, by the
// same generator over the same connections.

import { type Backlog, openBacklog, untilEmpty } from "../backlog.ts";
import type { LoadJob, LoadResult } from "../load.ts";
import { figure, type Goal, type Measure, type Outcome } from "../measure.ts";
import type { Parley, Servers } from "../parley.ts";
import { plain, told } from "../report.ts";
import { planFor, type Stand } from "../stand.ts";
import { spreadOf } from "../statistics.ts";

const connections = 64;
const warmSeconds = 1;

const goals = {
	alone: { title: "inbound, share of an echo (SQLite, SMS Server alone)", floor: 0.5, aim: 0.6 },
	matching: { title: "inbound, share of an echo (SQLite, Chain Matcher at work)", floor: 0.4, aim: 0.5 },
	postgres: { title: "inbound, share of an echo (PostgreSQL, SMS Server alone)", floor: 0.4, aim: 0.5 },
} satisfies Record<string, Omit<Goal, "unit" | "better">>;

export const inboundAlone: Measure = {
	name: "inbound-alone",
	run: async (stand) => [await share(stand, await stand.parley(), "gateway", goals.alone)],
};

export const inboundMatching: Measure = {
	name: "inbound-matching",
	run: async (stand) => [await share(stand, await stand.parley(), "gateway,matcher", goals.matching)],
};

export const inboundPostgres: Measure = {
	name: "inbound-postgres",
	async run(stand): Promise<readonly Outcome[]> {
		const database = await stand.postgres();
		if (!database.ok) {
			return [{ title: goals.postgres.title, reason: database.reason }];
		}
		return [await share(stand, await stand.parley({ database: database.url }), "gateway", goals.postgres)];
	},
};

async function share(
	stand: Stand,
	parley: Parley,
	servers: Servers,
	goal: Omit<Goal, "unit" | "better">,
): Promise<Outcome> {
	const runs = stand.options.runs ?? (stand.options.long ? 7 : 3);
	const seconds = stand.options.seconds ?? 5;
	const backlog = await openBacklog(parley.database);
	const common = { connections, warmSeconds, seconds };
	const pairs: { ours: LoadResult; echo: LoadResult; matched: number }[] = [];
	for (let run = 0; run < runs; run++) {
		const echoPlan = planFor({ ...parley, port: await stand.echoPort() }, "echo");
		const echo = await stand.load({ plan: echoPlan, port: await stand.echoPort(), ...common });
		await parley.start(servers);
		const { result: ours, matched } = await take(stand, backlog, {
			plan: planFor(parley, "webhook"),
			port: parley.port,
			...common,
			prepared: Math.round(echo.perSecond * 0.8 * (seconds + warmSeconds)),
		});
		if (servers === "gateway,matcher") {
			await untilEmpty(backlog, "inbox");
		}
		await parley.stop();
		pairs.push({ ours, echo, matched });
		const inPassing = servers === "gateway" ? "" : `, matched ${plain(matched)}/s`;
		stand.say(`  run ${run + 1}: ${told(ours)}${inPassing}; echo ${told(echo)}`);
	}
	await backlog.close();
	await parley.remove();
	const median = (of: (pair: (typeof pairs)[number]) => number): string => plain(spreadOf(pairs.map(of)).median);
	const ours = `${median((pair) => pair.ours.perSecond)}/s, p99 ${median((pair) => pair.ours.p99)} ms`;
	const matched = servers === "gateway" ? "" : `, ${median((pair) => pair.matched)}/s matched meanwhile`;
	return figure(
		{ ...goal, unit: "", better: "higher" },
		pairs.map((pair) => pair.ours.perSecond / pair.echo.perSecond),
		`${ours}${matched}; echo ${median((pair) => pair.echo.perSecond)}/s`,
	);
}

/** Matched is what was taken less what more of it waits at the end. */
async function take(stand: Stand, backlog: Backlog, job: LoadJob): Promise<{ result: LoadResult; matched: number }> {
	let before = 0;
	let after = 0;
	const result = await stand.load(job, {
		begin: async () => void (before = (await backlog.read()).inbox),
		end: async () => void (after = (await backlog.read()).inbox),
	});
	return { result, matched: result.perSecond - (after - before) / result.seconds };
}
