import assert from "node:assert/strict";
import { test } from "node:test";
import { openHost } from "./host.ts";

function stage() {
	const posted: unknown[] = [];
	const obeyed: unknown[] = [];
	const parent = { postMessage: (message: unknown, origin: string) => void posted.push([message, origin]) };
	let hear: (event: MessageEvent) => void = () => undefined;
	const host = openHost(
		{
			parent,
			addEventListener(_type, listener) {
				hear = listener;
			},
		},
		(message) => void obeyed.push(message),
	);
	const say = (data: unknown, origin = "https://shop.test", source: unknown = parent) =>
		hear({ data, origin, source } as MessageEvent);
	return { host, posted, obeyed, say };
}

const begin = { type: "begin" };

test("until the page has spoken it hears nothing but that the frame listens", () => {
	const { host, posted } = stage();
	host.post({ type: "close" });
	assert.deepEqual(posted, [[{ type: "frameReady" }, "*"]]);
});

test("the page that shows the frame is heard and answered, at its own origin", () => {
	const { host, posted, obeyed, say } = stage();
	say(begin);
	host.post({ type: "close" });
	assert.deepEqual(obeyed, [begin]);
	assert.deepEqual(posted.at(-1), [{ type: "close" }, "https://shop.test"]);
});

test("other windows, a page that came in its place, and what is no message are not heard", () => {
	const { obeyed, say } = stage();
	say(begin, "https://evil.test", {});
	say("begin");
	say(null);
	say(begin);
	say({ type: "exit" }, "https://evil.test");
	say({ type: "exit" }, "https://shop.test", {});
	assert.deepEqual(obeyed, [begin]);
});
