// What a reader of the configuration's events is told: each audited change of an object they may view, in the order of the
// commits, and the states of messaging services, at first of all and then of those that have another.

import { type ObjectType, objectTypes } from "#domain/rights.ts";
import type { JudgedState } from "#domain/service-state.ts";
import type { Principal } from "#identity/principal.ts";
import { decide } from "#rights/decide.ts";
import { changesAfter, type ConfigurationChange } from "#storage/audit.ts";
import type { StreamDeps, StreamEvent, StreamSource } from "../event-stream.ts";
import { toTimestamp } from "../schemas.ts";
import type { KnownStates } from "./known-states.ts";

const entriesAtOnce = 1000; // Of the log; each is a few words here.

export function changeSource(
	{ storage }: Pick<StreamDeps, "storage">,
	statesNow: KnownStates,
	start: { seq: number; caller: Principal },
): StreamSource {
	let { seq, caller } = start;
	let before = caller;
	const told = new Map<string, JudgedState>();
	return {
		lane: "configuration",
		start: String(seq),
		async next() {
			const { changes, seen, isAll } = await changesAfter(storage.db, seq, { objectTypes, entries: entriesAtOnce });
			seq = seen;
			const visible = changes.filter((change) => mayView(caller, change) || isLoss(before, change));
			const events = visible.map(toChanged);
			before = caller;
			return { events: isAll ? [...events, ...newStates(told, caller, await statesNow())] : events, isAll };
		},
		know(now) {
			before = caller;
			caller = now;
		},
	};
}

/** Without an id (the SMS Server's variables) it is about the only one of its type. */
function mayView(
	{ grants }: Principal,
	{ objectType, objectId }: Pick<ConfigurationChange, "objectType" | "objectId">,
) {
	const on = objectId === null ? "every" : { id: objectId };
	return decide(grants, "view", { objectType: objectType as ObjectType, on }).allowed;
}

/** With an object its grants are deleted: who could view it a moment ago must still be told that it is gone. */
function isLoss(before: Principal, change: ConfigurationChange): boolean {
	return change.action === "delete" && mayView(before, change);
}

function toChanged({ seq, at, action, objectType, objectId }: ConfigurationChange): StreamEvent {
	const id = String(seq);
	return { id, type: "changed", data: { id, type: "changed", at: toTimestamp(at), objectType, objectId, action } };
}

/** Remembers them as told. A service that is gone is told of as a change. */
function newStates(
	told: Map<string, JudgedState>,
	caller: Principal,
	states: ReadonlyMap<string, JudgedState>,
): StreamEvent[] {
	const visible = [...states].filter(([id]) => mayView(caller, { objectType: "messagingService", objectId: id }));
	const fresh = visible.filter(([id, judged]) => !isSame(told.get(id), judged));
	told.clear();
	visible.forEach(([id, judged]) => told.set(id, judged));
	return fresh.map(([service, { state, because, action }]) => ({
		type: "state",
		data: { type: "state", service, state, because, action },
	}));
}

function isSame(one: JudgedState | undefined, other: JudgedState): boolean {
	return one?.state === other.state && one.because === other.because && one.action === other.action;
}
