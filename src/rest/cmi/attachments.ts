// /attachments: files to be sent are uploaded here, and files that messages have are had from here. What may be read of a
// messaging service covers its files; an upload belongs to who made it until a message has it.

import { essenceOf, isCovered, isHonest, plainFilename } from "#domain/file-types.ts";
import { tooManyPoints } from "#domain/image-size.ts";
import type { KeptFile } from "#domain/messages.ts";
import { fileHeaders } from "#platform/file-answer.ts";
import { Problem } from "#platform/problems.ts";
import { servicesWithFile } from "#storage/attachments.ts";
import { type FileFacts, findFiles, insertFile, readContent } from "#storage/files.ts";
import { type AnyContext, type Route, route, type UploadedFile } from "../route.ts";
import { needs, notFound, readers, senders } from "./access.ts";
import { fileSchema, uploadBody, uploadQuery } from "./attachment-schemas.ts";
import { idParams, type SendBody } from "./schemas.ts";
import { toTime, toTimeOrNull } from "./views.ts";

const unusedMs = 86_400_000; // A day: longer than anybody writes at one message.

const upload = route({
	method: "POST",
	path: "/attachments",
	summary: "Uploads a file that is to be sent.",
	description:
		"The body is the file itself, its media type stands in Content-Type, its name in the query. Then name its id in `attachments` of POST /messages: the provider fetches it at a public address that cannot be guessed and ends. A file that no message has is deleted after a day. With a browser's session the header Idempotency-Key is demanded.",
	needs: needs(senders, "some"),
	query: uploadQuery,
	body: uploadBody,
	takesFile: true,
	reply: fileSchema,
	status: 201,
	idempotent: true,
	async run(ctx) {
		const { contentType, bytes } = acceptable(ctx.body, ctx.deps.settings.attachments.types);
		const { clock, ids } = ctx.deps;
		const now = clock.now();
		const file = {
			id: ids.next<string>(),
			contentType,
			filename: plainFilename(ctx.query.filename, contentType),
			content: bytes,
			createdAt: now,
			createdBy: ctx.caller().userId,
			expiresAt: new Date(now.getTime() + unusedMs),
		};
		return ctx.write(async (tx) => {
			const kept = await insertFile(tx, file);
			return { status: 201, location: `/attachments/${kept.id}`, body: toFileObject(kept) };
		});
	},
});

/** The file, if it is of a kind that is taken and is what it is said to be. */
function acceptable(given: UploadedFile | undefined, types: readonly string[]): UploadedFile {
	const { contentType = "", bytes = new Uint8Array() } = given ?? {};
	const essence = essenceOf(contentType);
	if (bytes.length === 0) {
		throw new Problem("invalid_body", "The body is the file itself; there is nothing in it.");
	}
	if (essence === undefined) {
		throw new Problem("wrong_content_type", "Content-Type must be the media type of the file, such as image/jpeg.");
	}
	if (!isCovered(essence, types)) {
		throw new Problem(
			"file_not_allowed",
			`Files of the type ${essence} are not taken. The setting attachments.types has ${types.join(", ")}.`,
		);
	}
	if (!isHonest(essence, bytes)) {
		throw new Problem("file_not_allowed", `The first bytes of the file are not those of ${essence}.`);
	}
	const trouble = tooManyPoints(bytes);
	if (trouble !== undefined) {
		throw new Problem("file_not_allowed", trouble);
	}
	return { contentType: essence, bytes };
}

const download = route({
	method: "GET",
	path: "/attachments/:id",
	summary: "Gives a file that a message has, or that you uploaded.",
	needs: needs(readers, "row"),
	params: idParams,
	answersFile: true,
	status: 200,
	async run(ctx) {
		const { storage, clock } = ctx.deps;
		const [file] = await findFiles(storage.db, [ctx.params.id], clock.now());
		if (file === undefined || !(await mayRead(ctx, file))) {
			throw notFound();
		}
		const bytes = await readContent(storage.db, file.id);
		if (bytes === undefined) {
			throw notFound();
		}
		return { status: 200, bytes, headers: fileHeaders(file.contentType, file.filename, bytes) };
	},
});

/** Who uploaded it, as long as no message has it; then whoever may read one that does. */
async function mayRead(ctx: Pick<AnyContext, "deps" | "may" | "caller">, file: FileFacts): Promise<boolean> {
	if (file.expiresAt !== null) {
		return file.createdBy === ctx.caller().userId;
	}
	const services = await servicesWithFile(ctx.deps.storage.db, file.id);
	return services.some((id) => readers.some((access) => ctx.may(access, "messagingService", { id })));
}

export function fileIdsIn({ attachments = [] }: SendBody): string[] {
	return [...new Set(attachments.flatMap(({ id }) => id ?? []))];
}

/** Those of the files that the caller may send: what they may read. */
export async function sendableFiles(
	ctx: Pick<AnyContext, "deps" | "may" | "caller">,
	ids: readonly string[],
): Promise<ReadonlyMap<string, KeptFile>> {
	const found = new Map<string, KeptFile>();
	for (const file of await findFiles(ctx.deps.storage.db, ids, ctx.deps.clock.now())) {
		if (await mayRead(ctx, file)) {
			const { id: fileId, contentType, filename, size } = file;
			found.set(fileId, { fileId, contentType, filename, size });
		}
	}
	return found;
}

function toFileObject({ id, contentType, filename, size, sha256, createdAt, expiresAt }: FileFacts) {
	return {
		id,
		contentType,
		filename,
		size,
		sha256,
		createdAt: toTime(createdAt),
		expiresAt: toTimeOrNull(expiresAt),
	};
}

export const attachmentRoutes: readonly Route[] = [upload, download];
