// The bytes of attachments: `PUT` and `GET …/ecfs/media/<attachment id>` with the session's cookie. Whose they are, what is
// taken and where it lies is another's business; here they come whole, and go out so that no browser runs them.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isId } from "#domain/ids.ts";
import { fileHeaders } from "#platform/file-answer.ts";
import { Problem } from "#platform/problems.ts";
import type { Answer, Caller, CallerKind } from "../resource.ts";
import { type HttpDeps, callerOf, forSide, kinds, preflight, sendAnswer, sessionBehind } from "./http.ts";

export type MediaFile = { filename: string; contentType: string; bytes: Uint8Array };

export type Media = {
	/** Bytes announced by a POST to the interaction's attachments. */
	take(caller: Caller, id: string, upload: { contentType: string; bytes: Uint8Array }): Promise<Answer>;
	give(caller: Caller, id: string): Promise<{ ok: true; file: MediaFile } | { ok: false; answer: Answer }>;
	/** Of one file. */
	readonly bytesMax: number;
};

export type MediaDeps = HttpDeps & { media: Media };

export function serveMedia(app: FastifyInstance, deps: MediaDeps): void {
	for (const kind of kinds) {
		forSide(app, kind, deps, (scope) => {
			scope.put("/media/:id", { bodyLimit: deps.media.bytesMax }, (request, reply) =>
				take(deps, kind, { request, reply }),
			);
			scope.get("/media/:id", (request, reply) => give(deps, kind, { request, reply }));
			scope.options("/media/:id", preflight);
		});
	}
}

type Call = { request: FastifyRequest; reply: FastifyReply };

async function take(deps: MediaDeps, kind: CallerKind, { request, reply }: Call): Promise<FastifyReply> {
	const { session } = await sessionBehind(request, kind, deps);
	const bytes = Buffer.isBuffer(request.body) ? request.body : new Uint8Array();
	const upload = { contentType: request.headers["content-type"] ?? "", bytes };
	return sendAnswer(reply, await deps.media.take(callerOf(session, request), idIn(request), upload));
}

async function give(deps: MediaDeps, kind: CallerKind, { request, reply }: Call): Promise<FastifyReply> {
	const { session } = await sessionBehind(request, kind, deps);
	const found = await deps.media.give(callerOf(session, request), idIn(request));
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
