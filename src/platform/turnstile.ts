// A lock that threads pass one at a time: for the one writer that an SQLite file allows. A thread that waits for it goes on
// with other work, where waiting inside SQLite would stop the whole thread.
//
// It is not given to a thread that is busy: whoever comes first once it is free takes it. A queue with numbers would wait
// for the turn of a thread that is answering a thousand requests just then (measured: a fifth of the sends). So that
// nobody waits for ever, a thread may pass `runMax` times in a row while another one waits.

export type Turnstile = { pass<T>(work: () => Promise<T>): Promise<T> };

const held = 0; // 1 while a thread is inside.
const releases = 1; // Rises with each exit: what waiting threads wait for.
const waiting = 2; // Threads that want to pass.
const lastThread = 3; // Who was inside last, by its number.
const run = 4; // How often in a row.
const threads = 5; // Numbers given away.

const fields = 6;
const runMax = 3;

/** To be given to every thread. A thread that only waits here is not kept alive by that. */
export function turnstileMemory(): SharedArrayBuffer {
	return new SharedArrayBuffer(fields * Int32Array.BYTES_PER_ELEMENT);
}

export function turnstile(memory: SharedArrayBuffer): Turnstile {
	const state = new Int32Array(memory);
	const me = Atomics.add(state, threads, 1) + 1;
	let last: Promise<unknown> = Promise.resolve(); // Of this thread: only one of it stands at the turnstile.

	/** Others that wait come first once this thread had its share. */
	function mayPass(): boolean {
		const isMyRun = Atomics.load(state, lastThread) === me && Atomics.load(state, run) >= runMax;
		return !isMyRun || Atomics.load(state, waiting) === 1;
	}

	async function enter(): Promise<void> {
		Atomics.add(state, waiting, 1);
		for (;;) {
			const seen = Atomics.load(state, releases);
			if (mayPass() && Atomics.compareExchange(state, held, 0, 1) === 0) {
				break;
			}
			await Atomics.waitAsync(state, releases, seen).value;
		}
		Atomics.sub(state, waiting, 1);
		Atomics.store(state, run, Atomics.load(state, lastThread) === me ? Atomics.load(state, run) + 1 : 1);
		Atomics.store(state, lastThread, me);
	}

	function leave(): void {
		Atomics.store(state, held, 0);
		Atomics.add(state, releases, 1);
		Atomics.notify(state, releases);
	}

	async function passShared<T>(work: () => Promise<T>): Promise<T> {
		await enter();
		try {
			return await work();
		} finally {
			leave();
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
