// Canaries: secrets that were made up for one test and must not be found anywhere afterwards, in no spelling.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "#platform/random.ts";

export type Canary = { name: string; secret: string };

export type Canaries = {
	/** A new secret with a name for the report; an odd one has what quoting and encoding change. */
	make(name: string, shape?: "plain" | "odd"): string;
	/** One that the server or a simulator made. */
	add(name: string, secret: string): void;
	readonly all: readonly Canary[];
};

export function openCanaries(random: Random): Canaries {
	const all: Canary[] = [];
	const add = (name: string, secret: string): void => {
		assert.ok(secret.length >= 12, `${name} is too short to be told from chance`);
		all.push({ name, secret });
	};
	return {
		all,
		add,
		make(name, shape = "plain") {
			const body = Buffer.from(random.bytes(12)).toString("hex");
			const secret = shape === "plain" ? `Canary${all.length}x${body}` : `Can"ary\\${all.length}+/&=${body}<>`;
			add(name, secret);
			return secret;
		},
	};
}

/** How a secret might be written: as it is, quoted, encoded, in the middle of something that was encoded, or cut. */
export function spellingsOf(secret: string): readonly string[] {
	const bytes = Buffer.from(secret, "utf8");
	const encoded = ["", "a", "ab"].flatMap((before) => {
		const text = Buffer.concat([Buffer.from(before), bytes])
			.toString("base64")
			.replaceAll("=", "");
		const inside = text.slice(before === "" ? 0 : before.length + 1, -1); // Its ends depend on what stands beside it.
		return [inside, inside.replaceAll("+", "-").replaceAll("/", "_")];
	});
	const quoted = JSON.stringify(secret).slice(1, -1);
	return [
		...new Set([
			secret,
			secret.slice(0, 16),
			quoted,
			JSON.stringify(quoted).slice(1, -1),
			encodeURIComponent(secret),
			encodeURIComponent(secret).replaceAll("%20", "+"),
			bytes.toString("hex"),
			bytes.toString("hex").toUpperCase(),
			...encoded,
		]),
	];
}

/** @returns which canaries stand in the text, and where that is */
export function hits(canaries: readonly Canary[], where: string, text: string | Buffer): readonly string[] {
	const bytes = typeof text === "string" ? Buffer.from(text, "utf8") : text;
	return canaries.flatMap(({ name, secret }) =>
		spellingsOf(secret)
			.filter((spelling) => bytes.includes(spelling))
			.slice(0, 1)
			.map((spelling) => `${name} in ${where}: ${around(bytes, spelling)}`),
	);
}

function around(bytes: Buffer, spelling: string): string {
	const at = bytes.indexOf(spelling);
	return JSON.stringify(bytes.subarray(Math.max(0, at - 60), at + spelling.length + 20).toString("latin1"));
}

export function hitsInFolder(canaries: readonly Canary[], folder: string): readonly string[] {
	const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	assert.ok(files.length > 0);
	return files.flatMap((file) => {
		const path = join(file.parentPath, file.name);
		return hits(canaries, file.name, readFileSync(path));
	});
}
