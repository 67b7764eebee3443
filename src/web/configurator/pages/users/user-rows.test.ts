import assert from "node:assert/strict";
import { test } from "node:test";
import { foundUsers, sortedUsers, type UserRow } from "./user-rows.ts";

const row = (firstName: string, extra: Partial<UserRow> = {}): UserRow => ({
	id: firstName,
	firstName,
	surname: "Zed",
	login: firstName.toLowerCase(),
	externalUser: false,
	enabled: true,
	email: null,
	title: null,
	location: null,
	phone: null,
	uiLanguage: null,
	timeZone: null,
	externalId: null,
	passwordSet: true,
	passwordKind: "person",
	passwordChangedAt: null,
	secondFactor: false,
	allowed: [],
	createdAt: "2026-01-01T00:00:00.000Z",
	updatedAt: "2026-01-01T00:00:00.000Z",
	userGroups: [],
	...extra,
});
const names = (rows: readonly UserRow[]) => rows.map(({ firstName }) => firstName);

test("every word is looked for in name, logon name, address and groups", () => {
	const rows = [
		row("Ann", { userGroups: [{ id: "1", name: "Night shift" }] }),
		row("Bob", { email: "bob@example.com", externalUser: true }),
	];
	assert.deepEqual(names(foundUsers(rows, "night ann", undefined)), ["Ann"]);
	assert.deepEqual(names(foundUsers(rows, "EXAMPLE", undefined)), ["Bob"]);
	assert.deepEqual(names(foundUsers(rows, "", "person")), ["Ann"]);
	assert.deepEqual(names(foundUsers(rows, "ann bob", undefined)), []);
});

test("users are sorted as people sort names, in both directions", () => {
	const rows = [row("zoe"), row("Ärne"), row("Bob", { enabled: false })];
	assert.deepEqual(names(sortedUsers(rows, "name", "de")), ["Ärne", "Bob", "zoe"]);
	assert.deepEqual(names(sortedUsers(rows, "-state", "de"))[0], "Bob");
	assert.deepEqual(names(sortedUsers(rows, "unknown", "de")), ["Ärne", "Bob", "zoe"]);
});
