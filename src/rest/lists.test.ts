import assert from "node:assert/strict";
import test from "node:test";
import { toLike } from "#storage/list.ts";
import { listQuery, toListRequest } from "./lists.ts";
import { difference } from "./record-change.ts";

const fields = { name: "name", firstName: "first_name" } as const;

test("a list has a limit, a place to start and an order even when none is given", () => {
	assert.deepEqual(toListRequest({}, fields, "name", "every"), {
		limit: 100,
		offset: 0,
		sort: [{ column: "name", descending: false }],
		filters: [],
		only: "every",
	});
});

test("fields become columns, a minus sorts descending, a locale has no effect, a lone star does not filter", () => {
	const query = { limit: 5, offset: 10, sort: "-firstName,name,LOCALE-de", name: "a*", firstName: "*" };
	const request = toListRequest(query, fields, "name", ["x"]);
	assert.deepEqual(request.sort, [
		{ column: "first_name", descending: true },
		{ column: "name", descending: false },
	]);
	assert.deepEqual(request.filters, [{ column: "name", pattern: "a*" }]);
	assert.deepEqual([request.limit, request.offset, request.only], [5, 10, ["x"]]);
});

test("numbers and moments sort by their value; a moment is no filter", () => {
	const columns = { name: "name", priority: { number: "priority" }, from: { moment: "valid_from" } } as const;
	const query = { sort: "-priority,from,name", priority: "1*" };
	const request = toListRequest(query, columns, "name", "every");
	assert.deepEqual(request.sort, [
		{ column: "priority", descending: true, isNumber: true },
		{ column: "valid_from", descending: false, isNumber: true },
		{ column: "name", descending: false },
	]);
	assert.deepEqual(request.filters, [{ column: "priority", pattern: "1*" }]);
	assert.deepEqual(Object.keys(listQuery(columns).properties), ["limit", "offset", "sort", "name", "priority"]);
});

for (const sort of ["password", "first_name", "", "name,,name", "name;DROP", "constructor", "--name"]) {
	test(`a list cannot be sorted by "${sort}"`, () => {
		assert.throws(() => toListRequest({ sort }, fields, "name", "every"), { code: "invalid_query" });
	});
}

test("a pattern's own signs are data, stars and question marks are places", () => {
	assert.equal(toLike("A*b?c"), "a%b_c");
	assert.equal(toLike("100%_!"), "100!%!_!!");
});

test("a change lists what differs, both sides, and nothing that says nothing", () => {
	const before = { id: "1", name: "a", list: [1], gone: 1, same: null, updatedAt: "x", version: 1 };
	const after = { id: "1", name: "b", list: [2], made: 2, same: null, updatedAt: "y", version: 2 };
	assert.deepEqual(difference(before, after), {
		name: { before: "a", after: "b" },
		list: { before: [1], after: [2] },
		gone: { before: 1 },
		made: { after: 2 },
	});
	assert.deepEqual(difference(undefined, { name: "a" }), { name: { after: "a" } });
	assert.deepEqual(difference({ name: "a" }), { name: { before: "a" } });
});
