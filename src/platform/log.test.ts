import test from "node:test";
import assert from "node:assert/strict";
import { type LogFields, type LogLevel, describeError, openLog, silentLog } from "./log.ts";

function logged(level: LogLevel, run: (log: ReturnType<typeof openLog>) => void): Record<string, unknown>[] {
	const lines: string[] = [];
	run(openLog({ level, write: (line) => void lines.push(line) }));
	return lines.map((line) => {
		assert.ok(line.endsWith("\n") && line.indexOf("\n") === line.length - 1, "one line per entry");
		return JSON.parse(line) as Record<string, unknown>;
	});
}

test("a line has the time in UTC, the level by name, the text and the fields given", () => {
	const [line] = logged("info", (log) => log.info("Started.", { server: "main", port: 8080 }));
	const { time, ...rest } = line ?? {};
	assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	assert.deepEqual(rest, { level: "info", server: "main", port: 8080, text: "Started." });
});

test("fields that are not in the list, or of another type, are dropped at run time", () => {
	const fields = { serviceId: "A1", body: "hello", password: "hunter2", status: "200", headers: {}, error: "text" };
	const [line] = logged("info", (log) => log.warn("Odd.", fields as unknown as LogFields));
	assert.deepEqual(Object.keys(line ?? {}).toSorted(), ["level", "serviceId", "text", "time"]);
});

test("of an error only name, message and stack are written", () => {
	const error = Object.assign(describeError(new TypeError("no")), { config: "hunter2" });
	const [line] = logged("error", (log) => log.error("Failed.", { error }));
	assert.deepEqual(Object.keys(line?.["error"] as object), ["name", "message", "stack"]);
});

test("lines below the level are not written", () => {
	const lines = logged("warn", (log) => {
		log.debug("a");
		log.info("b");
		log.warn("c");
		log.error("d");
	});
	assert.deepEqual(
		lines.map(({ text }) => text),
		["c", "d"],
	);
});

test("line breaks and control characters cannot forge a line", () => {
	const [line] = logged("info", (log) => log.info("a\n{}\u001b[2J", { reason: 'x\r\n"}' }));
	assert.equal(line?.["text"], "a\n{}\u001b[2J");
	assert.equal(line?.["reason"], 'x\r\n"}');
});

test("a message of unknown origin is cut, and the stack does not bring it back", () => {
	const { name, message, stack } = describeError(new RangeError("x".repeat(5000)));
	assert.equal(name, "RangeError");
	assert.equal(message.length, 300);
	assert.ok(stack?.startsWith("    at ") === true && !stack.includes("xxxx"));
});

test("what was thrown without being an error is told by its type only", () => {
	assert.deepEqual(describeError("hunter2"), { name: "NotAnError", message: "Something of type string was thrown." });
});

test("the silent log takes everything and says nothing", () => {
	assert.equal(silentLog.error("x", { code: "y" }), undefined);
});
