// The bytes of attachments: `PUT` and `GET …/ecfs/media/<attachment id>` with the session's cookie. Whose they are, what is
// taken and where it lies is another's business; here they come whole, and go out so that no browser runs them.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isId } from "#domain/ids.ts";
import { fileHeaders } from "#platform/file-answer.ts";
import { Problem } from "#platform/problems.ts";
import type { Answer, Caller } from "../resource.ts";
import { type HttpDeps, admission, callerOf, forSide, kinds, preflight, sendAnswer } from "./http.ts";

export type MediaFile = { filename: string; contentType: string; bytes: Uint8Array };

export type Media = {
	/** Bytes announced by a POST to the interaction's attachments. */
	take(caller: Caller, id: string, upload: { contentType: string; bytes: Uint8Array }): Promise<Answer>;
	give(caller: Caller, id: string): Promise<{ ok: true; file: MediaFile } | { ok: false; answer: Answer }>;
	/** Of one file, whatever the settings allow. */
	readonly bytesMax: number;
};

export type MediaDeps = HttpDeps & {
	media: Media;
	/** What the chat settings allow now. */
	fileBytesMax(): Promise<number>;
};

const uploadsOfSession = 3;
const bytesUnderWayMax = 256 * 1024 * 1024; // On this node: each upload is held until it is whole.

export function serveMedia(app: FastifyInstance, deps: MediaDeps): void {
	const uploads = countUploads();
	for (const kind of kinds) {
		const { onRequest, sessionOf } = admission(kind, deps);
		forSide(app, kind, deps, (scope) => {
			const onUpload = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
				await onRequest(request);
				const bytes = announcedBytes(request, await deps.fileBytesMax());
				reply.raw.once("close", uploads.begin(sessionOf(request).id, bytes));
			};
			scope.put("/media/:id", { onRequest: onUpload, bodyLimit: deps.media.bytesMax }, (request, reply) =>
				take(deps, callerOf(sessionOf(request), request), { request, reply }),
			);
			scope.get("/media/:id", { onRequest }, (request, reply) =>
				give(deps, callerOf(sessionOf(request), request), { request, reply }),
			);
			scope.options("/media/:id", preflight);
		});
	}
}

/** A file says how large it is before it comes. */
function announcedBytes({ headers }: FastifyRequest, bytesMax: number): number {
	const bytes = Number(headers["content-length"] ?? Number.NaN);
	if (!Number.isSafeInteger(bytes)) {
		throw new Problem("malformed_request", "Send the file with a Content-Length.");
	}
	if (bytes > bytesMax) {
		throw new Problem("body_too_large", `A file may have ${bytesMax} bytes.`);
	}
	return bytes;
}

/** `begin` throws the problem for one too many, and gives what is to be called at its end. */
export function countUploads(): { begin(sessionId: string, bytes: number): () => void } {
	const ofSessions = new Map<string, number>();
	let bytesUnderWay = 0;
	return {
		begin(sessionId, bytes) {
			const count = ofSessions.get(sessionId) ?? 0;
			if (count >= uploadsOfSession || bytesUnderWay + bytes > bytesUnderWayMax) {
				throw new Problem("overloaded", "Too many files come at once; send this one a little later.");
			}
			ofSessions.set(sessionId, count + 1);
			bytesUnderWay += bytes;
			return () => {
				const left = (ofSessions.get(sessionId) ?? 1) - 1;
				bytesUnderWay -= bytes;
				if (left > 0) {
					ofSessions.set(sessionId, left);
				} else {
					ofSessions.delete(sessionId);
				}
			};
		},
	};
}

type Call = { request: FastifyRequest; reply: FastifyReply };

async function take(deps: MediaDeps, caller: Caller, { request, reply }: Call): Promise<FastifyReply> {
	const bytes = Buffer.isBuffer(request.body) ? request.body : new Uint8Array();
	const upload = { contentType: request.headers["content-type"] ?? "", bytes };
	return sendAnswer(reply, await deps.media.take(caller, idIn(request), upload));
}

async function give(deps: MediaDeps, caller: Caller, { request, reply }: Call): Promise<FastifyReply> {
	const found = await deps.media.give(caller, idIn(request));
	if (!found.ok) {
		return sendAnswer(reply, found.answer);
	}
	const { contentType, filename, bytes } = found.file;
	return reply.headers(fileHeaders(contentType, filename, neverInPlace)).send(bytes);
}

/** Nothing shows itself to be an image: every file is saved, none is opened. */
const neverInPlace = new Uint8Array();

function idIn({ params }: FastifyRequest): string {
	const { id } = params as { id: string };
	if (!isId(id)) {
		throw new Problem("not_found", "There is no such attachment.");
	}
	return id;
}
