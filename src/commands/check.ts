// `parley check`: the doctor. One line per thing that must be right, with the fix. `--settings` prints every setting with
// its value and where that came from; secrets are not shown.

import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { openKeyRing } from "#platform/key-ring.ts";
import { readTlsPair } from "#platform/tls-pair.ts";
import { soonMs } from "#platform/tls-watch.ts";
import { hasDataKeys } from "#storage/data-keys.ts";
import { openStorage } from "#storage/storage.ts";
import { readSettings, type Settings, settingsTable } from "#settings";
import type { CommandInput, ExitCode } from "./commands.ts";
import { settingsFor } from "./commands.ts";
import { usesTls } from "./main-tls.ts";
import { systemWith } from "./system.ts";
import { type Finding, printFindings } from "./verify.ts";

const own = new Set(["--settings", "--json"]);

export async function run(input: CommandInput): Promise<ExitCode> {
	const argv = input.argv.filter((word) => !own.has(word));
	const settings = settingsFor(input, argv);
	if (settings === undefined) {
		return 2;
	}
	if (input.argv.includes("--settings")) {
		printSettings(input, argv);
		return 0;
	}
	const findings = [
		dataDirectory(settings),
		...(await databaseAndKeys(settings)),
		...(await ports(settings)),
		publicUrl(settings),
		...tls(settings),
	];
	printFindings(findings, input);
	return findings.every(({ ok }) => ok) ? 0 : 1;
}

function printSettings(input: CommandInput, argv: readonly string[]): void {
	const read = readSettings({ argv, env: input.env, readFile: (path) => input.readFile(path) });
	if (!read.ok) {
		return;
	}
	const rows = settingsTable.map((setting) => ({
		name: setting.name,
		value: "secret" in setting ? "(not shown)" : valueAt(read.settings, setting.name),
		source: read.sources[setting.name],
		meaning: setting.description,
	}));
	if (input.argv.includes("--json")) {
		input.say(JSON.stringify(rows));
		return;
	}
	for (const { name, value, source, meaning } of rows) {
		input.say(`${name.padEnd(28)} ${JSON.stringify(value).padEnd(34)} ${source.padEnd(12)} ${meaning}`);
	}
}

function valueAt(settings: Settings, name: string): unknown {
	return name.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], settings);
}

function dataDirectory({ dataDir }: Settings): Finding {
	try {
		mkdirSync(dataDir, { recursive: true, mode: 0o700 });
		accessSync(dataDir, constants.W_OK | constants.X_OK);
		return { check: "data", ok: true, found: `${dataDir} can be written.` };
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		return {
			check: "data",
			ok: false,
			found: `${dataDir} cannot be written (${reason}). Change its owner, or dataDir.`,
		};
	}
}

const clockSkewMaxMs = 60_000; // Signed webhooks are accepted within ± 300 s; a minute off is worth mending.

async function databaseAndKeys(settings: Settings): Promise<Finding[]> {
	const system = systemWith(settings);
	try {
		const storage = await openStorage(settings.database, () => undefined);
		try {
			const database = {
				check: "database",
				ok: true,
				found: `The database (${storage.dialect}) answers and is durable.`,
			};
			return [
				database,
				keyRing(settings, await hasDataKeys(storage.db)),
				clock(await storage.now(), system.clock.now()),
			];
		} finally {
			await storage.close();
		}
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		return [{ check: "database", ok: false, found: `${reason} Check the setting database.` }];
	}
}

function clock(databaseTime: Date, ours: Date): Finding {
	const skewMs = Math.abs(databaseTime.getTime() - ours.getTime());
	return skewMs <= clockSkewMaxMs
		? { check: "clock", ok: true, found: `${ours.toISOString()}, as the database says.` }
		: {
				check: "clock",
				ok: false,
				found: `The database's clock is ${Math.round(skewMs / 1000)} s away. Set up NTP on both.`,
			};
}

/** Looks without making one: `serve` does that. */
function keyRing(settings: Settings, isSealed: boolean): Finding {
	if (!existsSync(settings.keyRing)) {
		return isSealed
			? {
					check: "key ring",
					ok: false,
					found: `${settings.keyRing} is missing, but secrets are sealed with it. Put it back.`,
				}
			: { check: "key ring", ok: true, found: `${settings.keyRing} will be made at the first start.` };
	}
	const { clock: time, random } = systemWith(settings);
	const opened = openKeyRing(settings.keyRing, { clock: time, random }, { mayCreate: false });
	return opened.ok
		? { check: "key ring", ok: true, found: `${settings.keyRing} is readable by its owner alone.` }
		: { check: "key ring", ok: false, found: opened.detail };
}

async function ports(settings: Settings): Promise<Finding[]> {
	const wanted = [
		{ check: "port", host: settings.host, port: settings.port },
		{ check: "ops port", host: settings.opsHost, port: settings.opsPort },
	];
	return Promise.all(
		wanted.map(async ({ check, host, port }) => {
			const taken = await whyTaken(host, port);
			return taken === undefined
				? { check, ok: true, found: `${host}:${port} is free.` }
				: {
						check,
						ok: false,
						found: `${host}:${port} cannot be used (${taken}). Stop what listens there, or choose another.`,
					};
		}),
	);
}

function whyTaken(host: string, port: number): Promise<string | undefined> {
	return new Promise((resolve) => {
		const probe = createServer();
		probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
		probe.listen(port, host, () => probe.close(() => resolve(undefined)));
	});
}

function publicUrl({ publicBaseUrl, trustedProxies }: Settings): Finding {
	const { protocol, hostname } = new URL(publicBaseUrl);
	const isLocal = hostname === "localhost" || hostname.startsWith("127.");
	if (isLocal) {
		const found = `${publicBaseUrl} reaches this machine only; set publicBaseUrl before a provider shall call.`;
		return { check: "public URL", ok: true, found };
	}
	const proxies = trustedProxies.length === 0 ? "no proxy is trusted" : `${trustedProxies.length} trusted proxies`;
	return protocol === "https:"
		? { check: "public URL", ok: true, found: `${publicBaseUrl} (${proxies}).` }
		: {
				check: "public URL",
				ok: false,
				found: `${publicBaseUrl} is not encrypted; providers and browsers need https.`,
			};
}

/** Nothing where a proxy brings TLS. */
function tls(settings: Settings): Finding[] {
	if (!usesTls(settings.tls)) {
		return [];
	}
	const read = readTlsPair(settings.tls);
	if (!read.ok) {
		return [{ check: "TLS", ok: false, found: read.why }];
	}
	const { names, validUntil } = read.pair;
	const leftMs = validUntil.getTime() - systemWith(settings).clock.now().getTime();
	const until = validUntil.toISOString();
	if (leftMs <= 0) {
		return [{ check: "TLS", ok: false, found: `The certificate for ${names} ended on ${until}. Renew it.` }];
	}
	const soon = leftMs < soonMs ? " Renew it soon." : "";
	return [{ check: "TLS", ok: true, found: `The certificate for ${names} is valid until ${until}.${soon}` }];
}
