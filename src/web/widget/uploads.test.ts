import assert from "node:assert/strict";
import { test } from "node:test";
import { unreachable } from "#web/api/problem.ts";
import type { FileLimits } from "#web/realtime/file-limits.ts";
import type { Asked } from "./asked.ts";
import { openUploads } from "./uploads.ts";

function stage(limits: FileLimits | undefined, put: () => Promise<void> = () => Promise.resolve()) {
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
		limits: () => limits,
		newId: () => `${(number += 1)}`,
		onChange: () => undefined,
	});
	const send = (name: string) => uploads.send("C", new File(["four"], name));
	return { done, send, all: () => uploads.all().map(({ name, because }) => [name, because]), drop: uploads.drop };
}

test("what is known not to be taken is refused before anything is asked", async () => {
	const { done, send, all, drop } = stage({ size: 3, types: ["txt"] });
	await send("a.txt");
	await send("a.exe");
	assert.deepEqual(
		[all(), done],
		[
			[
				["a.txt", "too_large"],
				["a.exe", "too_large"],
			],
			[],
		],
	);
	drop("1");
	assert.deepEqual(all(), [["a.exe", "too_large"]]);
	const other = stage({ size: 4, types: ["txt"] });
	await other.send("a.exe");
	assert.deepEqual([other.all(), other.done], [[["a.exe", "type_not_allowed"]], []]);
});

test("what fits, and what nobody knows yet, is announced and sent", async () => {
	for (const limits of [{ size: 4, types: ["txt"] }, undefined]) {
		const { done, send, all } = stage(limits);
		await send("a.txt");
		assert.deepEqual([all(), done], [[], ["POST /interactions/C/attachments", "bytes of F"]]);
	}
	const lost = stage(undefined, () => Promise.reject(unreachable()));
	await lost.send("a.txt");
	assert.deepEqual(lost.all(), [["a.txt", "unreachable"]]);
});
