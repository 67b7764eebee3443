// Goal: who looks for a service finds it by any of its names, and what needs somebody stands first when one asks for that.

import assert from "node:assert/strict";
import test from "node:test";
import { type ServiceRow, sortedRows, wantedRows, withNewerState } from "./service-rows.ts";

type Part = Partial<Pick<ServiceRow["service"], "name" | "type" | "state" | "enabled">>;

/** Only what the list looks at. */
function rowOf(part: Part, figures?: { backlog?: number; errorRate?: number; lastInbound?: string }): ServiceRow {
	const { name = "Shop", type = "twilio" } = part;
	const service = { id: `ID${name}`, name, type, state: "ready", enabled: true, authentications: [], ...part };
	const health = figures && {
		backlog: { outgoing: figures.backlog ?? 0, incoming: 0, quarantined: 0 },
		errorRate: figures.errorRate ?? 0,
		lastInbound: figures.lastInbound ?? null,
	};
	return { service, typeLabel: type.toUpperCase(), health } as unknown as ServiceRow;
}

const namesOf = (rows: readonly ServiceRow[]) => rows.map(({ service }) => service.name);

test("every word must fit, in the name, the type, the id or an Authentication ID", () => {
	const telegram = rowOf({ name: "Support bot", type: "telegram" });
	const authentications = [{ authenticationId: "ACabc" }] as ServiceRow["service"]["authentications"];
	const twilio = { ...rowOf({}), service: { ...rowOf({}).service, authentications } };
	const rows = [telegram, twilio];
	const found = (find: string) => namesOf(wantedRows(rows, { find }));

	assert.deepEqual(found("bot TELE"), ["Support bot"]);
	assert.deepEqual(found("acab"), ["Shop"]);
	assert.deepEqual(found("idshop"), ["Shop"]);
	assert.deepEqual(found("bot twilio"), []);
	assert.deepEqual(found("  "), ["Support bot", "Shop"]);
});

test("a state, what needs attention, and a type narrow the list", () => {
	const rows = [
		rowOf({ name: "A", state: "failing" }),
		rowOf({ name: "B", state: "draft", type: "smpp" }),
		rowOf({ name: "C", state: "paused" }),
		rowOf({ name: "D" }),
	];

	assert.deepEqual(namesOf(wantedRows(rows, { state: "paused" })), ["C"]);
	assert.deepEqual(namesOf(wantedRows(rows, { state: "attention" })), ["A", "B"]);
	assert.deepEqual(namesOf(wantedRows(rows, { state: "attention", type: "smpp" })), ["B"]);
});

test("names are sorted as people count, states by need, figures by size; what is equal by name", () => {
	const rows = [
		rowOf({ name: "Line 10" }, { backlog: 3, lastInbound: "2026-01-02T00:00:00.000Z" }),
		rowOf({ name: "Line 9", state: "failing" }, { backlog: 20 }),
		rowOf({ name: "line 1", state: "draft" }),
	];
	const sorted = (sort: string) => namesOf(sortedRows(rows, sort, "en"));

	assert.deepEqual(sorted("name"), ["line 1", "Line 9", "Line 10"]);
	assert.deepEqual(sorted("-name"), ["Line 10", "Line 9", "line 1"]);
	assert.deepEqual(sorted("state"), ["Line 9", "line 1", "Line 10"]);
	assert.deepEqual(sorted("-backlog"), ["Line 9", "Line 10", "line 1"]);
	assert.deepEqual(sorted("-lastInbound"), ["Line 10", "line 1", "Line 9"]);
	assert.deepEqual(sorted("no such column"), sorted("name"));
});

test("newer figures tell the state, but what was switched off stays switched off", () => {
	const health = { state: "failing", because: "It burns.", action: "Run Check." } as unknown as ServiceRow["health"];
	const { service } = rowOf({});
	const paused = rowOf({ state: "paused", enabled: false }).service;

	assert.deepEqual(withNewerState(service, health), {
		...service,
		state: "failing",
		stateBecause: "It burns.",
		stateAction: "Run Check.",
	});
	assert.equal(withNewerState(paused, health), paused);
	assert.equal(withNewerState(service, undefined), service);
});
