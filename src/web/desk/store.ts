// A value that changes, for screens that draw what it is now.

export type Store<State> = {
	now(): State;
	set(change: Partial<State>): void;
	subscribe(run: () => void): () => void;
};

export function openStore<State extends object>(first: State): Store<State> {
	let state = first;
	const hearers = new Set<() => void>();
	return {
		now: () => state,
		set(change) {
			state = { ...state, ...change };
			hearers.forEach((run) => run());
		},
		subscribe(run) {
			hearers.add(run);
			return () => hearers.delete(run);
		},
	};
}
