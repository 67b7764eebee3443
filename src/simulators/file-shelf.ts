// Where a simulated provider keeps the files of its contacts, and what it fetched from us. As strict as the real ones: a
// store whose links open by themselves refuses a call that brings credentials (as Amazon S3 does).

import type { IncomingMessage, ServerResponse } from "node:http";
import { type Dispatcher, request as sendRequest } from "undici";
import type { FetchedFile, HostedFile } from "./simulator.ts";

export class FileShelf {
	readonly fetched: FetchedFile[] = [];
	/** Calls for files that were not as they must be, in words. */
	readonly refusals: string[] = [];
	readonly #files: HostedFile[] = [];

	/** The path at which it lies from now on. */
	keep(file: HostedFile): string {
		this.#files.push(file);
		return `/shelf/${this.#files.length}`;
	}

	/** False: it is no call for a file. */
	answer(request: IncomingMessage, response: ServerResponse): boolean {
		const place = /^\/shelf\/(\d+)$/.exec((request.url ?? "").split("?", 1)[0] ?? "")?.[1];
		const file = place === undefined ? undefined : this.#files[Number(place) - 1];
		if (file === undefined) {
			return false;
		}
		request.resume();
		const { authorization } = request.headers;
		if (authorization === file.authorization) {
			response.writeHead(200, { "content-type": file.contentType }).end(file.bytes);
		} else {
			this.refusals.push(authorization === undefined ? "a file without credentials" : "a file with wrong credentials");
			response.writeHead(file.authorization === undefined ? 400 : 401).end();
		}
		return true;
	}

	/** What providers do with the addresses of a message. Only on this machine: a test names others, too. */
	async fetch(urls: readonly string[], dispatcher: Dispatcher): Promise<void> {
		for (const url of urls) {
			if (["127.0.0.1", "localhost"].includes(URL.parse(url)?.hostname ?? "")) {
				this.fetched.push(await fetchOne(url, dispatcher));
			}
		}
	}
}

async function fetchOne(url: string, dispatcher: Dispatcher): Promise<FetchedFile> {
	try {
		const answer = await sendRequest(url, { dispatcher });
		const bytes = new Uint8Array(await answer.body.arrayBuffer());
		return { url, status: answer.statusCode, contentType: String(answer.headers["content-type"] ?? ""), bytes };
	} catch {
		return { url, status: 0, contentType: "", bytes: new Uint8Array() }; // Nobody there: status 0, as with webhooks.
	}
}
