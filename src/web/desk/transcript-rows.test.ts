import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "#web/realtime/tree.ts";
import type { Pending } from "./pending.ts";
import { rowsOf, withOlder } from "./transcript-rows.ts";

const said = (id: string, more: Partial<Message> = {}): Message => ({
	id,
	seq: Number(id.slice(1)),
	type: "text",
	message: id,
	originator: "ann@home.test",
	timestamp: "05/03/2026 14:07:09 UTC+00:00",
	system_message: false,
	...more,
});
const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
const failure = (about: string): string =>
	JSON.stringify({ error_code: "DELIVERYFAILED", error_description: "The number is not in use.", message_id: about });
const pending = (clientId: string): Pending => ({ clientId, kind: "text", text: clientId, state: "sending" });

test("a day begins before its first line, and who goes on talking is not named again", () => {
	const rows = rowsOf(
		[
			said("M1"),
			said("M2", { timestamp: "05/03/2026 14:09:00 UTC+00:00" }),
			said("M3", { timestamp: "05/03/2026 15:00:00 UTC+00:00" }),
			said("M4", { timestamp: "06/03/2026 00:01:00 UTC+00:00" }),
		],
		[],
		day,
	);
	assert.deepEqual(
		rows.map((row) => (row.kind === "line" ? [row.key, row.isGoingOn] : row.kind)),
		["day", ["M1", false], ["M2", true], ["M3", false], "day", ["M4", false]],
	);
});

test("a note of the same person is named, as it is something else", () => {
	const rows = rowsOf([said("M1"), said("M2", { type: "note" })], [], day);
	assert.deepEqual(
		rows.flatMap((row) => (row.kind === "line" ? [row.isGoingOn] : [])),
		[false, false],
	);
});

test("why a message was not delivered is told beside it, and no more once it was sent again", () => {
	const error = said("M3", { type: "error", message: failure("M1"), system_message: true });
	const failed = rowsOf([said("M1", { delivery_status: "failed" }), said("M2"), error], [], day);
	assert.deepEqual(
		failed.map((row) => (row.kind === "line" ? [row.key, row.cause] : row.kind)),
		["day", ["M1", "The number is not in use."], ["M2", undefined]],
	);
	const again = rowsOf([said("M1", { delivery_status: "sent" }), error], [], day);
	assert.deepEqual(
		again.map((row) => (row.kind === "line" ? [row.key, row.cause] : row.kind)),
		["day", ["M1", undefined]],
	);
	const elsewhere = rowsOf([error], [], day);
	assert.deepEqual(
		elsewhere.map(({ kind }) => kind),
		["day", "notice"],
	);
});

test("what is on its way stands at the end, under the key that it keeps once it is there", () => {
	const before = rowsOf([said("M1")], [pending("c1"), pending("c2")], day);
	assert.deepEqual(
		before.map(({ key }) => key),
		["day M1", "M1", "c1", "c2"],
	);
	const after = rowsOf([said("M1"), said("M2", { client_message_id: "c1" })], [pending("c1"), pending("c2")], day);
	assert.deepEqual(
		after.map(({ key }) => key),
		["day M1", "M1", "c1", "c2"],
	);
});

test("earlier lines come before those that are there, each once", () => {
	const all = withOlder([said("M1"), said("M2"), said("M3")], [said("M2"), said("M3")]);
	assert.deepEqual(
		all.map(({ id }) => id),
		["M1", "M2", "M3"],
	);
});
