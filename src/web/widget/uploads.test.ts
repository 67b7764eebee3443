import assert from "node:assert/strict";
import { test } from "node:test";
import { unreachable } from "#web/api/problem.ts";
import type { FileLimits } from "#web/realtime/file-limits.ts";
import type { Asked } from "./asked.ts";
import { openUploads } from "./uploads.ts";

type Stage = { known: FileLimits | undefined; now?: FileLimits | undefined; put?: () => Promise<void> };

function stage({ known, now, put = () => Promise.resolve() }: Stage) {
	const done: string[] = [];
	let number = 0;
	const uploads = openUploads({
		ask(method, uri): Promise<Asked> {
			done.push(`${method} ${uri}`);
			return Promise.resolve({ ok: true, body: { id: "F" } });
		},
		put(id) {
			done.push(`bytes of ${id}`);
			return put();
		},
		limits: () => known,
		learnLimits() {
			done.push("limits");
			return Promise.resolve(now);
		},
		newId: () => `${(number += 1)}`,
		onChange: () => undefined,
	});
	const send = (name: string) => uploads.send("C", new File(["four"], name));
	return { done, send, all: () => uploads.all().map(({ name, because }) => [name, because]), drop: uploads.drop };
}

const announced = ["POST /interactions/C/attachments", "bytes of F"];

test("what is not taken, and still is not when it is asked anew, is refused before it is announced", async () => {
	const small = { size: 3, types: ["txt"] };
	const { done, send, all, drop } = stage({ known: small, now: small });
	await send("a.txt");
	await send("a.exe");
	assert.deepEqual(all(), [
		["a.txt", "too_large"],
		["a.exe", "too_large"],
	]);
	assert.deepEqual(done, ["limits", "limits"]);
	drop("1");
	assert.deepEqual(all(), [["a.exe", "too_large"]]);
	const other = stage({ known: small, now: { size: 4, types: ["txt"] } });
	await other.send("a.exe");
	assert.deepEqual([other.all(), other.done], [[["a.exe", "type_not_allowed"]], ["limits"]], "by the newer limits");
});

test("what was not taken, and is by now, is sent; and so is what nobody can tell of", async () => {
	for (const now of [{ size: 4, types: ["zip"] }, undefined]) {
		const { done, send, all } = stage({ known: { size: 4, types: ["txt"] }, now });
		await send("a.zip");
		assert.deepEqual([all(), done], [[], ["limits", ...announced]]);
	}
});

test("while it is asked anew, the file waits to be sent", async () => {
	const { send, all } = stage({ known: { size: 4, types: ["txt"] }, now: { size: 4, types: [] } });
	const sending = send("a.zip");
	assert.deepEqual(all(), [["a.zip", undefined]]);
	await sending;
	assert.deepEqual(all(), [["a.zip", "type_not_allowed"]]);
});

test("what fits, and what nobody knows yet, is announced and sent", async () => {
	for (const known of [{ size: 4, types: ["txt"] }, undefined]) {
		const { done, send, all } = stage({ known });
		await send("a.txt");
		assert.deepEqual([all(), done], [[], announced]);
	}
	const lost = stage({ known: undefined, put: () => Promise.reject(unreachable()) });
	await lost.send("a.txt");
	assert.deepEqual(lost.all(), [["a.txt", "unreachable"]]);
});
