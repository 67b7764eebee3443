// Live events may ask for the same thing many times a second. Who asks while an answer is on its way shares it, and
// between two questions there is a pause.

/** @returns the same answer for everybody who asks before the pause is over and the answer there */
export function gathered<T>(ask: () => Promise<T>, pauseMs: number): () => Promise<T> {
	let current: Promise<T> | undefined;
	let lastMs = Number.NEGATIVE_INFINITY;
	const askInTurn = async (): Promise<T> => {
		const { promise, resolve } = Promise.withResolvers<void>();
		setTimeout(resolve, Math.max(0, lastMs + pauseMs - performance.now()));
		await promise;
		try {
			return await ask();
		} finally {
			lastMs = performance.now();
			current = undefined;
		}
	};
	return () => (current ??= askInTurn());
}
