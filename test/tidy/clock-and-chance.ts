// Time, chance, network and environment come in as values. This finds every place in the product that helps itself.
// (Bare `fetch` and timers are lint's: it knows which names are globals. Here: what lint does not see.)

import { filesUnder, importsOf, isBrowserCode, isTest, lineAt, scan, textOf } from "./source.ts";

type Ban = { what: string; pattern: RegExp; instead: string; allowedIn: readonly string[] };

const bans: readonly Ban[] = [
	{ what: "Date.now", pattern: /\bDate\.now\b/g, instead: "clock.now()", allowedIn: ["src/platform/clock.ts"] },
	{
		what: "new Date()",
		pattern: /\bnew Date\b(?:\(\s*\)|(?!\s*\())/g,
		instead: "clock.now()",
		allowedIn: ["src/platform/clock.ts"],
	},
	{
		what: "performance.now",
		pattern: /\bperformance\.now\b|\bprocess\.hrtime\b/g,
		instead: "clock.monotonicMs()",
		allowedIn: ["src/platform/clock.ts"],
	},
	{
		what: "a timer",
		pattern: /(?<![.\w$])(?:globalThis\.)?(?:setTimeout|setInterval)\b|\bAbortSignal\.timeout\b/g,
		instead: "clock.after()",
		allowedIn: ["src/platform/clock.ts"],
	},
	{ what: "Math.random", pattern: /\bMath\.random\b/g, instead: "random.fraction()", allowedIn: [] },
	{
		what: "random bytes",
		pattern: /\b(?:randomBytes|randomUUID|randomInt|randomFill|randomFillSync|getRandomValues)\s*\(/g,
		instead: "random.bytes()",
		allowedIn: ["src/platform/random.ts"],
	},
	{
		what: "process.env",
		pattern: /\bprocess\.env\b/g,
		instead: "the settings",
		allowedIn: ["src/settings.ts", "src/main.ts", "src/start.js"],
	},
	{
		what: "process.argv",
		pattern: /\bprocess\.argv\b/g,
		instead: "the settings",
		allowedIn: ["src/main.ts", "src/settings.ts"],
	},
	{ what: "console", pattern: /(?<![.\w$])console\./g, instead: "the log", allowedIn: [] },
	{ what: "a global by name", pattern: /\bglobalThis\s*(?:\.|\[)/g, instead: "a value handed in", allowedIn: [] },
	{ what: "code from text", pattern: /(?<![.\w$])eval\s*\(|\bnew Function\b/g, instead: "data", allowedIn: [] },
];

type ModuleBan = { modules: RegExp; instead: string; allowedIn: readonly string[] };

const moduleBans: readonly ModuleBan[] = [
	{
		modules: /^(?:undici|node:(?:http2?|https|net|tls|dns|dgram)(?:\/promises)?)$/,
		instead: "safeRequest is the only way out",
		allowedIn: ["src/platform/", "src/simulators/", "src/commands/"],
	},
	{
		modules: /^undici$/,
		instead: "safeRequest is the only way out",
		allowedIn: ["src/platform/safe-request", "src/simulators/", "src/commands/"],
	},
	{ modules: /^node:timers/, instead: "use the clock", allowedIn: [] },
	{
		modules: /^node:(?:child_process|cluster|vm|worker_threads)$/,
		instead: "the product runs in one process",
		allowedIn: ["src/commands/"],
	},
];

export function findings(root: string): readonly string[] {
	return [...filesUnder(root, "src", ".ts"), ...filesUnder(root, "src", ".js")]
		.filter((file) => !isTest(file) && !isBrowserCode(file))
		.flatMap((file) => {
			const source = textOf(root, file);
			return [...bannedUses(file, source), ...bannedModules(file, source)];
		});
}

function bannedUses(file: string, source: string): readonly string[] {
	const { code } = scan(source);
	return bans
		.filter(({ allowedIn }) => !allowedIn.includes(file))
		.flatMap(({ what, pattern, instead }) =>
			[...code.matchAll(pattern)].map((found) => `${file}:${lineAt(source, found.index)} uses ${what}; use ${instead}`),
		);
}

function bannedModules(file: string, source: string): readonly string[] {
	return importsOf(source)
		.filter(({ isType }) => !isType)
		.flatMap(({ from, line }) =>
			moduleBans
				.filter((ban) => ban.modules.test(from) && !ban.allowedIn.some((start) => file.startsWith(start)))
				.map(({ instead }) => `${file}:${line} imports ${from}; ${instead}`),
		);
}
