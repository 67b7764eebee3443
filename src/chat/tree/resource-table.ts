// A resource of the tree is data: its path, who may see it, and what each method does. From the table come the answers 403,
// 404 and 405, and what can be subscribed.

import type { Grant } from "#domain/rights.ts";
import type { Db } from "#storage/storage.ts";
import type { Known } from "../known.ts";
import type { Windows } from "../messenger.ts";
import type { RefusedMove } from "../moves/move.ts";
import { type Answer, type Caller, type CallerKind, done, fault } from "../resource.ts";
import type { QueuePlaceOf } from "../views.ts";

/** One request, with what is known of its caller. */
export type Context = {
	caller: Caller;
	/** The values of `:name` steps of the path. */
	params: Readonly<Record<string, string>>;
	body: unknown;
	known: Known;
	/** None for visitors. */
	grants: readonly Grant[];
	windows: Windows;
	queuePlaceOf: QueuePlaceOf;
	/** For reads: the storage, or the one moment of a snapshot. */
	db: Db;
};

/** `value` undefined: there is no such thing. */
export type Found = { value: unknown } | Answer;

export type Resource = {
	/** Steps below /users/me: `interactions/:id`. */
	path: string;
	for: readonly CallerKind[];
	/** GET, and SUBSCRIBE with everything below it. */
	read?(ctx: Context): Promise<Found>;
	/** Only to be asked for, not to be followed. */
	isAskedOnly?: boolean;
	/** What it reads is of no one moment of the storage, and may need a connection of its own. */
	isApart?: boolean;
	put?(ctx: Context): Promise<Answer>;
	post?(ctx: Context): Promise<Answer>;
	delete?(ctx: Context): Promise<Answer>;
};

export const agentsOnly: readonly CallerKind[] = ["agent"];
export const everybody: readonly CallerKind[] = ["agent", "visitor"];

export function answerOf(acted: { ok: true } | RefusedMove): Answer {
	return acted.ok ? done : fault(acted.status, acted.error, acted.message);
}

export type Matched = { resource: Resource; params: Readonly<Record<string, string>> };

/** The first that fits: fixed steps stand before `:name` steps in the table. */
export function matchPath(table: readonly Resource[], path: readonly string[]): Matched | undefined {
	for (const resource of table) {
		const params = paramsOf(resource.path.split("/"), path);
		if (params !== undefined) {
			return { resource, params };
		}
	}
	return undefined;
}

function paramsOf(steps: readonly string[], path: readonly string[]): Record<string, string> | undefined {
	if (steps.length !== path.length) {
		return undefined;
	}
	const params: Record<string, string> = {};
	for (const [index, step] of steps.entries()) {
		const given = path[index] ?? "";
		if (step.startsWith(":")) {
			params[step.slice(1)] = given;
		} else if (step !== given) {
			return undefined;
		}
	}
	return params;
}
