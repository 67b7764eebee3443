// The tree under /users/me: finds the resource, and who is asking, and lets it answer.

import { Problem } from "#platform/problems.ts";
import { newestChange } from "#storage/chat-changes.ts";
import type { Db } from "#storage/storage.ts";
import { readKnown } from "../known.ts";
import { toRefused } from "../messenger.ts";
import { type Answer, type Asked, type Caller, fault, notThere, type Tree } from "../resource.ts";
import { attachmentResources } from "./attachments.ts";
import { contactResources } from "./contacts.ts";
import { deskResources } from "./desk-things.ts";
import { earlierLineResources } from "./earlier-lines.ts";
import { fileLimits } from "./file-limits.ts";
import { interactionResources } from "./interactions.ts";
import { ownResources } from "./own-things.ts";
import { participantResources } from "./participants.ts";
import { propertiesResources } from "./properties.ts";
import { queueResources } from "./queues.ts";
import { type Context, type Found, matchPath, type Resource } from "./resource-table.ts";
import { supervisionResources } from "./supervision.ts";
import type { Tools } from "./tools.ts";
import { transcriptResources } from "./transcript.ts";

export function openTree(tools: Tools): Tree {
	const { storage } = tools.deps;
	const table: readonly Resource[] = [
		...ownResources(tools),
		...propertiesResources(tools),
		...queueResources(tools),
		...interactionResources(tools),
		...transcriptResources(tools),
		...earlierLineResources(),
		...participantResources(tools),
		...attachmentResources(tools),
		...contactResources(tools),
		fileLimits,
		...deskResources(tools),
		...supervisionResources(tools, (ctx, agentId, path) => readAs(ctx, agentId, path)),
	];

	/** Another's tree, with what the other may see in it. */
	async function readAs(ctx: Context, agentId: string, path: readonly string[]): Promise<Found> {
		const matched = matchPath(table, path);
		if (matched?.resource.read === undefined || !readByOthers.some((start) => path[0] === start)) {
			return notThere;
		}
		return matched.resource.read({ ...ctx, params: matched.params, caller: { ...ctx.caller, userId: agentId } });
	}

	return {
		async answer(asked) {
			const matched = matchPath(table, asked.path);
			if (matched === undefined) {
				return notThere;
			}
			const refusal = refused(matched.resource, asked);
			if (refusal !== undefined) {
				return refusal;
			}
			try {
				const ctx = await contextOf(tools, asked.caller, { params: matched.params, body: asked.body });
				return await run(matched.resource, asked.method, { ...ctx, db: storage.db });
			} catch (error) {
				if (error instanceof Problem) {
					return toRefused(error).answer;
				}
				throw error; // Whoever asked tells of the storage's troubles and of our own.
			}
		},
		async snapshot(caller, path) {
			const matched = matchPath(table, path);
			const read = matched?.resource.isAskedOnly === true ? undefined : matched?.resource.read;
			if (matched === undefined || read === undefined) {
				return { ok: false, answer: matched === undefined ? notThere : notAllowed };
			}
			if (!matched.resource.for.includes(caller.kind)) {
				return { ok: false, answer: notForYou };
			}
			const ctx = await contextOf(tools, caller, { params: matched.params, body: undefined });
			const taken = async (db: Db): ReturnType<Tree["snapshot"]> => {
				const position = await newestChange(db);
				const found = await read({ ...ctx, db });
				return "value" in found
					? { ok: true, snapshot: { position, value: found.value ?? null } }
					: { ok: false, answer: found };
			};
			return matched.resource.isApart === true ? taken(storage.db) : storage.readTogether(taken);
		},
	};
}

/** What a supervisor sees of an agent. */
const readByOthers = ["interactions", "properties", "queues"];

const notForYou = fault(403, "not_permitted", "This is not for you.");
const notAllowed = fault(405, "method_not_allowed", "This resource does not have the method.");

const methodNames = { GET: "read", PUT: "put", POST: "post", DELETE: "delete" } as const;

function refused(resource: Resource, { method, caller }: Asked): Answer | undefined {
	if (!resource.for.includes(caller.kind)) {
		return notForYou;
	}
	return resource[methodNames[method]] === undefined ? notAllowed : undefined;
}

type Asking = Pick<Context, "params" | "body">;

async function contextOf(tools: Tools, caller: Caller, asking: Asking): Promise<Omit<Context, "db">> {
	const [known, windows, rights] = await Promise.all([
		readKnown(tools.deps.storage, tools.host),
		tools.messenger.windows(),
		tools.rights.now(),
	]);
	if (caller.kind === "visitor") {
		await tools.places.counted();
	}
	const grants = caller.kind === "agent" ? await rights.of(caller.userId) : [];
	return { ...asking, caller, known, windows, queuePlaceOf: tools.places.of, grants };
}

async function run(resource: Resource, method: Asked["method"], ctx: Context): Promise<Answer> {
	if (method === "GET") {
		const found = (await resource.read?.(ctx)) ?? notThere;
		if (!("value" in found)) {
			return found;
		}
		return found.value === undefined ? notThere : { status: 200, body: found.value };
	}
	const act = { PUT: resource.put, POST: resource.post, DELETE: resource.delete }[method];
	return (await act?.(ctx)) ?? notAllowed;
}
