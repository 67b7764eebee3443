// Reads test/contract/authz.csv: who may call which route. Written by people, from the product's rules and not from its
// code; a route that is not in it, or needs something else, fails the build.
// A right reads `access objectType reach`, where a reach is `every`, `some`, `row`, or the path parameter that names the
// object; `a|b` is served by either access, `a|b|c` by any of them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Need, Needs } from "#rest/route.ts";

const file = join(import.meta.dirname, "authz.csv");
const headline = "method,path,who,rights";

/** By `GET /RI/rci/users`. */
export function readRights(): ReadonlyMap<string, Needs> {
	const [head, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
	if (head !== headline) {
		throw new Error(`authz.csv begins with ${headline}`);
	}
	const rows = lines.map((line): [string, Needs] => {
		const [method = "", path = "", who = "", rights = ""] = line.split(",");
		return [`${method} ${path}`, toNeeds(line, who, rights)];
	});
	const rightsByRoute = new Map(rows);
	if (rightsByRoute.size !== rows.length) {
		throw new Error("authz.csv has a route twice");
	}
	return rightsByRoute;
}

function toNeeds(line: string, who: string, rights: string): Needs {
	if (who === "holders" && rights !== "") {
		return { who, rights: rights.split(" + ").map((right) => toNeed(line, right)) };
	}
	if ((who !== "anybody" && who !== "signedIn") || rights !== "") {
		throw new Error(`authz.csv: ${line}`);
	}
	return who === "anybody" ? { who, because: "authz.csv says so" } : { who };
}

const right =
	/^(?<access>\w+)(?:\|(?<or>\w+(?:\|\w+)*))? (?<objectType>\w+) (?:(?<whole>every|some|row)|:(?<param>\w+))$/;

function toNeed(line: string, text: string): Need {
	const { access, or, objectType, whole, param } = right.exec(text)?.groups ?? {};
	if (access === undefined) {
		throw new Error(`authz.csv: "${text}" in ${line}`);
	}
	const on = whole ?? { param };
	const others = or?.split("|") ?? [];
	const served = others.length === 0 ? {} : { or: others.length === 1 ? others[0] : others };
	return { objectType, access, ...served, on } as Need;
}

/** Without the reason, which is for people. */
export function comparable(needs: Needs): unknown {
	return needs.who === "anybody" ? { who: needs.who } : needs;
}
