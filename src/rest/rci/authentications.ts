// /messagingServices/{id}/authentications: single entries of a service's list. Each change goes the way of a change of
// the whole service, so the same rules hold and the service's version (its ETag) rises.

import { Problem } from "#platform/problems.ts";
import type { AuthenticationEntry, MessagingService } from "#storage/services.ts";
import type { Tx } from "#storage/storage.ts";
import { type Static, Type } from "typebox";
import { connectorOf } from "#connectors/registry.ts";
import { type AnyContext, type Answer, type Need, type Route, route } from "../route.ts";
import type { EnteredEntry } from "./entry-plan.ts";
import { entryBody, entryParams, entryPatch, entryReply, serviceParams } from "./service-schemas.ts";
import { toEntryView } from "./service-view.ts";
import { type Saved, changeService, readService } from "./service-write.ts";

const onService = (access: Need["access"]): Need => ({ objectType: "messagingService", access, on: { param: "id" } });
const all = "/messagingServices/:id/authentications";
const one = `${all}/:authId`;

const list = route({
	method: "GET",
	path: all,
	summary: "Lists the authentications of a messaging service; secrets are never shown.",
	needs: { who: "holders", rights: [onService("view")] },
	params: serviceParams,
	reply: Type.Array(entryReply),
	status: 200,
	async run(ctx) {
		const service = await readService(ctx.deps.storage.db, ctx.params.id);
		const body = service.authentications.map((entry) => viewOfEntry(ctx, service, entry));
		return { status: 200, body, version: service.version };
	},
});

const add = route({
	method: "POST",
	path: all,
	summary: "Adds an authentication to a messaging service.",
	needs: { who: "holders", rights: [onService("modify")] },
	params: serviceParams,
	body: entryBody,
	reply: entryReply,
	status: 201,
	idempotent: true,
	run: (ctx) =>
		ctx.write(async (tx): Promise<Answer> => {
			const { service } = await changeEntries(tx, ctx, ctx.params.id, (entries) => ({
				entries: [...entries, toEntered(ctx.body)],
				changed: entries.length,
			}));
			const entry = service.authentications.at(-1);
			if (entry === undefined) {
				throw new RangeError("an entry that was added is there");
			}
			return {
				status: 201,
				body: viewOfEntry(ctx, service, entry),
				version: service.version,
				location: `/messagingServices/${service.id}/authentications/${entry.id}`,
			};
		}),
});

const read = route({
	method: "GET",
	path: one,
	summary: "Gives one authentication of a messaging service; its secret is never shown.",
	needs: { who: "holders", rights: [onService("view")] },
	params: entryParams,
	reply: entryReply,
	status: 200,
	async run(ctx) {
		const service = await readService(ctx.deps.storage.db, ctx.params.id);
		return answerWith(ctx, service, ctx.params.authId);
	},
});

const replace = route({
	method: "PUT",
	path: one,
	summary: "Replaces an authentication; without a password the stored secret stays.",
	needs: { who: "holders", rights: [onService("modify")] },
	params: entryParams,
	body: entryBody,
	status: 204,
	run: (ctx) =>
		ctx.write(async (tx): Promise<Answer> => {
			const { service } = await changeEntry(tx, ctx, ctx.params, ctx.body);
			return { status: 204, version: service.version };
		}),
});

const merge = route({
	method: "PATCH",
	path: one,
	summary: "Changes the given fields of an authentication (JSON merge patch).",
	needs: { who: "holders", rights: [onService("modify")] },
	params: entryParams,
	body: entryPatch,
	reply: entryReply,
	status: 200,
	run: (ctx) =>
		ctx.write(async (tx): Promise<Answer> => {
			const { service } = await changeEntry(tx, ctx, ctx.params, ctx.body);
			return answerWith(ctx, service, ctx.params.authId);
		}),
});

const remove = route({
	method: "DELETE",
	path: one,
	summary: "Removes an authentication and its secret.",
	needs: { who: "holders", rights: [onService("modify")] },
	params: entryParams,
	status: 204,
	run: (ctx) =>
		ctx.write(async (tx): Promise<Answer> => {
			const { service } = await changeEntries(tx, ctx, ctx.params.id, (entries) => ({
				entries: entries.toSpliced(indexOf(entries, ctx.params.authId), 1),
				changed: -1,
			}));
			return { status: 204, version: service.version };
		}),
});

function viewOfEntry({ deps }: Pick<AnyContext, "deps">, service: MessagingService, entry: AuthenticationEntry) {
	return toEntryView(entry, connectorOf(service.type), deps.clock.now());
}

function answerWith(ctx: Pick<AnyContext, "deps">, service: MessagingService, id: string): Answer {
	const entry = service.authentications.find((candidate) => candidate.id === id);
	if (entry === undefined) {
		throw unknownEntry();
	}
	return { status: 200, body: viewOfEntry(ctx, service, entry), version: service.version };
}

function unknownEntry(): Problem {
	return new Problem("not_found", "This messaging service has no authentication with this id.");
}

function indexOf(entries: readonly EnteredEntry[], id: string): number {
	const index = entries.findIndex((entry) => entry.id === id);
	if (index < 0) {
		throw unknownEntry();
	}
	return index;
}

/** Read-only fields of the body are left behind. */
function toEntered(body: Static<typeof entryPatch> & { authenticationId: string }): EnteredEntry {
	const { authenticationId, password, previousValidUntil } = body;
	return {
		authenticationId,
		...(password === undefined ? {} : { password }),
		...(previousValidUntil === undefined ? {} : { previousValidUntil }),
	};
}

type Ctx = Pick<AnyContext, "deps" | "principal" | "via" | "demandVersion">;
type EntriesChange = { entries: readonly EnteredEntry[]; changed: number };

function changeEntry(
	tx: Tx,
	ctx: Ctx,
	{ id, authId }: { id: string; authId: string },
	body: Static<typeof entryPatch>,
): Promise<Saved> {
	return changeEntries(tx, ctx, id, (entries) => {
		const index = indexOf(entries, authId);
		const authenticationId = body.authenticationId ?? entries[index]?.authenticationId ?? "";
		const changed = { ...toEntered({ ...body, authenticationId }), id: authId };
		return { entries: entries.with(index, changed), changed: index };
	});
}

/** `changed`: the entry the caller speaks of; problems about it point into the body of this call. */
async function changeEntries(
	tx: Tx,
	ctx: Ctx,
	id: string,
	change: (entries: readonly EnteredEntry[]) => EntriesChange,
): Promise<Saved> {
	let pointer = "";
	try {
		return await changeService(tx, ctx, id, (before) => {
			const own = before.authentications.map((entry) => ({ id: entry.id, authenticationId: entry.authenticationId }));
			const { entries, changed } = change(own);
			pointer = `/authentications/${changed}/`;
			return { ...before, authentications: entries };
		});
	} catch (error) {
		throw error instanceof Problem ? aboutEntry(error, pointer) : error;
	}
}

function aboutEntry(problem: Problem, pointer: string): Problem {
	const { code, detail, errors } = problem;
	if (code !== "invalid_configuration" || errors === undefined) {
		return problem;
	}
	const own = errors.map((error) =>
		error.pointer.startsWith(pointer) ? { ...error, pointer: error.pointer.slice(pointer.length - 1) } : error,
	);
	const [first] = own;
	return new Problem(code, first === undefined ? detail : `${first.pointer} ${first.message}`, own);
}

export const authenticationRoutes: readonly Route[] = [list, add, read, replace, merge, remove];
