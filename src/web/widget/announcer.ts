// How it stands, for those who hear it. What is seen may change every few seconds, for a place goes down like that; who listens
// is told another place only now and then, and everything else at once.

export type Said = {
	text: string;
	/** It says which place one has. */
	isPlace: boolean;
};

type AnnouncerDeps = {
	say(text: string): void;
	/** Calls back once; the function returned cancels. */
	after(delayMs: number, run: () => void): () => void;
	nowMs(): number;
};

/** The function takes what is to be said as of now; nothing is said twice. */
export function openAnnouncer({ say, after, nowMs }: AnnouncerDeps): (next: Said) => void {
	let last = { text: "", isPlace: false, atMs: 0 };
	let cancel: (() => void) | undefined;
	return function announce(next) {
		cancel?.();
		cancel = undefined;
		if (next.text === last.text) {
			return;
		}
		const waitMs = untilSaid(last, next, nowMs());
		if (waitMs > 0) {
			cancel = after(waitMs, () => announce(next));
			return;
		}
		last = { ...next, atMs: nowMs() };
		say(next.text);
	};
}

const placesApartMs = 20_000; // Places change every three seconds at most: nothing else would be heard.

/** Only a place that comes after a place waits: where there was anything else between, it is news. */
export function untilSaid(last: { isPlace: boolean; atMs: number }, next: { isPlace: boolean }, nowMs: number): number {
	return last.isPlace && next.isPlace ? Math.max(0, last.atMs + placesApartMs - nowMs) : 0;
}
