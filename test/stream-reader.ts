// A reader of an event stream for tests, over a real connection; and seconds that pass only while the server waits for one,
// so that a waited second is exactly one turn of its loop.

import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import type { FastifyInstance } from "fastify";
import type { TestClock } from "./scene.ts";

/** `T` is what the test expects as data. */
export type Block<T> = { id?: string; event?: string; data?: T; text: string };

export type Seconds = { clock: TestClock; waiting(): number };

/** Counts the timers that are set from now on. */
export function countWaiting(clock: TestClock): Seconds {
	const { after } = clock;
	let waiting = 0;
	clock.after = (delayMs, run) => {
		waiting += 1;
		const cancel = after(delayMs, () => {
			waiting -= 1;
			run();
		});
		return () => {
			waiting -= 1;
			cancel();
		};
	};
	return { clock, waiting: () => waiting };
}

export async function listenLocally(app: FastifyInstance): Promise<string> {
	await app.listen({ host: "127.0.0.1", port: 0 });
	const { port } = app.server.address() as AddressInfo;
	return `http://127.0.0.1:${port}`;
}

export async function readStream<T>(
	t: Pick<TestContext, "after">,
	url: string,
	headers: Readonly<Record<string, string>>,
) {
	const leaving = new AbortController();
	t.after(() => leaving.abort());
	const response = await fetch(url, { headers: { ...headers }, signal: leaving.signal });
	const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
	let rest = "";
	/** The next block, or undefined when the stream has ended. */
	async function next(): Promise<Block<T> | undefined> {
		for (;;) {
			const end = rest.indexOf("\n\n");
			if (end >= 0) {
				const block = toBlock<T>(rest.slice(0, end));
				rest = rest.slice(end + 2);
				return block;
			}
			const chunk = await reader?.read();
			if (chunk === undefined || chunk.done) {
				return undefined;
			}
			rest += chunk.value;
		}
	}
	return { response, next, leave: () => leaving.abort() };
}

function toBlock<T>(text: string): Block<T> {
	const fields = Object.fromEntries(
		text.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
	);
	const { id, event, data } = fields;
	return {
		text,
		...(id === undefined ? {} : { id }),
		...(event === undefined ? {} : { event }),
		...(data === undefined ? {} : { data: JSON.parse(data) as T }),
	};
}

/** Lets seconds pass, each once the server waits for it, until the promise is settled. Returns what it gave, and how many. */
export async function passTime<T>(live: Seconds, promise: Promise<T>): Promise<{ value: T; seconds: number }> {
	let result: { value: T } | undefined;
	void promise.then((value) => {
		result = { value };
	});
	for (let seconds = 0; ;) {
		await new Promise(setImmediate);
		if (result !== undefined) {
			return { ...result, seconds };
		}
		if (live.waiting() > 0) {
			live.clock.advance(1000);
			seconds += 1;
		}
	}
}
