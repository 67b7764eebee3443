// Loads a connector from any folder: one of the product's, or one that somebody keeps elsewhere and that is written as if
// it stood in src/connectors. What cannot be loaded is told in one sentence.

import { existsSync, realpathSync, statSync } from "node:fs";
import { registerHooks } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Connector } from "#connectors/registry.ts";
import { filesUnder } from "#test/tidy/source.ts";
import type { StartSimulator } from "#simulators/simulator.ts";
import { type Subject, subjectIn } from "./subject.ts";

export type Loaded = { ok: true; subject: Subject } | { ok: false; why: string };

const ownFolder = join(import.meta.dirname, "../../../src/connectors");

export async function loadSubject(given: string): Promise<Loaded> {
	const why = whyNoFolder(given);
	if (why !== undefined) {
		return { ok: false, why };
	}
	const folder = realpathSync(given);
	readAsIfOurs(folder);
	const index = await moduleIn(folder, "index");
	if (typeof index === "string") {
		return { ok: false, why: index };
	}
	const { connector } = index;
	if (!isConnector(connector)) {
		return { ok: false, why: `${given}/index.ts does not export a connector under the name “connector”.` };
	}
	const simulator = fileOf(folder, "simulator") === undefined ? {} : await moduleIn(folder, "simulator");
	if (typeof simulator === "string") {
		return { ok: false, why: simulator };
	}
	return { ok: true, subject: subjectIn(folder, connector, simulator["startSimulator"] as StartSimulator | undefined) };
}

function whyNoFolder(given: string): string | undefined {
	if (!existsSync(given)) {
		return `There is no folder ${given}.`;
	}
	if (!statSync(given).isDirectory()) {
		return `${given} is a file; name the folder of a connector.`;
	}
	if (fileOf(given, "index") === undefined) {
		return `${given} has no index.ts, so it is no folder of a connector.`;
	}
	const fixtures = filesUnder(given, "fixtures");
	const requests = fixtures.filter((file) => /\.(?:http|hex)$/.test(file));
	if (requests.length === 0) {
		return `${given} has no fixtures: put a request of the provider into fixtures/<event>.http, and what it must give into fixtures/<event>.json.`;
	}
	const alone = requests.find((file) => !fixtures.includes(file.replace(/\.(?:http|hex)$/, ".json")));
	return alone === undefined
		? undefined
		: `${given}/${alone} has no ${alone.replace(/\.(?:http|hex)$/, ".json")} beside it.`;
}

function fileOf(folder: string, name: string): string | undefined {
	return [".ts", ".js", ".mjs"].map((ending) => join(folder, name + ending)).find((file) => existsSync(file));
}

/** What a module exports, or why it cannot be loaded. */
async function moduleIn(folder: string, name: string): Promise<Readonly<Record<string, unknown>> | string> {
	const file = fileOf(folder, name) ?? "";
	try {
		return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
	} catch (error) {
		const [first = ""] = String(error).split("\n");
		return `${file} cannot be loaded: ${first}`;
	}
}

function isConnector(value: unknown): value is Connector<unknown> {
	const { type, config, capabilities, inbound, send } = (value ?? {}) as Readonly<Record<string, unknown>>;
	return (
		typeof type === "string" &&
		[config, capabilities, inbound].every((part) => typeof part === "object" && part !== null) &&
		typeof send === "function"
	);
}

/** `../contract.ts`, `../kit/…`, `#domain/…` and `typebox` mean in any folder what they mean in one of ours. */
function readAsIfOurs(folder: string): void {
	const own = pathToFileURL(`${realpathSync(ownFolder)}/`).href;
	const theirs = pathToFileURL(`${resolve(folder)}/`).href;
	if (theirs.startsWith(own)) {
		return;
	}
	const asOurs = pathToFileURL(join(ownFolder, "guest", "index.ts")).href;
	registerHooks({
		resolve(specifier, context, next) {
			const isTheirs = context.parentURL?.startsWith(theirs) === true;
			const isInside = specifier.startsWith(".") && URL.parse(specifier, context.parentURL)?.href.startsWith(theirs);
			const found =
				isTheirs && isInside !== true ? next(specifier, { ...context, parentURL: asOurs }) : next(specifier);
			return found.url.startsWith(theirs) && found.url.endsWith(".ts")
				? { ...found, format: "module-typescript" }
				: found;
		},
	});
}
