// Runs the conformance kit over one connector and says what was tried and what was found, for readers who know neither the
// kit nor the code: `npm run conformance -- <folder of a connector> [--json] [--only <words of a check>] [--seed N]`.
// Ends with 0 when everything holds, with 1 when something does not, with 2 when there was nothing to check.

import { join } from "node:path";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";
import { type Check, checks, whyNothing } from "#test/contract/conformance/checks.ts";
import { loadSubject } from "#test/contract/conformance/loading.ts";
import { chanceIsBorne, fixedSeed } from "#test/contract/conformance/reading.ts";
import type { Subject } from "#test/contract/conformance/subject.ts";
import { jsonOf } from "#test/tidy/source.ts";

export type Checked = {
	promise: string;
	/** `nothing`: the type has nothing that could be tried, such as access tokens. */
	verdict: "ok" | "FAILED" | "nothing";
	/** Where there was nothing: why. */
	because?: string;
	/** How often each function of the connector was called. */
	calls: Readonly<Record<string, number>>;
	findings: readonly string[];
};
export type Report = {
	type: string;
	label: string;
	folder: string;
	parley: string;
	node: string;
	checkedAt: string;
	seed: number;
	fixtures: { letIn: number; refused: number };
	/** Of a type with a line, in place of requests. */
	frames: number;
	checks: readonly Checked[];
	/** Where the provider documents something else than the general rule. */
	exceptions: Subject["exceptions"];
	conforms: boolean;
};

const checkLimitMs = 300_000; // For a promise that is never kept; the longest check takes seconds.

export async function reportOn(subject: Subject, { only = "", seed = fixedSeed } = {}): Promise<Report> {
	const { connector, fixtures, frames, folder, exceptions } = subject;
	const results: Checked[] = [];
	const withSeed: Readonly<Record<string, Check>> = {
		...checks,
		"requests of chance are read without an exception": (given) => chanceIsBorne(given, seed),
	};
	for (const [promise, check] of Object.entries(withSeed).filter(([name]) => name.includes(only))) {
		results.push(await checked(promise, check, subject));
	}
	const letIn = fixtures.filter(({ verdict }) => verdict === "ok").length;
	return {
		type: connector.type,
		label: connector.config.form.label,
		folder,
		parley: String(jsonOf(join(import.meta.dirname, ".."), "package.json")["version"]),
		node: process.version,
		checkedAt: new Date().toISOString(),
		seed,
		fixtures: { letIn, refused: fixtures.length - letIn },
		frames: frames.length,
		checks: results,
		exceptions,
		conforms: results.every(({ verdict }) => verdict !== "FAILED"),
	};
}

/** Checks that look at what is written and call nothing. */
const byReading: readonly string[] = [
	"nothing is reached but by what is handed in",
	"the form is complete",
	"the README tells its sources",
] satisfies readonly (keyof typeof checks)[];

async function checked(promise: string, check: Check, subject: Subject): Promise<Checked> {
	const calls: Record<string, number> = {};
	const note = (name: string): void => {
		calls[name] = (calls[name] ?? 0) + 1;
	};
	const findings = await withinLimit(check, { ...subject, connector: counting(subject.connector, note) });
	const isEmpty = Object.keys(calls).length === 0 && !byReading.includes(promise);
	const verdict = findings.length > 0 ? "FAILED" : isEmpty ? "nothing" : "ok";
	const because = verdict === "nothing" ? { because: whyNothing(check, subject.connector) } : {};
	return { promise, verdict, ...because, calls, findings };
}

async function withinLimit(check: Check, subject: Subject): Promise<readonly string[]> {
	let timer: NodeJS.Timeout | undefined;
	const limit = new Promise<readonly string[]>((resolve) => {
		timer = setTimeout(() => resolve([`the check did not end within ${checkLimitMs / 1000} s`]), checkLimitMs);
	});
	try {
		return await Promise.race([check(subject), limit]);
	} catch (error) {
		return [`the check broke off: ${String(error)}`];
	} finally {
		clearTimeout(timer);
	}
}

const countedNames = new Map([
	["inbound.auth.verify", "verify"],
	["inbound.parse", "parse"],
	["send", "send"],
	["line.hear", "hear"],
	["line.greeted", "greeted"],
	["lookup", "lookup"],
	["upkeep.round", "upkeep"],
	["config.parse", "config"],
	["cannotSend", "config"],
]);

/**
 * The same connector, whose calls are noted. A proxy, so that a connector may be made of classes; of an empty object, so
 * that it may be frozen.
 */
function counting<T extends object>(target: T, note: (name: string) => void, path = ""): T {
	return new Proxy({} as T, {
		has: (_, key) => Reflect.has(target, key),
		get(_, key): unknown {
			const value: unknown = Reflect.get(target, key);
			const name = path + String(key);
			if (typeof value === "function") {
				return (...args: readonly unknown[]): unknown => {
					const counted = countedNames.get(name);
					if (counted !== undefined) {
						note(counted);
					}
					return Reflect.apply(value, target, args);
				};
			}
			return ["inbound", "config", "inbound.auth", "upkeep", "line"].includes(name) &&
				typeof value === "object" &&
				value !== null
				? counting(value, note, `${name}.`)
				: value;
		},
	});
}

export function asText(report: Report): string {
	const { fixtures, frames, exceptions } = report;
	const width = Math.max(...report.checks.map(({ promise }) => promise.length));
	const count = (verdict: Checked["verdict"]): number => report.checks.filter((one) => one.verdict === verdict).length;
	const isWhole = report.checks.length === Object.keys(checks).length;
	const good = isWhole ? "The connector conforms." : "What was checked holds; other checks were left out.";
	const failed = report.checks.filter(({ verdict }) => verdict === "FAILED").map(({ promise }) => promise);
	return [
		`Conformance of ${report.label} (${report.type})`,
		`${report.folder}`,
		frames > 0
			? `${frames} frames.`
			: `${fixtures.letIn + fixtures.refused} fixtures: ${fixtures.letIn} to be let in, ${fixtures.refused} to be refused.`,
		`Parley ${report.parley}, Node ${report.node}, ${report.checkedAt}, seed ${report.seed}.`,
		"",
		...report.checks.flatMap((one) => linesOf(one, width)),
		"",
		...Object.entries(exceptions).map(([name, { kind, because }]) => `Exception: ${name} is ${kind}. ${because}`),
		`Checks: ${count("ok")} ok, ${count("FAILED")} failed, ${count("nothing")} with nothing to try.`,
		report.conforms ? good : `The connector does not conform: ${failed.join("; ")}.`,
		"",
	].join("\n");
}

const shownMax = 8;
const shownCharacters = 500;

function linesOf({ promise, verdict, because, calls, findings }: Checked, width: number): readonly string[] {
	const tried = Object.entries(calls).map(([name, times]) => `${name} ×${times}`);
	const how = because ?? (tried.join(", ") || "read");
	const left = findings.length - shownMax;
	return [
		`${(verdict === "nothing" ? "-" : verdict).padEnd(6)}  ${promise.padEnd(width)}  ${how}`,
		...findings.slice(0, shownMax).map((finding) => `          FAILED: ${finding.slice(0, shownCharacters)}`),
		...(left > 0 ? [`          and ${left} more`] : []),
	];
}

const usage = "npm run conformance -- <folder of a connector> [--json] [--only <words of a check>] [--seed N]";

async function main(args: readonly string[]): Promise<number> {
	const given = argumentsOf(args);
	const loaded = typeof given === "string" ? { ok: false as const, why: given } : await loadSubject(given.folder);
	if (typeof given === "string" || !loaded.ok) {
		process.stderr.write(`${loaded.ok ? usage : loaded.why}\n`);
		return 2;
	}
	const report = await reportOn(loaded.subject, given);
	if (report.checks.length === 0) {
		process.stderr.write(`No check has the words “${given.only}” in its name.\n`);
		return 2;
	}
	process.stdout.write(given.json ? `${JSON.stringify(report, null, "\t")}\n` : asText(report));
	return report.conforms ? 0 : 1;
}

type Arguments = { folder: string; json: boolean; only: string; seed: number };

/** Or what is wrong with them, in a sentence. */
export function argumentsOf(args: readonly string[]): Arguments | string {
	const options = {
		json: { type: "boolean", default: false },
		only: { type: "string", default: "" },
		seed: { type: "string", default: String(fixedSeed) },
	} as const;
	try {
		const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
		const [folder, ...others] = positionals;
		const seed = Number(values.seed);
		return folder === undefined || others.length > 0 || !Number.isInteger(seed)
			? `Use: ${usage}`
			: { ...values, folder, seed };
	} catch (error) {
		return `${error instanceof Error ? error.message : String(error)} Use: ${usage}`;
	}
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const code = await main(process.argv.slice(2));
	// A connector that never came back may hold the process.
	process.stdout.write("", () => process.exit(code));
}
