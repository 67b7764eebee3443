// The wall: who may import whom. Across folders only by `#name/…`, relative imports stay in their folder, and servers
// never import each other: they meet in tables.

import { posix } from "node:path";
import { codeUnder, importsOf, isTest, jsonOf, textOf } from "./source.ts";

/**
 * A room is a folder of `src/`. The parts of `connectors/` are rooms of their own: `connectors/*` is one service type,
 * `connectors/rules` the parts of the kit for who asks about a service: what its form allows, what its settings are, what it would send, why a signature does not fit.
 */
const wall: Readonly<Record<string, readonly string[]>> = {
	domain: [],
	platform: ["domain"],
	storage: ["domain", "platform"],
	rights: ["domain"],
	identity: ["domain", "platform", "storage", "rights"],
	"connectors/contract": ["domain"],
	"connectors/kit": ["domain", "connectors/contract"],
	"connectors/rules": ["domain", "connectors/contract", "connectors/kit"],
	"connectors/registry": ["domain", "connectors/contract", "connectors/rules", "connectors/*"],
	"connectors/*": ["domain", "connectors/contract", "connectors/kit"],
	gateway: [
		"domain",
		"platform",
		"storage",
		"identity",
		"connectors/registry",
		"connectors/rules",
		"connectors/contract",
	],
	matcher: ["domain", "platform", "storage"],
	hooks: ["domain", "platform", "storage", "rights"],
	outgoing: ["domain", "platform", "storage", "connectors/registry"],
	chat: ["domain", "platform", "storage", "rights", "identity", "outgoing"],
	rest: ["domain", "platform", "storage", "rights", "identity", "outgoing", "connectors/registry", "connectors/rules"],
	simulators: ["domain", "platform"],
	settings: ["domain", "platform"],
	// The types of all texts.
	web: ["web/ui", "web/configurator", "web/desk"],
	"web/api": ["domain"],
	"web/texts": ["domain", "web/api"],
	"web/ui": ["domain", "web/api", "web/texts"],
	"web/realtime": [],
	"web/configurator": ["domain", "web/api", "web/texts", "web/ui"],
	"web/widget": ["domain", "web/api", "web/realtime"],
	"web/desk": ["domain", "web/api", "web/texts", "web/ui", "web/realtime"],
};
/** Read by everything, since settings are handed in as a value of this type. */
const typesForAll = ["settings"];
/** Parts of the composition root: they may import every room. */
const roots = ["main", "commands"];

export function findings(root: string): readonly string[] {
	const aliases = aliasesOf(root);
	const files = ["src", "test", "tools", "bench"].flatMap((folder) => codeUnder(root, folder));
	return files.flatMap((file) =>
		importsOf(textOf(root, file)).flatMap(({ from, isType, line }) => {
			const wrong = from.startsWith(".")
				? wrongRelative(file, from, isType)
				: from.startsWith("#") && wrongAlias(file, from, isType, aliases);
			return wrong ? [`${file}:${line} imports ${from}: ${wrong}`] : [];
		}),
	);
}

type Aliases = readonly { start: string; target: string }[];

function aliasesOf(root: string): Aliases {
	const imports = jsonOf(root, "package.json")["imports"] as Readonly<Record<string, string>>;
	return Object.entries(imports).map(([start, target]) => ({
		start: start.replace(/\*$/, ""),
		target: target.replace(/^\.\//, "").replace(/\*$/, ""),
	}));
}

function wrongRelative(file: string, from: string, isType: boolean): string | undefined {
	const target = posix.join(posix.dirname(file), from);
	return folderOf(target) === folderOf(file)
		? wrongRoom(file, target, isType)
		: "a relative import may not leave its folder; use #name/…";
}

function wrongAlias(file: string, from: string, isType: boolean, aliases: Aliases): string | undefined {
	const alias = aliases.find(({ start }) => (start.endsWith("/") ? from.startsWith(start) : from === start));
	return alias === undefined
		? "package.json knows no such name"
		: wrongRoom(file, posix.normalize(alias.target + from.slice(alias.start.length)), isType);
}

/** `src/<room>`, or `src`, `test`, `tools` or `bench`. */
function folderOf(file: string): string {
	const [top = "", ...steps] = file.split("/");
	const depth = steps[0] === "web" ? 2 : 1;
	return top === "src" && steps.length > 1
		? [top, ...steps.slice(0, Math.min(depth, steps.length - 1))].join("/")
		: top;
}

function roomOf(file: string): string {
	const [, first = "", second = "", third = ""] = file.split("/");
	if (first === "web" && third !== "") {
		return `web/${second}`;
	}
	if (first !== "connectors") {
		return first.replace(/\.ts$/, "").replace(/^settings-.*/, "settings");
	}
	const isRules =
		second === "kit" &&
		[
			"rules.ts",
			"settings-rules.ts",
			"settings-schema.ts",
			"settings-hints.ts",
			"preview.ts",
			"explain.ts",
			"secret-names.ts",
			"webhook-calls.ts",
		].includes(third);
	const name = isRules ? "rules" : second.replace(/\.ts$/, "").replace(/^contract-.*/, "contract");
	return ["contract", "registry", "kit", "rules"].includes(name) ? `connectors/${name}` : "connectors/*";
}

function wrongRoom(file: string, target: string, isType: boolean): string | undefined {
	if (target === "src/main.ts") {
		return "nobody imports main.ts";
	}
	if (isTest(file) || file.startsWith("tools/") || file.startsWith("bench/")) {
		return undefined;
	}
	if (!target.startsWith("src/") || isTest(target)) {
		return "the product may not import tests or tools";
	}
	const [here, there] = [roomOf(file), roomOf(target)];
	if (roots.includes(here) || (isType && typesForAll.includes(there))) {
		return undefined;
	}
	const allowed = wall[here];
	if (allowed === undefined) {
		return `the wall knows no room ${here}`;
	}
	return isSameRoom(file, target) || allowed.includes(there) ? undefined : `${here} may not import ${there}`;
}

/** Two service types are two rooms, although the wall has one row for all of them. */
function isSameRoom(file: string, target: string): boolean {
	const room = roomOf(file);
	return room === roomOf(target) && (room !== "connectors/*" || file.split("/")[2] === target.split("/")[2]);
}
