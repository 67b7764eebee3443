// The changes of state as the event stream tells them, from its beginning.

import type { StateChange } from "./invariant-laws.ts";
import type { Api } from "./parley.ts";

const silenceMsMax = 10_000; // The stream polls every second; after this nothing more is coming.

type StreamedEvent = {
	type: string;
	service: string;
	message: string;
	detail: { part: number; from: string; to: string; by?: string };
};

/** Reads until `isWhole` says so, or until the stream falls silent. */
export async function readLedger(
	api: Api,
	isWhole: (changes: readonly StateChange[]) => boolean,
	service?: string,
): Promise<StateChange[]> {
	const answer = await api.ask("GET", "/RI/cmi/events?since=begin", undefined, { accept: "text/event-stream" });
	if (answer.status !== 200 || answer.body === null) {
		throw new Error(`The event stream answered ${answer.status}: ${await answer.text()}`);
	}
	const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
	const changes: StateChange[] = [];
	let rest = "";
	for (;;) {
		const piece = await within(reader.read());
		if (piece === undefined || piece.done) {
			break;
		}
		const blocks = (rest + piece.value).split("\n\n");
		rest = blocks.pop() ?? "";
		changes.push(...blocks.flatMap((block) => toChange(block, service)));
		// Asked only when the stream has no more to give at once: the question looks at every message.
		if (rest === "" && blocks.length < 100 && isWhole(changes)) {
			break;
		}
	}
	await reader.cancel();
	return changes;
}

async function within<T>(read: Promise<T>): Promise<T | undefined> {
	let cancel: () => void = () => undefined;
	const silence = new Promise<undefined>((resolve) => {
		const timer = setTimeout(() => resolve(undefined), silenceMsMax);
		cancel = () => clearTimeout(timer);
	});
	try {
		return await Promise.race([read, silence]);
	} finally {
		cancel();
	}
}

function toChange(block: string, service: string | undefined): StateChange[] {
	const [, json] = /^data: (.*)$/m.exec(block) ?? [];
	const event = json === undefined ? undefined : (JSON.parse(json) as StreamedEvent);
	if (event?.type !== "message.state" || (service !== undefined && event.service !== service)) {
		return [];
	}
	const { part, from, to, by } = event.detail;
	return [{ message: event.message, part, from, to, byPerson: by === "person" }];
}
