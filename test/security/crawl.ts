// Every GET answer of both interfaces: their own documents name the routes, their lists name the objects.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Api } from "#test/parley.ts";

const objectsMax = 12; // Of one list.

/** The text of each answer, by its path. */
export async function everyGet(api: Api): Promise<ReadonlyMap<string, string>> {
	const answers = new Map<string, string>();
	async function get(path: string): Promise<string> {
		const known = answers.get(path);
		if (known !== undefined) {
			return known;
		}
		const answer = await api.ask("GET", path);
		const text = path.endsWith("/events") ? await beginning(answer) : await answer.text();
		answers.set(path, text);
		return text;
	}
	for (const name of ["rci", "cmi"]) {
		const document = JSON.parse(await get(`/RI/openapi/${name}.json`)) as { paths: Record<string, object> };
		for (const [path, methods] of Object.entries(document.paths)) {
			if ("get" in methods) {
				const found = await concrete(`/RI/${name}${path}`, get);
				await Promise.all(found.map(get));
			}
		}
	}
	assert.ok(answers.size > 60, `${answers.size} answers`);
	return answers;
}

/** `/users/{id}/roles` with each user there is. */
async function concrete(path: string, get: (path: string) => Promise<string>): Promise<readonly string[]> {
	let found = [""];
	for (const step of path.split("/").slice(1)) {
		const name = /^\{(.+)\}$/.exec(step)?.[1];
		const next = found.map(async (before) =>
			name === undefined ? [`${before}/${step}`] : idsIn(await get(before), name).map((id) => `${before}/${id}`),
		);
		found = (await Promise.all(next)).flat();
	}
	return found;
}

function idsIn(text: string, name: string): readonly string[] {
	const list = JSON.parse(text) as unknown;
	return (Array.isArray(list) ? (list as Record<string, unknown>[]) : [])
		.slice(-objectsMax)
		.map((object) => String(object[name] ?? object["id"]));
}

/** A stream has no end. */
async function beginning(answer: Response): Promise<string> {
	const reader = answer.body?.getReader();
	const read = reader?.read();
	const first = await Promise.race([read, pause(500)]);
	await reader?.cancel();
	return new TextDecoder().decode((first?.value as Uint8Array | undefined) ?? new Uint8Array());
}
