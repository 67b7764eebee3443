// A file of zeros beside the database that gives its room back when the disk is full, so that people can log on and make
// room. Until it is put back, nothing is taken in from outside, or that room would be gone at once.

import { open, rename, stat, statfs, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#platform/clock.ts";
import type { Log } from "#platform/log.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";

export type Ballast = {
	start(): RunningWorker;
	/** The disk is full: gives the room back. */
	release(): void;
	/** The room was given back and there is not enough space yet to take it again. */
	isReleased(): boolean;
};

const ballastBytes = 64 * 1024 * 1024;
const marginBytes = 32 * 1024 * 1024; // Left free beside it, or the disk would be full again with the next checkpoint.
const pieceBytes = 1024 * 1024;
const pollMs = 2000;
const firstAfterMs = 5000; // A start is busy enough.

export function keepBallast(folder: string, deps: { clock: Clock; log: Log; onRestored: () => void }): Ballast {
	const path = join(folder, "ballast");
	const startedMs = deps.clock.monotonicMs();
	let isReleased = false;
	let isWanted = false;
	let wake: () => void = () => undefined;

	/** An empty file says, also to the next process, that the room was given back; no file, that there never was any. */
	async function round(): Promise<boolean> {
		const bytes = await stat(path).then(
			({ size }) => size,
			() => undefined,
		);
		if (isWanted && bytes !== undefined) {
			isReleased = true;
			await truncate(path, 0);
		}
		const wasReleased = bytes === 0 || isReleased;
		isReleased = wasReleased;
		isWanted = false;
		const isDue = wasReleased || deps.clock.monotonicMs() - startedMs > firstAfterMs;
		if ((bytes === undefined || wasReleased) && isDue && (await hasRoom(folder))) {
			await fill(path);
			isReleased = false;
			if (wasReleased) {
				deps.onRestored();
			}
		}
		return false;
	}

	const listen = (heard: () => void) => {
		wake = heard;
		return () => undefined;
	};
	return {
		start: () => startWorker({ name: "Ballast", pollMs, round, listen }, deps),
		release() {
			isWanted = true;
			wake();
		},
		isReleased: () => isReleased,
	};
}

async function hasRoom(folder: string): Promise<boolean> {
	const { bavail, bsize } = await statfs(folder);
	return bavail * bsize >= ballastBytes + marginBytes;
}

/** Under another name until it is whole. */
async function fill(path: string): Promise<void> {
	const next = `${path}.next`;
	const file = await open(next, "w", 0o600);
	try {
		const piece = Buffer.alloc(pieceBytes);
		for (let bytes = 0; bytes < ballastBytes; bytes += pieceBytes) {
			await file.write(piece);
		}
	} finally {
		await file.close();
	}
	await rename(next, path);
}
