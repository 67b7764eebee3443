// Rebuilds a folder as a disk would hold it after the power went away, from the log that disk.c wrote: what was synced is
// there; of what was not, any part may be there, in any order, torn between sectors. After a kill alone, all is there.
//
// The model is harsher than ext4, XFS or btrfs, so that what holds here holds there:
// - bytes of a file are safe once that file was synced; later writes, sizes and truncations are kept or dropped one by one,
//   and a kept write may be torn at 512 bytes, the smallest sector that disks write as one
// - a name (create, rename, link, unlink, mkdir) is safe only once its folder was synced; of what came after, each folder
//   keeps the first few in their order. Journalling file systems save a new file's name with the file; POSIX promises
//   nothing of the kind, so neither does this

import { mkdirSync, readFileSync, statSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import type { Random } from "#platform/random.ts";

const kinds = [
	"",
	"write",
	"resize",
	"grow",
	"sync",
	"syncFolder",
	"create",
	"link",
	"rename",
	"unlink",
	"mkdir",
	"rmdir",
	"struck",
] as const;
const headBytes = 32;
const sectorBytes = 512;
const tornShare = 0.3; // Of the writes that are kept.

export type LogEntry = {
	kind: Exclude<(typeof kinds)[number], "">;
	/** Of CLOCK_MONOTONIC, as process.hrtime.bigint() counts. */
	nanoseconds: bigint;
	inode: number;
	/** An offset, a size, or the length that the log had when a sync began. */
	at: number;
	/** Where the entry begins in the log. */
	position: number;
	content: Buffer;
};

/** A last entry that was cut off is none. */
export function readLog(path: string): readonly LogEntry[] {
	const log = readFileSync(path);
	const entries: LogEntry[] = [];
	for (let position = 0; position + headBytes <= log.length;) {
		const kind = kinds[log.readUInt32LE(position)] ?? "";
		if (kind === "") {
			throw new Error(`The log ${path} has an unknown entry at ${position}.`);
		}
		const end = position + headBytes + log.readUInt32LE(position + 4);
		entries.push({
			kind,
			nanoseconds: log.readBigUInt64LE(position + 8),
			inode: Number(log.readBigUInt64LE(position + 16)),
			at: Number(log.readBigUInt64LE(position + 24)),
			position,
			content: log.subarray(position + headBytes, end),
		});
		position = end;
	}
	return entries;
}

/** How many entries lie before this moment; a power cut then leaves `entries.slice(0, thatMany)`. */
export function entriesBefore(entries: readonly LogEntry[], nanoseconds: bigint): number {
	const after = entries.findIndex((entry) => entry.nanoseconds >= nanoseconds);
	return after === -1 ? entries.length : after;
}

type Change = { position: number; apply(content: Content): void; tear?: (random: Random) => Change };
type File = { safe: Content; pending: Change[] };
type NameChange = { position: number; apply(names: Map<string, File | "folder">): void };

/** Bytes that grow by need. */
class Content {
	bytes: Buffer;
	size: number;
	constructor(bytes: Buffer = Buffer.alloc(0)) {
		this.bytes = bytes;
		this.size = bytes.length;
	}
	resize(size: number): void {
		if (size > this.bytes.length) {
			const larger = Buffer.alloc(Math.max(size, 2 * this.bytes.length));
			this.bytes.copy(larger, 0, 0, this.size);
			this.bytes = larger;
		}
		this.bytes.fill(0, Math.min(size, this.size), Math.max(size, this.size));
		this.size = size;
	}
	write(at: number, piece: Buffer): void {
		if (at + piece.length > this.size) {
			this.resize(at + piece.length);
		}
		piece.copy(this.bytes, at);
	}
}

/** What was in the folder when recording began: `inodes` of the recorded folder, bytes of its untouched copy. */
export type Snapshot = { copy: string; inodes: ReadonlyMap<string, number | "folder"> };

/** Looks at the folder before the first process writes there. Paths are relative to it. */
export function inodesOf(folder: string, below = "."): Map<string, number | "folder"> {
	const inodes = new Map<string, number | "folder">();
	for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
		const path = join(below, entry.name);
		inodes.set(path, entry.isDirectory() ? "folder" : statSync(join(folder, path)).ino);
		if (entry.isDirectory()) {
			inodesOf(folder, path).forEach((inode, inner) => inodes.set(inner, inode));
		}
	}
	return inodes;
}

export type PowerCut = {
	entries: readonly LogEntry[];
	/** The folder that was recorded. */
	recorded: string;
	/** Without one the folder was empty. */
	snapshot?: Snapshot;
	/** Chooses what the cut leaves; "kill": only the process ended, and the kernel still writes everything. */
	random: Random | "kill";
};

/** Writes the folder anew, below `into`. */
export function rebuild(cut: PowerCut, into: string): void {
	const disk = new Disk(cut);
	cut.entries.forEach((entry) => disk.see(entry));
	const names = disk.cutPower(cut.random);
	mkdirSync(into, { recursive: true, mode: 0o700 });
	// Shorter paths come first, so that a folder is made before what is in it; what is in no folder is lost with it.
	for (const path of [...names.keys()].toSorted((a, b) => a.length - b.length)) {
		const parent = dirname(path);
		const found = names.get(path);
		if (parent !== "." && names.get(parent) !== "folder") {
			names.delete(path);
		} else if (found === "folder") {
			mkdirSync(join(into, path), { mode: 0o700 });
		} else if (found !== undefined) {
			writeFileSync(join(into, path), left(found, cut.random), { mode: 0o600 });
		}
	}
}

/** What a cut leaves of a file. */
function left({ safe, pending }: File, random: Random | "kill"): Buffer {
	const content = new Content(Buffer.from(safe.bytes.subarray(0, safe.size)));
	const kept = random === "kill" ? pending : pending.flatMap(chosen(random));
	kept.forEach((change) => change.apply(content));
	return content.bytes.subarray(0, content.size);
}

/** Nothing, everything and all between, since each has found faults that the others do not. */
function chosen(random: Random): (change: Change) => Change[] {
	const dice = random.fraction();
	const keeping = dice < 0.2 ? 0 : dice > 0.8 ? 1 : random.fraction();
	return (change) => {
		if (random.fraction() >= keeping) {
			return [];
		}
		return [random.fraction() < tornShare ? (change.tear?.(random) ?? change) : change];
	};
}

/** One disk: files by inode, names that are safe, and what is still on its way. */
class Disk {
	readonly #recorded: string;
	readonly #files = new Map<number, File>();
	readonly #names = new Map<string, File | "folder">();
	readonly #pending = new Map<string, NameChange[]>();

	constructor({ recorded, snapshot }: PowerCut) {
		this.#recorded = recorded;
		for (const [path, inode] of snapshot?.inodes ?? []) {
			if (inode === "folder") {
				this.#names.set(path, inode);
				continue;
			}
			const file = { safe: new Content(readFileSync(join(snapshot?.copy ?? "", path))), pending: [] };
			this.#files.set(inode, file);
			this.#names.set(path, file);
		}
	}

	see(entry: LogEntry): void {
		const { kind, position, at, content } = entry;
		switch (kind) {
			case "write":
				this.#change(entry, writing(position, at, content));
				break;
			case "resize":
				this.#change(entry, { position, apply: (bytes) => bytes.resize(at) });
				break;
			case "grow":
				this.#change(entry, { position, apply: (bytes) => bytes.resize(Math.max(at, bytes.size)) });
				break;
			case "sync":
				this.#sync(entry);
				break;
			case "syncFolder":
				this.#syncFolder(this.#path(content.toString()), at);
				break;
			case "struck":
				break;
			case "create":
			case "link":
			case "rename":
			case "unlink":
			case "mkdir":
			case "rmdir":
				this.#rename(entry, kind);
		}
	}

	/** The names after the cut. Each folder keeps the first few of its changes that were not synced. */
	cutPower(random: Random | "kill"): Map<string, File | "folder"> {
		for (const changes of this.#pending.values()) {
			const count = random === "kill" ? changes.length : Math.floor(random.fraction() * (changes.length + 1));
			changes.slice(0, count).forEach((change) => change.apply(this.#names));
		}
		return this.#names;
	}

	#change({ inode }: LogEntry, change: Change): void {
		// A file that was made by stdio was not seen being made: its bytes are nobody's promise.
		this.#files.get(inode)?.pending.push(change);
	}

	#sync({ inode, at }: LogEntry): void {
		const file = this.#files.get(inode);
		if (file !== undefined) {
			file.pending.filter(({ position }) => position < at).forEach((change) => change.apply(file.safe));
			file.pending = file.pending.filter(({ position }) => position >= at);
		}
	}

	#syncFolder(folder: string, before: number): void {
		const changes = this.#pending.get(folder) ?? [];
		changes.filter(({ position }) => position < before).forEach((change) => change.apply(this.#names));
		this.#pending.set(
			folder,
			changes.filter(({ position }) => position >= before),
		);
	}

	#rename({ position, inode, content }: LogEntry, kind: "create" | "link" | "rename" | "unlink" | "mkdir" | "rmdir") {
		const [path = "", next = ""] = content.toString().split("\0");
		const old = this.#path(path);
		const target = next === "" ? old : this.#path(next);
		if (kind === "create") {
			this.#files.set(inode, { safe: new Content(), pending: [] });
		}
		const file = this.#files.get(inode);
		const apply: NameChange["apply"] = (names) => {
			if (kind !== "create" && kind !== "link" && kind !== "mkdir") {
				names.delete(old);
			}
			if (kind === "mkdir") {
				names.set(target, "folder");
			} else if (kind !== "unlink" && kind !== "rmdir" && file !== undefined) {
				names.set(target, file);
			}
		};
		const folder = dirname(target);
		this.#pending.set(folder, [...(this.#pending.get(folder) ?? []), { position, apply }]);
	}

	#path(path: string): string {
		const inside = relative(this.#recorded, normalize(path));
		return inside === "" ? "." : inside;
	}
}

function writing(position: number, at: number, piece: Buffer): Change {
	return {
		position,
		apply: (bytes) => bytes.write(at, piece),
		tear: (random) => ({ position, apply: (bytes) => tear(bytes, at, piece, random) }),
	};
}

/** Each sector by itself is there or not. */
function tear(bytes: Content, at: number, piece: Buffer, random: Random): void {
	for (let start = at; start < at + piece.length;) {
		const end = Math.min((Math.floor(start / sectorBytes) + 1) * sectorBytes, at + piece.length);
		if (random.fraction() < 0.5) {
			bytes.write(start, piece.subarray(start - at, end - at));
		}
		start = end;
	}
}
