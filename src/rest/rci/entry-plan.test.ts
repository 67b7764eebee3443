import assert from "node:assert/strict";
import test from "node:test";
import type { AuthenticationEntryId } from "#domain/ids.ts";
import type { AuthenticationEntry } from "#storage/services.ts";
import { type EnteredEntry, type EntryChange, matchEntries, planEntry } from "./entry-plan.ts";

const now = new Date("2026-11-24T10:00:00.000Z");
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000).toISOString();

const stored = (changes: Partial<AuthenticationEntry> = {}): AuthenticationEntry => ({
	id: "A" as AuthenticationEntryId,
	authenticationId: "webhook",
	direction: "incoming",
	secret: { sealed: new Uint8Array([1]), origin: null, fingerprint: "abcd" },
	previous: null,
	changedAt: now,
	...changes,
});
const rotating = (days: number) =>
	stored({ previous: { sealed: new Uint8Array([2]), validUntil: new Date(inDays(days)) } });

function plan(entered: Partial<EnteredEntry>, change: Partial<EntryChange> = {}) {
	const { planned, notes, problems } = planEntry({
		entered: { authenticationId: "webhook", ...entered },
		before: stored(),
		direction: "incoming",
		clearedBecause: undefined,
		pointer: "/authentications/0",
		now,
		...change,
	});
	return {
		secret: planned.secret,
		previous: planned.previous,
		notes,
		problems: problems.map(({ message }) => message),
	};
}

const keep = { kind: "keep" };
const drop = { kind: "drop" };
const set = { kind: "set", value: "new" };
const moved = "Service Connection changed";

type Row = { what: string; entered: Partial<EnteredEntry>; change?: Partial<EntryChange> } & {
	secret: object;
	previous: object;
	said?: RegExp;
	problem?: RegExp;
};
const rows: readonly Row[] = [
	{ what: "no password keeps the secret", entered: {}, secret: keep, previous: drop },
	{ what: "null clears it", entered: { password: null }, secret: { kind: "clear" }, previous: drop },
	{
		what: "null clears the previous one too",
		entered: { password: null },
		change: { before: rotating(1) },
		secret: { kind: "clear" },
		previous: drop,
	},
	{ what: "a text sets it and ends the old one at once", entered: { password: "new" }, secret: set, previous: drop },
	{
		what: "a text may leave the old one valid",
		entered: { password: "new", previousValidUntil: inDays(30) },
		secret: set,
		previous: { kind: "kept", validUntil: new Date(inDays(30)) },
	},
	{
		what: "a third secret drops the oldest",
		entered: { password: "new", previousValidUntil: inDays(2) },
		change: { before: rotating(1) },
		secret: set,
		previous: { kind: "kept", validUntil: new Date(inDays(2)) },
		said: /the oldest was dropped/,
	},
	{
		what: "a rotation longer than 30 days is refused",
		entered: { password: "new", previousValidUntil: inDays(30.001) },
		secret: set,
		previous: drop,
		problem: /at most 30 days/,
	},
	{
		what: "a rotation that ends in the past is refused",
		entered: { password: "new", previousValidUntil: inDays(-1) },
		secret: set,
		previous: drop,
		problem: /in the future/,
	},
	{
		what: "a date that does not exist is refused",
		entered: { password: "new", previousValidUntil: "2026-13-40T10:00:00Z" },
		secret: set,
		previous: drop,
		problem: /in the future/,
	},
	{
		what: "an outgoing secret is replaced at once",
		entered: { password: "new", previousValidUntil: inDays(1) },
		change: { direction: "outgoing" },
		secret: set,
		previous: drop,
		problem: /leave it out/,
	},
	{
		what: "an entry that serves both ways may rotate",
		entered: { password: "new", previousValidUntil: inDays(1) },
		change: { direction: "both" },
		secret: set,
		previous: { kind: "kept", validUntil: new Date(inDays(1)) },
	},
	{
		what: "a first secret has none before it",
		entered: { password: "new", previousValidUntil: inDays(1) },
		change: { before: stored({ secret: null }) },
		secret: set,
		previous: drop,
		said: /because none was set/,
	},
	{
		what: "a new entry has none before it",
		entered: { password: "new", previousValidUntil: inDays(1) },
		change: { before: undefined },
		secret: set,
		previous: drop,
		said: /because none was set/,
	},
	{
		what: "a rotation that is going on goes on",
		entered: {},
		change: { before: rotating(1) },
		secret: keep,
		previous: keep,
	},
	{
		what: "a rotation can be ended early",
		entered: { previousValidUntil: null },
		change: { before: rotating(1) },
		secret: keep,
		previous: drop,
	},
	{
		what: "a rotation can be prolonged",
		entered: { previousValidUntil: inDays(9) },
		change: { before: rotating(1) },
		secret: keep,
		previous: { kind: "until", validUntil: new Date(inDays(9)) },
	},
	{
		what: "the end that is stored may be sent back",
		entered: { previousValidUntil: inDays(1) },
		change: { before: rotating(1) },
		secret: keep,
		previous: keep,
	},
	{
		what: "an end that has passed may be sent back",
		entered: { previousValidUntil: inDays(-1) },
		change: { before: rotating(-1) },
		secret: keep,
		previous: drop,
	},
	{ what: "what has ended is dropped", entered: {}, change: { before: rotating(-1) }, secret: keep, previous: drop },
	{
		what: "a rotation needs a new password",
		entered: { previousValidUntil: inDays(1) },
		secret: keep,
		previous: drop,
		problem: /needs the new password/,
	},
	{
		what: "another host clears what is not entered anew",
		entered: {},
		change: { direction: "outgoing", clearedBecause: moved },
		secret: { kind: "clear" },
		previous: drop,
		said: /^The secret of webhook was cleared because Service Connection changed; enter it again\.$/,
	},
	{
		what: "another host says nothing where nothing was set",
		entered: {},
		change: { before: stored({ secret: null }), clearedBecause: moved },
		secret: { kind: "clear" },
		previous: drop,
	},
	{
		what: "another host takes a new secret, and never keeps the old one",
		entered: { password: "new", previousValidUntil: inDays(1) },
		change: { direction: "both", clearedBecause: moved },
		secret: set,
		previous: drop,
		said: /because Service Connection changed/,
	},
	{
		what: "spaces around a secret are told",
		entered: { password: "new " },
		secret: { kind: "set", value: "new " },
		previous: drop,
		said: /begins or ends with a space/,
	},
];
for (const { what, entered, change, secret, previous, said, problem } of rows) {
	test(what, () => {
		const made = plan(entered, change);
		assert.deepEqual(made.secret, secret);
		assert.deepEqual(made.previous, previous);
		assert.equal(made.notes.length, said === undefined ? 0 : 1, made.notes.join());
		assert.match(made.notes.join(), said ?? /^$/);
		assert.equal(made.problems.length, problem === undefined ? 0 : 1, made.problems.join());
		assert.match(made.problems.join(), problem ?? /^$/);
	});
}

const one = stored({ id: "A" as AuthenticationEntryId, authenticationId: "one" });
const two = stored({ id: "B" as AuthenticationEntryId, authenticationId: "two" });

test("entries are matched by id, else by Authentication ID, each stored one at most once", () => {
	const { matches, problems } = matchEntries(
		[{ authenticationId: "two" }, { id: "A", authenticationId: "renamed" }, { authenticationId: "new" }],
		[one, two],
	);
	assert.deepEqual(matches, [two, one, undefined]);
	assert.deepEqual(problems, []);
	const swapped = matchEntries([{ id: "B", authenticationId: "one" }, { authenticationId: "two" }], [one, two]);
	assert.deepEqual(swapped.matches, [two, undefined], "an entry that was renamed away is not found by its old name");
});

test("an id that is not of this service, or is given twice, is a problem", () => {
	const { problems } = matchEntries(
		[
			{ id: "C", authenticationId: "x" },
			{ id: "A", authenticationId: "y" },
			{ id: "A", authenticationId: "z" },
		],
		[one, two],
	);
	assert.deepEqual(
		problems.map(({ pointer }) => pointer),
		["/authentications/0/id", "/authentications/2/id"],
	);
});
