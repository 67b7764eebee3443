// The event streams behind live updates. A browser opens six connections to one server for all its windows together, so one
// window holds the streams for all of them and passes on what it hears.

import { basePath } from "#web/api/base.ts";

export type LiveState = "opening" | "live" | "lost" | "caughtUp";

/** `renew`: something may have been missed, so that everything on the screen is to be asked again. */
export type LiveNews = { kind: "event"; name: string } | { kind: "state"; state: LiveState } | { kind: "renew" };

type Hear = (news: LiveNews) => void;

const paths = ["/RI/rci/events", "/RI/cmi/events"];
const reopenMs = 5000; // After all were refused, as when the session has ended.

/** Hears of these events until the returned function is called, through whichever window holds the streams. */
export function listenLive(names: readonly string[], hear: Hear): () => void {
	const end = new AbortController();
	// Browsers give locks to pages of HTTPS and of this machine only; elsewhere each window holds its own streams.
	const locks = (navigator as Partial<Navigator>).locks;
	if (locks === undefined) {
		const close = openStreams(names, { isHeir: false, tell: hear });
		end.signal.addEventListener("abort", close);
	} else {
		shareStreams(names, { hear, locks, end: end.signal });
	}
	return () => end.abort();
}

type Share = { hear: Hear; locks: LockManager; end: AbortSignal };

function shareStreams(names: readonly string[], { hear, locks, end }: Share): void {
	const name = `parley.live ${basePath}`;
	const channel = new BroadcastChannel(name);
	let state: LiveState = "opening";
	let isHolder = false;
	channel.addEventListener("message", ({ data }: MessageEvent<LiveNews | { kind: "hello" }>) => {
		if (data.kind !== "hello") {
			hear(data);
		} else if (isHolder) {
			channel.postMessage({ kind: "state", state: state === "caughtUp" ? "live" : state } satisfies LiveNews);
		}
	});
	const tell = (news: LiveNews) => {
		state = news.kind === "state" ? news.state : state;
		hear(news);
		channel.postMessage(news);
	};
	const hold = (isHeir: boolean) =>
		new Promise<void>((resolve) => {
			if (end.aborted) {
				resolve();
				return;
			}
			isHolder = true;
			const close = openStreams(names, { isHeir, tell });
			end.addEventListener("abort", () => {
				close();
				resolve();
			});
		});
	channel.postMessage({ kind: "hello" });
	void locks
		.request(name, { ifAvailable: true }, (lock) => (lock === null ? undefined : hold(false)))
		.then(() => (end.aborted ? undefined : locks.request(name, { signal: end }, () => hold(true))))
		.catch((error: unknown) => {
			if (!end.aborted) {
				throw error;
			}
		});
	end.addEventListener("abort", () => channel.close());
}

/** @param isHeir Another window held the streams before; what came in between was heard by nobody. */
function openStreams(names: readonly string[], { isHeir, tell }: { isHeir: boolean; tell: Hear }): () => void {
	let streams: readonly EventSource[] = [];
	let state: LiveState = "opening";
	let isBehind = isHeir;
	let timer: number | undefined;
	const turn = (next: LiveState) => {
		state = next;
		tell({ kind: "state", state });
	};
	const look = () => {
		const are = streams.map(({ readyState }) => readyState);
		// A stream that this person may not read is closed for good; that is no lost connection.
		const isWhole = are.includes(EventSource.OPEN) && !are.includes(EventSource.CONNECTING);
		if (isWhole && state !== "live") {
			if (isBehind) {
				tell({ kind: "renew" });
			}
			turn(state === "lost" ? "caughtUp" : "live");
			state = "live";
			isBehind = false;
		} else if (!isWhole && state === "live") {
			isBehind = true;
			turn("lost");
		}
		if (are.every((one) => one === EventSource.CLOSED)) {
			timer ??= window.setTimeout(open, reopenMs);
		}
	};
	const open = () => {
		timer = undefined;
		streams = paths.map((path) => new EventSource(`${basePath}${path}`));
		for (const stream of streams) {
			stream.addEventListener("open", look);
			stream.addEventListener("error", look);
			names.forEach((name) => stream.addEventListener(name, () => tell({ kind: "event", name })));
		}
	};
	open();
	return () => {
		window.clearTimeout(timer);
		streams.forEach((stream) => stream.close());
	};
}
