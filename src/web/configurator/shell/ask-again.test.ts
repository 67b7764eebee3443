import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { QueryClient, QueryObserver } from "@tanstack/react-query";
import type { Kind } from "#web/api/read.ts";
import { makeAskAgain } from "./ask-again.ts";

const services: ReadonlySet<Kind> = new Set(["services"] as const);

/** A screen that shows the services; each answer is given by the test. */
function openScreen(t: TestContext) {
	const queries = new QueryClient();
	const answers: ((answer: number) => void)[] = [];
	let aborted = 0;
	const queryFn = ({ signal }: { signal: AbortSignal }) => {
		signal.addEventListener("abort", () => (aborted += 1));
		return new Promise<number>((resolve) => answers.push(resolve));
	};
	const observer = new QueryObserver(queries, { queryKey: ["services", "list"], queryFn });
	const close = observer.subscribe(() => undefined);
	t.after(() => {
		close();
		queries.clear();
	});
	const settled = () => new Promise((resolve) => setImmediate(resolve));
	return {
		askAgain: makeAskAgain(queries),
		asked: () => answers.length,
		aborted: () => aborted,
		shown: () => observer.getCurrentResult().data,
		async answer(value: number) {
			answers.at(-1)?.(value);
			await settled();
			await settled();
		},
	};
}

test("a burst of changes stops no answer, and asks once more when it is there", async (t) => {
	const screen = openScreen(t);
	for (let change = 0; change < 5; change += 1) {
		screen.askAgain(services);
	}
	assert.deepEqual([screen.asked(), screen.aborted()], [1, 0]);
	await screen.answer(1);
	assert.deepEqual([screen.asked(), screen.shown()], [2, 1]);
	await screen.answer(2);
	assert.deepEqual([screen.asked(), screen.shown(), screen.aborted()], [2, 2, 0]);
});

test("what is at rest is asked again at once, and what is not concerned is left alone", async (t) => {
	const screen = openScreen(t);
	await screen.answer(1);
	screen.askAgain(new Set(["users"] as const));
	assert.equal(screen.asked(), 1);
	screen.askAgain(services);
	assert.equal(screen.asked(), 2);
	await screen.answer(2);
	assert.deepEqual([screen.asked(), screen.shown()], [2, 2]);
});
