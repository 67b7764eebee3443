// `/sms/richcontent/<token>/<file>`: what we send, for the provider to fetch. The address is the only credential; whatever
// is wrong with it, the answer is the same.

import type { FastifyInstance, FastifyReply } from "fastify";
import type { Clock } from "#platform/clock.ts";
import { fileHeaders } from "#platform/file-answer.ts";
import { Problem } from "#platform/problems.ts";
import { findFiles, readContent } from "#storage/files.ts";
import type { Storage } from "#storage/storage.ts";
import type { FileLinks } from "./file-links.ts";

export type RichContentDeps = { storage: Pick<Storage, "db">; clock: Clock; links: Pick<FileLinks, "fileAt"> };

const bytesHeldMax = 64 * 1_048_576; // Of files that are on their way out: a slow reader holds what it reads.

export async function serveRichContent(app: FastifyInstance, deps: RichContentDeps): Promise<void> {
	let bytesHeld = 0;

	function hold(bytes: number, reply: FastifyReply): void {
		if (bytesHeld > 0 && bytesHeld + bytes > bytesHeldMax) {
			throw new Problem("overloaded", "Too many files are being fetched.");
		}
		bytesHeld += bytes;
		reply.raw.once("close", () => (bytesHeld -= bytes));
	}

	await app.register((scope, _options, done) => {
		scope.route<{ Params: { token: string; file: string } }>({
			method: ["GET", "HEAD"],
			url: "/sms/richcontent/:token/:file",
			exposeHeadRoute: false,
			config: { rawQuery: true },
			async handler({ params }, reply) {
				const now = deps.clock.now();
				const id = deps.links.fileAt(params.token, params.file, now);
				const [file] = id === undefined ? [] : await findFiles(deps.storage.db, [id], now);
				if (file === undefined) {
					throw notThere();
				}
				hold(file.size, reply);
				const content = await readContent(deps.storage.db, file.id);
				if (content === undefined) {
					throw notThere();
				}
				return reply.headers(fileHeaders(file.contentType, params.file, content)).send(Buffer.from(content));
			},
		});
		done();
	});
}

function notThere(): Problem {
	return new Problem("not_found", "There is nothing at this address.");
}
