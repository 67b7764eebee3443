import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiProblem, unreachable } from "#web/api/problem.ts";
import type { Asked } from "./asked.ts";
import { openFileSender } from "./file-sending.ts";

const file = (name: string): File => new File([name], name, { type: "text/plain" });
const [one, two, three] = [file("one"), file("two"), file("three")];

/** A server that announces under the file's own name; `puts` says what becomes of the bytes, by turns. */
function stage(puts: Readonly<Record<string, (Error | undefined)[]>>, isThere = false) {
	const asked: string[] = [];
	const gone: string[] = [];
	const sender = openFileSender({
		ask(method, uri, body): Promise<Asked> {
			const { filename = "" } = (body ?? {}) as { filename?: string };
			asked.push(`${method} ${filename || uri}`);
			const isKnown = method === "POST" || isThere;
			return Promise.resolve(
				isKnown ? { ok: true, body: { id: filename } } : { ok: false, code: "not_found", because: "There is none." },
			);
		},
		put(id) {
			asked.push(`PUT ${id}`);
			const error = puts[id]?.shift();
			return error === undefined ? Promise.resolve() : Promise.reject(error);
		},
		inWords: (error) => (error as Error).message,
	});
	const send = (files: readonly File[]) => sender.send("C", files, ({ name }) => gone.push(name));
	return { asked, gone, send };
}

test("what went is told file by file, so that only what failed is sent again", async () => {
	const { asked, gone, send } = stage({ two: [new ApiProblem(503, "overloaded", "Too many files.")] });
	assert.deepEqual(await send([one, two, three]), { ok: false, code: "overloaded", because: "Too many files." });
	assert.deepEqual(gone, ["one", "three"]);
	asked.length = 0;
	assert.deepEqual(await send([two]), { ok: true, body: undefined });
	assert.deepEqual(asked, ["PUT two"]);
});

test("a file whose answer was lost goes out under the same id, and is not sent anew where the server has it", async () => {
	const late = new ApiProblem(403, "too_late", "Uploaded already, or too late.");
	const here = stage({ one: [unreachable(), late] }, true);
	await here.send([one]);
	assert.deepEqual(await here.send([one]), { ok: true, body: undefined });
	assert.deepEqual(here.asked, ["POST one", "PUT one", "PUT one", "GET /interactions/C/attachments/one"]);
	assert.deepEqual(here.gone, ["one"]);
	const gone = stage({ one: [unreachable(), late] });
	await gone.send([one]);
	assert.deepEqual(await gone.send([one]), { ok: true, body: undefined });
	assert.deepEqual(gone.asked.slice(-2), ["POST one", "PUT one"]);
});
