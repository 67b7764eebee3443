// Everything that waits to be written in one turn of the event loop shares one transaction and one fsync, and each
// caller is answered after it. One transaction per request costs a fifth of the throughput (measured, see the decision).

export type GroupCommit<Item, Result> = {
	/** Rejects with `Overloaded` while as many wait as may. */
	add(item: Item): Promise<Result>;
	/** True while `add` would reject: to be asked before work is put into an item. */
	isFull(): boolean;
};

/** More comes than can be written. Nothing of it was stored; it should come again a little later. */
export class Overloaded extends Error {}

type Waiting<Item, Result> = { item: Item; resolve(result: Result): void; reject(error: unknown): void };

/**
 * @param commit writes all items in one transaction and returns one result per item, in order. When it rejects for a
 * group of several, each item is tried alone, so that one bad item fails by itself and never spoils the rest.
 * @param itemsMax largest group, items: the share that this kind of work gets while others wait for the writer too
 * @param waitingMax items that may wait; the excess is refused at once, since a queue that only grows answers nobody
 */
export function groupCommit<Item, Result>(
	commit: (items: readonly Item[]) => Promise<readonly Result[]>,
	itemsMax: number,
	waitingMax = Number.POSITIVE_INFINITY,
): GroupCommit<Item, Result> {
	let waiting: Waiting<Item, Result>[] = [];
	let isRunning = false;

	async function run(): Promise<void> {
		while (waiting.length > 0) {
			const group = waiting.slice(0, itemsMax);
			waiting = waiting.slice(itemsMax);
			await commitGroup(group);
		}
		isRunning = false;
	}

	async function commitGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
		try {
			const results = await commit(group.map(({ item }) => item));
			group.forEach((entry, index) => entry.resolve(results[index] as Result));
		} catch (error) {
			if (group.length === 1) {
				group[0]?.reject(error);
				return;
			}
			for (const entry of group) {
				await commitGroup([entry]);
			}
		}
	}

	const isFull = (): boolean => waiting.length >= waitingMax;
	return {
		isFull,
		add: (item) =>
			new Promise<Result>((resolve, reject) => {
				if (isFull()) {
					reject(new Overloaded("More comes than can be written."));
					return;
				}
				waiting.push({ item, resolve, reject });
				if (!isRunning) {
					isRunning = true;
					setImmediate(() => void run());
				}
			}),
	};
}
