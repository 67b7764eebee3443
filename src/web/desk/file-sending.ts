// Files on their way out: each is announced, then its bytes follow. A file that went is told at once, so that it is not sent
// with the others again; one of which nobody knows whether it arrived goes out under the id it was announced with.

import { isProblem } from "#web/api/problem.ts";
import type { Asked, Refusal } from "./asked.ts";

export type FileDeps = {
	ask(method: string, uri: string, body?: unknown): Promise<Asked>;
	/** Rejects where the bytes were not taken. */
	put(id: string, type: string, file: File): Promise<unknown>;
	inWords(error: unknown): string;
};

export type FileSender = {
	/** One after the other. What cannot be sent is left, and the first reason given; the others go all the same. */
	send(chatId: string, files: readonly File[], onGone: (file: File) => void): Promise<Asked>;
};

const sent: Asked = { ok: true, body: undefined };

export function openFileSender({ ask, put, inWords }: FileDeps): FileSender {
	/** Of files whose bytes went out without an answer. */
	const announced = new WeakMap<File, string>();

	async function sendOne(chatId: string, file: File): Promise<Asked> {
		const known = announced.get(file);
		const first = known === undefined ? undefined : await sendBytes(file, known);
		if (first !== undefined && (first.ok || first.code !== "too_late")) {
			return first;
		}
		// The server has the file already, or the time for its bytes is over.
		if (known !== undefined && (await ask("GET", `/interactions/${chatId}/attachments/${known}`)).ok) {
			return sent;
		}
		const facts = { filename: file.name, size: file.size, mime_type: typeOf(file) };
		const told = await ask("POST", `/interactions/${chatId}/attachments`, facts);
		return told.ok ? sendBytes(file, (told.body as { id: string }).id) : told;
	}

	async function sendBytes(file: File, id: string): Promise<Asked> {
		try {
			await put(id, typeOf(file), file);
			return sent;
		} catch (error) {
			announced.set(file, id);
			return { ok: false, code: isProblem(error) ? error.code : "upload", because: inWords(error) };
		}
	}

	return {
		async send(chatId, files, onGone) {
			let refusal: Refusal | undefined;
			for (const file of files) {
				const asked = await sendOne(chatId, file);
				if (asked.ok) {
					onGone(file);
				} else {
					refusal ??= asked;
				}
			}
			return refusal ?? sent;
		},
	};
}

function typeOf({ type }: File): string {
	return type || "application/octet-stream";
}
