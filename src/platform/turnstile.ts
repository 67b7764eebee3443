// A lock that threads pass one at a time, in the order they came: for the one writer that an SQLite file allows. A thread
// that waits for it goes on with other work, where waiting inside SQLite would stop the whole thread.

export type Turnstile = { pass<T>(work: () => Promise<T>): Promise<T> };

const bytes = 2 * Int32Array.BYTES_PER_ELEMENT; // The next ticket, and the one that is served now.

/** To be given to every thread. */
export function turnstileMemory(): SharedArrayBuffer {
	return new SharedArrayBuffer(bytes);
}

const nextTicket = 0;
const nowServed = 1;

export function turnstile(memory: SharedArrayBuffer): Turnstile {
	const state = new Int32Array(memory);
	let last: Promise<unknown> = Promise.resolve(); // Of this thread: only one of it stands at the turnstile.

	async function passShared<T>(work: () => Promise<T>): Promise<T> {
		const mine = Atomics.add(state, nextTicket, 1);
		for (let served = Atomics.load(state, nowServed); served !== mine; served = Atomics.load(state, nowServed)) {
			await Atomics.waitAsync(state, nowServed, served).value;
		}
		try {
			return await work();
		} finally {
			Atomics.add(state, nowServed, 1);
			Atomics.notify(state, nowServed);
		}
	}

	return {
		pass<T>(work: () => Promise<T>): Promise<T> {
			const turn = last.then(() => passShared(work));
			last = turn.catch(() => undefined); // Whoever asked for that turn hears of its failure.
			return turn;
		},
	};
}
