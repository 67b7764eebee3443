import assert from "node:assert/strict";
import { test } from "node:test";
import type { Interaction } from "#web/realtime/tree.ts";
import { openTyping } from "./typing.ts";

test("the other side hears once that one writes, and when it is over", () => {
	const told: unknown[] = [];
	let rest: (() => void) | undefined;
	const typing = openTyping({
		ask(_method, uri, body) {
			told.push([uri, body]);
			return Promise.resolve({ ok: true, body: undefined });
		},
		after(_delayMs, run) {
			rest = run;
			return () => (rest = undefined);
		},
		chat: () => ({ id: "C", originator: "a/b@home.test" }) as Interaction,
	});
	typing.note();
	typing.note();
	rest?.();
	typing.note();
	typing.stop();
	typing.stop();
	const uri = "/interactions/C/participants/a%2Fb%40home.test";
	assert.deepEqual(
		told,
		["typing", "not_typing", "typing", "not_typing"].map((status) => [uri, { status }]),
	);
	assert.equal(rest, undefined);
});
