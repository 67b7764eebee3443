import test from "node:test";
import assert from "node:assert/strict";
import { Problem, type ProblemCode, problems, toProblemDocument } from "./problems.ts";

test("every problem of the catalogue has an error status, a title and one sentence of meaning", () => {
	for (const [code, { status, title, meaning }] of Object.entries(problems)) {
		assert.match(code, /^[a-z]+(_[a-z]+)*$/);
		assert.ok(status >= 400 && status < 600, code);
		assert.ok(title.length > 0 && !title.endsWith("."), code);
		assert.match(meaning, /^[A-Z][^\n]+\.$/, code);
	}
});

test("a problem becomes an RFC 9457 document with its code, and with errors only when there are some", () => {
	const plain = toProblemDocument(new Problem("not_found", "No such queue."), "C1");
	assert.deepEqual(plain, {
		type: "/RI/docs/problems#not_found",
		title: "Not found",
		status: 404,
		detail: "No such queue.",
		code: "not_found",
		correlationId: "C1",
	});
	const errors = [{ pointer: "/name", message: "is required" }];
	assert.deepEqual(toProblemDocument(new Problem("invalid_body", "Wrong.", errors), "C1").errors, errors);
});

test("a problem carries the status of its code and the headers given", () => {
	const code: ProblemCode = "too_many_logons";
	const problem = new Problem(code, "Wait.", undefined, { headers: { "retry-after": "7" } });
	assert.ok(problem instanceof Error);
	assert.equal(problem.status, 429);
	assert.deepEqual(problem.headers, { "retry-after": "7" });
});
