// A bulkhead: at most so many at once per lane, and so many in all. Who waits is let in in the order of arrival, unless
// the lane is full: a stuck lane does not hold up the others.

export type Lanes = {
	/** Calls back, perhaps at once, when there is room. The function returned leaves the lane, or the waiting line. */
	enter(lane: string, enter: () => void): () => void;
};

type Waiting = { lane: string; enter: () => void };

export function openLanes(limits: { perLane: number; inAll: number }): Lanes {
	const inside = new Map<string, number>();
	const line = new Set<Waiting>();
	let total = 0;
	const hasRoom = (lane: string): boolean => total < limits.inAll && (inside.get(lane) ?? 0) < limits.perLane;
	const count = (lane: string, step: 1 | -1): void => {
		total += step;
		const next = (inside.get(lane) ?? 0) + step;
		if (next === 0) {
			inside.delete(lane);
		} else {
			inside.set(lane, next);
		}
	};
	const letIn = (): void => {
		for (const waiting of line) {
			if (hasRoom(waiting.lane)) {
				line.delete(waiting);
				count(waiting.lane, 1);
				waiting.enter();
			}
		}
	};
	return {
		enter(lane, enter) {
			const waiting = { lane, enter };
			line.add(waiting);
			let hasLeft = false;
			letIn();
			return () => {
				if (hasLeft) {
					return;
				}
				hasLeft = true;
				if (!line.delete(waiting)) {
					count(lane, -1);
					letIn();
				}
			};
		},
	};
}
