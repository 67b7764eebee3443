// The time, as the screens show it: one tick a second for all of them.

import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: number | undefined;

function listen(listener: () => void): () => void {
	listeners.add(listener);
	timer ??= window.setInterval(() => {
		nowMs = Date.now();
		listeners.forEach((one) => one());
	}, 1000);
	return () => {
		listeners.delete(listener);
		if (listeners.size === 0) {
			window.clearInterval(timer);
			timer = undefined;
		}
	};
}

export function useNow(): number {
	return useSyncExternalStore(listen, () => nowMs);
}
