import assert from "node:assert/strict";
import { test } from "node:test";
import { plainFilename } from "#domain/file-types.ts";
import { acceptOf, bytesInWords, whyUnfit } from "./file-limits.ts";

const limits = { size: 2048, types: ["png", "txt"] };

test("a file is refused by its size, then by the ending of its name", () => {
	const unfit = (name: string, size = 1): unknown => whyUnfit({ name, size }, limits);
	assert.deepEqual(
		[unfit("a.png", 2048), unfit("a.png", 2049), unfit("a.exe", 2049)],
		[undefined, "too_large", "too_large"],
	);
	assert.deepEqual([unfit("a.png.exe"), unfit("png.a"), unfit("a."), unfit("")], Array(4).fill("type_not_allowed"));
});

test("nothing is refused whose name the server takes", () => {
	for (const name of [
		"A.PNG",
		".png",
		"a.png ",
		"a.p\u200bng",
		"a.png\u0000",
		"a.b.txt",
		"\u202etxt.png",
		"a.png\ud800",
	]) {
		const ending = plainFilename(name, "").split(".").at(-1)?.toLowerCase() ?? "";
		assert.ok(limits.types.includes(ending), `the server takes ${JSON.stringify(name)}`);
		assert.equal(whyUnfit({ name, size: 1 }, limits), undefined, JSON.stringify(name));
	}
});

test("limits are said to people and to the browser's dialogue", () => {
	assert.equal(acceptOf(limits), ".png,.txt");
	const sizes = [1024, 1024 * 1024 - 1, 10 * 1024 * 1024, 1.9 * 1024 * 1024];
	assert.deepEqual(sizes.map(bytesInWords), ["1 KiB", "1023 KiB", "10 MiB", "1 MiB"]);
});
