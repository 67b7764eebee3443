// Reads the settings once, at the start: command line > environment > parley.yaml > default. Strict: an unknown name or a
// value that breaks a rule stops the start, with a message that names the setting and the rule and never the value.

import { isAbsolute, relative, resolve } from "node:path";
import { type ServerName, logLevels, serverNames, settingsTable } from "./settings-table.ts";
import type { Setting, SettingValue } from "./settings-rules.ts";
import {
	type Given,
	type Source,
	environmentName,
	optionName,
	plainName,
	readArguments,
	readEnvironment,
	readYaml,
} from "./settings-sources.ts";

export { type ServerName, settingsTable } from "./settings-table.ts";
export type { Setting } from "./settings-rules.ts";
export type { Source } from "./settings-sources.ts";
export { settingsPage } from "./settings-page.ts";

type Row = (typeof settingsTable)[number];
export type SettingName = Row["name"];
type ValueOf = {
	text: string;
	int: number;
	boolean: boolean;
	list: readonly string[];
	duration: number;
	choice: string;
};
type Values = { [R in Row as R["name"]]: ValueOf[R["type"]] };

export type Settings = {
	database: string;
	dataDir: string;
	keyRing: string;
	publicBaseUrl: string;
	basePath: string;
	host: string;
	port: number;
	/** Both empty: no TLS. */
	tls: { certificateFile: string; keyFile: string };
	opsHost: string;
	opsPort: number;
	trustedProxies: readonly string[];
	outboundAllow: readonly string[];
	useLocalHttpAuthentication: boolean;
	sandbox: boolean;
	serve: readonly ServerName[];
	logLevel: (typeof logLevels)[number];
	bodyBytesMax: number;
	retry: { baseMs: number; capMs: number };
	lease: { ms: number };
	breaker: { failures: number; probeMs: number };
	retention: {
		requestDays: number;
		messageDays: number;
		quarantineDays: number;
		eventDays: number;
		publicAttachmentDays: number;
	};
	attachments: { bytesMax: number; types: readonly string[] };
	chat: { socketsMax: number };
	quarantine: { rowsMax: number; bytesMax: number };
	session: { idleMinutes: number; absoluteHours: number };
	shutdown: { drainMs: number };
	outbound: { connectMs: number; firstByteMs: number; totalMs: number };
};

export type SettingsInput = {
	/** What stands behind the command's name. */
	argv: readonly string[];
	env: Readonly<Record<string, string | undefined>>;
	/** Undefined: there is no such file. */
	readFile(path: string): string | undefined;
};

export type ReadSettings =
	| { ok: true; settings: Settings; sources: Readonly<Record<SettingName, Source>> }
	| { ok: false; errors: readonly string[] };

const usualFile = "parley.yaml";
const fileOption = "config"; // Not a setting: it says where settings are.

export function readSettings(input: SettingsInput): ReadSettings {
	const args = readArguments(input.argv);
	const environment = readEnvironment(input.env);
	const outside = [...args.given, ...environment.given];
	const file = readFile(
		input,
		outside.find(({ name }) => name === fileOption),
	);
	const given = [...outside.filter(({ name }) => name !== fileOption), ...file.given];
	const errors = [...args.errors, ...environment.errors, ...file.errors, ...unknownNames(given), ...repeated(given)];
	const values = new Map<string, SettingValue>();
	const sources = new Map<string, Source>();
	for (const setting of settingsTable) {
		const first = given.find((one) => isNamed(setting, one));
		const value = valueOf(setting, first);
		values.set(setting.name, value.ok ? value.value : setting.default);
		sources.set(setting.name, first?.source ?? "default");
		errors.push(...(value.ok ? [] : [value.error]));
	}
	const complete = withWorkedOut(Object.fromEntries(values) as Values);
	errors.push(...(errors.length === 0 ? jointRules(complete) : []));
	return errors.length > 0
		? { ok: false, errors }
		: {
				ok: true,
				settings: toSettings(complete),
				sources: Object.fromEntries(sources) as Record<SettingName, Source>,
			};
}

function readFile(input: SettingsInput, named: Given | undefined): { given: Given[]; errors: string[] } {
	const path = named === undefined ? usualFile : String(named.value);
	const text = input.readFile(path);
	if (text !== undefined) {
		return readYaml(path, text);
	}
	return { given: [], errors: named === undefined ? [] : [`${named.spelling}: there is no such file.`] };
}

/** In the file names are spelled exactly; elsewhere any spelling of the same letters will do. */
function isNamed(setting: Setting, { name, source }: Given): boolean {
	return name === (source === "file" ? setting.name : plainName(setting.name));
}

function unknownNames(given: readonly Given[]): string[] {
	return given
		.filter((one) => !settingsTable.some((setting) => isNamed(setting, one)))
		.map(({ name, source, spelling }) => {
			const nearest = spelledIn(source, nearestTo(plainName(name)));
			return `${spelling} is not a setting; the nearest one is ${nearest}.`;
		});
}

/** Two values in one place: it is not clear which is meant. */
function repeated(given: readonly Given[]): string[] {
	const keys = given.map(({ name, source }) => `${source} ${name}`);
	return given
		.filter((_, index) => keys.indexOf(keys[index] ?? "") < index)
		.map(({ spelling }) => `${spelling} is given twice.`);
}

function spelledIn(source: Source, name: string): string {
	if (source === "file") {
		return name;
	}
	return source === "environment" ? environmentName(name) : optionName(name);
}

function nearestTo(name: string): string {
	const ranked = settingsTable.map((setting) => ({
		name: setting.name,
		distance: distance(name, plainName(setting.name)),
	}));
	return ranked.reduce((best, next) => (next.distance < best.distance ? next : best)).name;
}

/** Levenshtein's: how many letters must be put in, taken out or changed. */
function distance(one: string, other: string): number {
	let row = Array.from({ length: other.length + 1 }, (_, index) => index);
	for (const [index, letter] of Array.from(one).entries()) {
		const next = [index + 1];
		for (const [column, against] of Array.from(other).entries()) {
			const changed = (row[column] ?? 0) + (letter === against ? 0 : 1);
			next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
		}
		row = next;
	}
	return row.at(-1) ?? 0;
}

type Parsed = { ok: true; value: SettingValue } | { ok: false; error: string };

function valueOf(setting: Setting, given: Given | undefined): Parsed {
	if (given === undefined) {
		return { ok: true, value: setting.default };
	}
	const value = converted(setting, given.value);
	const broken = value === undefined ? typeRule(setting) : setting.rule?.(value);
	return value === undefined || broken !== undefined
		? { ok: false, error: `${setting.name} (given as ${given.spelling}) ${broken ?? ""}.` }
		: { ok: true, value };
}

function converted(setting: Setting, given: string | readonly string[]): SettingValue | undefined {
	if (setting.type === "list") {
		return listOf(setting, typeof given === "string" ? given.split(",") : given);
	}
	return typeof given === "string" ? scalarOf(setting, given) : undefined;
}

function listOf({ choices }: Setting, entries: readonly string[]): readonly string[] | undefined {
	const list = entries.map((entry) => entry.trim()).filter((entry) => entry !== "");
	return list.every((entry) => choices?.includes(entry) ?? true) ? list : undefined;
}

function scalarOf(setting: Setting, given: string): SettingValue | undefined {
	switch (setting.type) {
		case "int":
			return bounded(setting, /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN);
		case "duration":
			return bounded(setting, durationMs(given));
		case "boolean":
			return given === "true" || given === "false" ? given === "true" : undefined;
		case "choice":
			return setting.choices?.includes(given) === true ? given : undefined;
		case "text":
		case "list":
			return given;
	}
}

function bounded({ min = 0, max = Number.MAX_SAFE_INTEGER }: Setting, value: number): number | undefined {
	return value >= min && value <= max ? value : undefined;
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1500` and `1500ms`, `20s`, `15m`, `1h`, `1d`. */
function durationMs(text: string): number {
	const [, digits, unit = "ms"] = /^(\d{1,12})(ms|s|m|h|d)?$/.exec(text) ?? [];
	return digits === undefined ? Number.NaN : Number(digits) * (unitsMs[unit] ?? Number.NaN);
}

function typeRule(setting: Setting): string {
	const { min = 0, max = Number.MAX_SAFE_INTEGER, choices = [] } = setting;
	const rules = {
		text: "must be one text",
		int: `must be a whole number from ${min} to ${max}`,
		boolean: "must be true or false",
		list: choices.length === 0 ? "must be a list" : `must be a list of: ${choices.join(", ")}`,
		duration: `must be a duration from ${min} ms to ${max} ms, such as 1500, 20s or 15m`,
		choice: `must be one of: ${choices.join(", ")}`,
	};
	return rules[setting.type];
}

function withWorkedOut(values: Values): Values {
	return {
		...values,
		database: values.database === "" ? `sqlite:${values.dataDir}/parley.db` : values.database,
		publicBaseUrl:
			values.publicBaseUrl === ""
				? `${values["tls.certificateFile"] === "" ? "http" : "https"}://localhost:${values.port}`
				: new URL(values.publicBaseUrl).origin,
	};
}

/** Rules between settings. */
function jointRules(values: Values): string[] {
	const rules: readonly (readonly [boolean, string])[] = [
		[
			isInside(values.keyRing, values.dataDir),
			"keyRing must lie outside dataDir: one stolen folder must not hold both.",
		],
		[
			(values["tls.certificateFile"] === "") !== (values["tls.keyFile"] === ""),
			"tls.certificateFile and tls.keyFile must both be given, or neither.",
		],
		[
			values["tls.certificateFile"] !== "" && !values.publicBaseUrl.startsWith("https:"),
			"publicBaseUrl must begin with https:// where tls.certificateFile is given.",
		],
		[values["retry.baseMs"] > values["retry.capMs"], "retry.baseMs must not be more than retry.capMs."],
		[
			values["outbound.firstByteMs"] > values["outbound.totalMs"],
			"outbound.firstByteMs must not be more than outbound.totalMs.",
		],
		[
			values["session.idleMinutes"] > values["session.absoluteHours"] * 60,
			"session.idleMinutes must not be longer than session.absoluteHours.",
		],
		[values.port !== 0 && values.port === values.opsPort, "port and opsPort must differ."],
	];
	return rules.filter(([isBroken]) => isBroken).map(([, message]) => message);
}

function isInside(file: string, folder: string): boolean {
	const way = relative(resolve(folder), resolve(file));
	return way !== ".." && !way.startsWith("../") && !isAbsolute(way);
}

function toSettings(values: Values): Settings {
	return {
		database: values.database,
		dataDir: values.dataDir,
		keyRing: values.keyRing,
		publicBaseUrl: values.publicBaseUrl,
		basePath: values.basePath,
		host: values.host,
		port: values.port,
		tls: { certificateFile: values["tls.certificateFile"], keyFile: values["tls.keyFile"] },
		opsHost: values.opsHost,
		opsPort: values.opsPort,
		trustedProxies: values.trustedProxies,
		outboundAllow: values.outboundAllow,
		useLocalHttpAuthentication: values.useLocalHttpAuthentication,
		sandbox: values.sandbox,
		serve: serverNames.filter((name) => values.serve.includes(name)),
		logLevel: logLevels.find((level) => level === values.logLevel) ?? "info",
		bodyBytesMax: values.bodyBytesMax,
		retry: { baseMs: values["retry.baseMs"], capMs: values["retry.capMs"] },
		lease: { ms: values["lease.ms"] },
		breaker: { failures: values["breaker.failures"], probeMs: values["breaker.probeMs"] },
		retention: {
			requestDays: values["retention.requestDays"],
			messageDays: values["retention.messageDays"],
			quarantineDays: values["retention.quarantineDays"],
			eventDays: values["retention.eventDays"],
			publicAttachmentDays: values["retention.publicAttachmentDays"],
		},
		attachments: { bytesMax: values["attachments.bytesMax"], types: values["attachments.types"] },
		chat: { socketsMax: values["chat.socketsMax"] },
		quarantine: { rowsMax: values["quarantine.rowsMax"], bytesMax: values["quarantine.bytesMax"] },
		session: { idleMinutes: values["session.idleMinutes"], absoluteHours: values["session.absoluteHours"] },
		shutdown: { drainMs: values["shutdown.drainMs"] },
		outbound: {
			connectMs: values["outbound.connectMs"],
			firstByteMs: values["outbound.firstByteMs"],
			totalMs: values["outbound.totalMs"],
		},
	};
}
