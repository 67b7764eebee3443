// The key ring's file: its shape, the checks before it is believed, and writing that survives a power cut.

import {
	closeSync,
	fstatSync,
	fsyncSync,
	linkSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { keyBytes } from "./aes-gcm.ts";
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

export type KeyRingContent = {
	version: 1;
	/** The id of the key that wraps from now on. */
	current: string;
	keys: readonly { id: string; createdAt: string; key: string }[];
	/** For keyed hashes; the same for the life of the installation. */
	macKey: string;
};

export type ReadKeyRing =
	| { ok: true; content: KeyRingContent }
	| { ok: false; why: "missing" | "unreadable" | "exposed" | "damaged"; detail: string };

export function makeContent(random: Random, clock: Clock): KeyRingContent {
	const key = newKey(random, clock);
	return { version: 1, current: key.id, keys: [key], macKey: toBase64(random.bytes(keyBytes)) };
}

export function withNewKey(content: KeyRingContent, random: Random, clock: Clock): KeyRingContent {
	const key = newKey(random, clock);
	return { ...content, current: key.id, keys: [...content.keys, key] };
}

function newKey(random: Random, clock: Clock): KeyRingContent["keys"][number] {
	const id = `k${Buffer.from(random.bytes(8)).toString("hex")}`;
	return { id, createdAt: clock.now().toISOString(), key: toBase64(random.bytes(keyBytes)) };
}

function toBase64(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("base64");
}

export function readFile(path: string): ReadKeyRing {
	let file: number;
	try {
		file = openSync(path, "r");
	} catch (error) {
		return codeOf(error) === "ENOENT"
			? { ok: false, why: "missing", detail: `There is no key ring at ${path}.` }
			: { ok: false, why: "unreadable", detail: `The key ring ${path} cannot be opened (${codeOf(error)}).` };
	}
	try {
		const exposed = exposure(path, file);
		return exposed === undefined
			? parse(path, readFileSync(file, "utf8"))
			: { ok: false, why: "exposed", detail: exposed };
	} catch (error) {
		return { ok: false, why: "unreadable", detail: `The key ring ${path} cannot be read (${codeOf(error)}).` };
	} finally {
		closeSync(file);
	}
}

/** Why others could read or change the file, or undefined. Asked of the open file, so that it cannot be swapped. */
function exposure(path: string, file: number): string | undefined {
	const status = fstatSync(file);
	if (!status.isFile()) {
		return `The key ring ${path} is not a regular file.`;
	}
	if ((status.mode & 0o077) !== 0) {
		return `The key ring ${path} can be used by other users of this machine; run chmod 600 ${path}`;
	}
	const user = process.getuid?.();
	return user === undefined || status.uid === user
		? undefined
		: `The key ring ${path} belongs to another user of this machine; run chown ${user} ${path}`;
}

function codeOf(error: unknown): string {
	const { code } = error as { code?: unknown };
	return typeof code === "string" ? code : "unknown error";
}

function parse(path: string, text: string): ReadKeyRing {
	const content = contentOf(text);
	return content === undefined
		? { ok: false, why: "damaged", detail: `The key ring ${path} is damaged; put back its backup.` }
		: { ok: true, content };
}

function contentOf(text: string): KeyRingContent | undefined {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return undefined; // Not JSON: damaged, and the text may hold keys, so nothing of it is repeated.
	}
	return isContent(value) ? value : undefined;
}

function isContent(value: unknown): value is KeyRingContent {
	if (typeof value !== "object" || value === null) {
		return false;
	}
	const { version, current, keys, macKey } = value as Record<string, unknown>;
	if (version !== 1 || typeof current !== "string" || !Array.isArray(keys) || !isKey(macKey)) {
		return false;
	}
	const ids = keys.map((entry: unknown) => idOfEntry(entry));
	return !ids.includes(undefined) && new Set(ids).size === ids.length && ids.includes(current);
}

function idOfEntry(entry: unknown): string | undefined {
	const { id, createdAt, key } = (entry ?? {}) as Record<string, unknown>;
	return typeof id === "string" && typeof createdAt === "string" && isKey(key) ? id : undefined;
}

function isKey(value: unknown): boolean {
	if (typeof value !== "string") {
		return false;
	}
	const bytes = Buffer.from(value, "base64");
	return bytes.length === keyBytes && toBase64(bytes) === value;
}

/**
 * Fails when the file exists: a key ring is never overwritten by a first start. It gets its name once it is whole, or a
 * start that is cut off would leave an empty one, which counts as damaged; and each start writes a file of its own.
 */
export function createFile(path: string, content: KeyRingContent): void {
	const next = `${path}.${content.current}`;
	writeNew(next, content);
	try {
		linkSync(next, path);
	} catch (error) {
		if (!withoutLinks.has(codeOf(error))) {
			throw error;
		}
		writeNew(path, content);
	} finally {
		rmSync(next);
	}
	syncDirectoryOf(path);
}

/** What file systems say that know no hard links, such as those shared with a host. */
const withoutLinks = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

export function replaceFile(path: string, content: KeyRingContent): void {
	const next = `${path}.next`;
	rmSync(next, { force: true }); // Left by a replacement that was cut off before the rename.
	writeNew(next, content);
	renameSync(next, path);
	syncDirectoryOf(path);
}

function writeNew(path: string, content: KeyRingContent): void {
	const file = openSync(path, "wx", 0o600);
	try {
		writeSync(file, `${JSON.stringify(content, undefined, "\t")}\n`);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
}

/** The new name is durable only once the directory is. */
function syncDirectoryOf(path: string): void {
	const directory = openSync(dirname(path), "r");
	try {
		fsyncSync(directory);
	} finally {
		closeSync(directory);
	}
}
