import assert from "node:assert/strict";
import { test } from "node:test";
import type { ToFrame, ToPage } from "../messages.ts";
import { PageApi } from "./api.ts";

function stage() {
	const posted: ToFrame[] = [];
	const reported: unknown[] = [];
	const remembered: boolean[] = [];
	let unread = 0;
	let isShown = false;
	let isRemoved = false;
	const api = new PageApi({
		shell: {
			show(wanted) {
				isShown = wanted;
			},
			isShown: () => isShown,
			load: () => undefined,
			post: (message) => void posted.push(message),
			unread(count) {
				unread = count;
			},
			language: () => undefined,
			dock: () => undefined,
			remove() {
				isRemoved = true;
			},
		},
		report: (error) => void reported.push(error),
		remember: (isGoingOn) => void remembered.push(isGoingOn),
	});
	return { api, posted, reported, remembered, now: () => ({ unread, isShown, isRemoved }) };
}

test("what is said before the frame listens is said when it does, the last of each only", () => {
	const { api, posted, now } = stage();
	api.parley("user", "Ann", "ann@home.test");
	api.parley("cad", { order: "1" });
	api.parley("cad", { order: "2" });
	api.cvc()["startChat"]?.();
	assert.deepEqual([posted, now().isShown], [[], true]);
	api.take({ type: "frameReady" });
	assert.deepEqual(posted, [
		{ type: "set", name: "user", value: { name: "Ann", email: "ann@home.test" } },
		{ type: "set", name: "cad", value: { order: "2" } },
		{ type: "begin" },
		{ type: "shown", isShown: true },
		{ type: "start" },
	]);
});

test("of beginning and ending the last is said when the frame listens, but for the end of what was opened since", () => {
	const said = (...calls: readonly string[]): readonly string[] => {
		const { api, posted } = stage();
		calls.forEach((call) => (call === "opened" ? api.shown(true) : api.parley(call)));
		api.take({ type: "frameReady" });
		api.take({ type: "frameReady" });
		return posted.map(({ type }) => type).filter((type) => type === "start" || type === "exit");
	};
	assert.deepEqual(said("start", "exit"), ["exit"]);
	assert.deepEqual(said("exit", "start"), ["start"]);
	assert.deepEqual(said("exit", "opened"), []);
	assert.deepEqual(said("start", "opened"), ["start"]);
});

test("a page hears events until it wants no more; what it throws is reported and stops nobody", () => {
	const { api, reported } = stage();
	const heard: unknown[] = [];
	const hear = ({ detail }: { detail: unknown }) => void heard.push(detail);
	const mistake = new Error("the page's");
	api.parley("on", "chatState", () => {
		throw mistake;
	});
	api.cvc()["attachEvent"]?.("chatState", hear);
	api.take({ type: "event", name: "chatState", detail: "connected" });
	api.cvc()["detachEvent"]?.("chatState", hear);
	api.take({ type: "event", name: "chatState", detail: "completed" });
	assert.deepEqual(heard, ["connected"]);
	assert.deepEqual(reported, [mistake, mistake]);
});

test("ready is told to who comes late, too", () => {
	const { api } = stage();
	const heard: string[] = [];
	api.parley("on", "ready", () => heard.push("early"));
	api.take({ type: "frameReady" });
	api.parley("on", "ready", () => heard.push("late"));
	assert.deepEqual(heard, ["early", "late"]);
});

test("a page's mistakes are reported and never thrown", () => {
	const { api, reported, posted } = stage();
	api.parley("no such command");
	api.parley("constructor");
	api.parley("cad", { call: () => undefined });
	api.parley("on", "ready", "not a function");
	assert.equal(reported.length, 4);
	api.take({ type: "frameReady" });
	assert.deepEqual(
		posted.map(({ type }) => type),
		["begin", "shown"],
	);
});

test("details come from the frame; before it is there, there is no chat", () => {
	const { api, posted } = stage();
	const told: unknown[] = [];
	api.cvc()["getDetails"]?.((details: unknown) => told.push(details));
	api.take({ type: "frameReady" });
	api.parley("details", (details: unknown) => told.push(details));
	assert.deepEqual(posted.at(-1), { type: "details", id: 1 });
	api.take({ type: "details", id: 1, details: { state: "connected" } });
	api.take({ type: "details", id: 1, details: { state: "again" } });
	assert.deepEqual(told, [
		{ state: "none", unread: 0, queuePosition: null, participants: [], transcript: [] },
		{ state: "connected" },
	]);
});

test("what the frame says of itself is not believed to be what it should be", () => {
	const { api, remembered, now } = stage();
	const say = (message: unknown) => api.take(message as ToPage);
	say({ type: "state", unread: "<b>", isGoingOn: "yes" });
	assert.deepEqual([now().unread, remembered], [0, [false]]);
	say({ type: "state", unread: 3, isGoingOn: true });
	assert.deepEqual([now().unread, remembered], [3, [false, true]]);
	say({ type: "nonsense" });
	say({ type: "close" });
	assert.equal(now().isShown, false);
});

test("once removed it does nothing more", () => {
	const { api, posted, now, reported } = stage();
	api.take({ type: "frameReady" });
	api.cvc()["destroy"]?.();
	const before = posted.length;
	api.parley("start");
	api.parley("on", "ready", () => assert.fail("nothing is told"));
	api.shown(true);
	assert.deepEqual([now().isRemoved, posted.length - before, reported.length], [true, 0, 0]);
});
