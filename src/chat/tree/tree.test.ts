// Goal: what the storage cannot do at the moment is told as such, and not as a fault of ours. Method: the tree below the
// asking that both carriers use, over a storage that fails.

import assert from "node:assert/strict";
import test from "node:test";
import { systemClock } from "#platform/clock.ts";
import { silentLog } from "#platform/log.ts";
import { openAsk } from "../wire/asking.ts";
import type { Asked } from "../resource.ts";
import type { Tools } from "./tools.ts";
import { openTree } from "./tree.ts";

const asked: Asked = {
	method: "GET",
	path: ["interactions"],
	body: undefined,
	caller: { kind: "agent", userId: "A", sessionId: "S", terminalId: null, address: "127.0.0.1" },
};

test("a full or absent storage is 503 and no error of ours, anything else is 500", async () => {
	const failing = (error: Error) => {
		const logged: string[] = [];
		const log = { ...silentLog, error: (text: string) => void logged.push(text) };
		const storage = { remembered: () => Promise.reject(error) };
		const tools = {
			deps: { storage, log },
			messenger: { windows: () => Promise.resolve() },
			rights: { now: () => Promise.resolve({ of: () => [] }) },
		};
		const { answer } = openTree(tools as unknown as Tools);
		return {
			logged,
			ask: openAsk({ answer, quotas: { refusalOf: () => undefined }, clock: systemClock, log, answerMs: 1000 }),
		};
	};
	for (const error of [
		Object.assign(new Error("database or disk is full"), { errcode: 13 }),
		Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }),
	]) {
		const { ask, logged } = failing(error);
		const { status, body } = await ask(asked);
		assert.deepEqual([status, (body as { error: string }).error], [503, "unavailable"]);
		assert.deepEqual(logged, []);
	}
	const { ask, logged } = failing(new Error("a bug"));
	assert.equal((await ask(asked)).status, 500);
	assert.equal(logged.length, 1);
});
