// Two contacts that are one person become one: shown before it is done, done, and undone. Who does it manages the contact
// history of every messaging service in which either has conversations.

import { mergeRefusals, type RefusalWords, sentenceOf, undoRefusals } from "#domain/merge-refusals.ts";
import { Problem } from "#platform/problems.ts";
import { type ContactMerge, findMerge, mergeContacts, mergesOf, undoMerge } from "#storage/contact-merges.ts";
import { mergeSide } from "#storage/contact-facts.ts";
import { previewMerge, type PreviewSide } from "#storage/contact-preview.ts";
import { findContact } from "#storage/conversation-lists.ts";
import type { Tx } from "#storage/storage.ts";
import { Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type AnyContext, type Answer, type Route, route, type RouteContext } from "../route.ts";
import { historians, needs, notFound, visibleServices } from "./access.ts";
import {
	mergeBody,
	type MergeBody,
	mergeParams,
	mergeSchema,
	previewQuery,
	previewSchema,
} from "./contact-merge-schemas.ts";
import { idParams } from "./schemas.ts";
import { toConsentObject, toContactObject, toTime, toTimeOrNull } from "./views.ts";

const preview = route({
	method: "GET",
	path: "/contacts/:id/mergePreview",
	summary: "Shows what a merge of two contacts would make, and changes nothing.",
	description: "What is refused here would be refused when it is done, with the same words.",
	needs: needs(historians, "some"),
	params: idParams,
	query: previewQuery,
	reply: previewSchema,
	status: 200,
	async run(ctx) {
		const both = { keptId: ctx.params.id, otherId: ctx.query.with };
		const found = await previewMerge(ctx.deps.storage.db, both, visibleServices(ctx, historians));
		if (!found.ok) {
			throw refused(mergeRefusals[found.why], "invalid_query");
		}
		const { kept, other, name, consents } = found.preview;
		const maySee = ctx.may("view", "customerConsent", "every");
		const shown = maySee ? consents.map(toConsentObject) : null;
		return { status: 200, body: { name, kept: toSideObject(kept), other: toSideObject(other), consents: shown } };
	},
});

const list = route({
	method: "GET",
	path: "/contacts/:id/merges",
	summary: "Lists what was merged into a contact, the newest first, also what was undone.",
	needs: needs(historians, "some"),
	params: idParams,
	reply: Type.Array(mergeSchema),
	status: 200,
	async run(ctx) {
		const { db } = ctx.deps.storage;
		await demandVisible(ctx, ctx.params.id);
		return { status: 200, body: (await mergesOf(db, ctx.params.id)).map(toMergeObject) };
	},
});

const one = route({
	method: "GET",
	path: "/contacts/:id/merges/:mergeId",
	summary: "Shows a merge, and whether it can be undone.",
	needs: needs(historians, "some"),
	params: mergeParams,
	reply: mergeSchema,
	status: 200,
	async run(ctx) {
		const { id, mergeId } = ctx.params;
		await demandVisible(ctx, id);
		const merge = await findMerge(ctx.deps.storage.db, id, mergeId);
		if (merge === undefined) {
			throw notFound();
		}
		return { status: 200, body: toMergeObject(merge) };
	},
});

/** The contact itself, or the one that it is part of by now. */
async function demandVisible(ctx: Pick<AnyContext, "deps" | "visible">, id: string): Promise<void> {
	const { db } = ctx.deps.storage;
	const side = await mergeSide(db, id);
	const contact = await findContact(db, side?.partOf ?? id, visibleServices(ctx, historians));
	if (contact === undefined) {
		throw notFound();
	}
}

const merge = route({
	method: "POST",
	path: "/contacts/:id/merges",
	summary: "Merges another contact into this one.",
	description:
		"Its addresses, conversations, messages and chats become this contact's; consents stay with their addresses. You need Manage contact history on every messaging service in which either has conversations.",
	needs: needs(historians, "some"),
	params: idParams,
	body: mergeBody,
	reply: mergeSchema,
	status: 201,
	idempotent: true,
	run: (ctx) => ctx.write((tx) => mergeNow(tx, ctx)),
});

async function mergeNow(tx: Tx, ctx: RouteContext<{ id: string }, undefined, MergeBody>): Promise<Answer> {
	const { with: otherId, reason } = ctx.body;
	const keptId = ctx.params.id;
	const id = ctx.deps.ids.next<string>();
	const merging = { id, keptId, otherId, by: ctx.caller().userId, reason, now: ctx.deps.clock.now() };
	const done = await mergeContacts(tx, merging, visibleServices(ctx, historians));
	if (!done.ok) {
		throw refused(mergeRefusals[done.why], "invalid_body");
	}
	const { addresses, conversations } = done.moved;
	const moved = { addresses: addresses.length, conversations: conversations.length };
	await audit(tx, ctx, { action: "merge", keptId, after: { with: otherId, because: reason, ...moved } });
	const made = await findMerge(tx, keptId, id);
	if (made === undefined) {
		throw new Error("A merge that was just written is gone.");
	}
	return { status: 201, location: `/contacts/${keptId}/merges/${id}`, body: toMergeObject(made) };
}

const undo = route({
	method: "DELETE",
	path: "/contacts/:id/merges/:mergeId",
	summary: "Undoes a merge.",
	description:
		"What came with it goes back, and with an address what was said there since; what else the contact got since stays. Possible until the contact is merged into another one, or what came with it is erased.",
	needs: needs(historians, "some"),
	params: mergeParams,
	status: 204,
	async run(ctx) {
		await ctx.write(async (tx) => {
			const { id: keptId, mergeId: id } = ctx.params;
			const undoing = { id, keptId, by: ctx.caller().userId, now: ctx.deps.clock.now() };
			const done = await undoMerge(tx, undoing, visibleServices(ctx, historians));
			if (!done.ok) {
				throw refused(undoRefusals[done.why], "invalid_query");
			}
			const { otherId, reason } = done.merge;
			await audit(tx, ctx, { action: "undoMerge", keptId, before: { with: otherId, because: reason } });
		});
		return { status: 204 };
	},
});

type Facts = Readonly<Record<string, unknown>>;
type Audited = { action: "merge" | "undoMerge"; keptId: string; before?: Facts; after?: Facts };

/** By ids and numbers: names and addresses do not belong into a log that nothing is ever taken out of. */
async function audit(
	tx: Tx,
	ctx: Pick<AnyContext, "deps" | "principal" | "via">,
	{ action, keptId, ...facts }: Audited,
): Promise<void> {
	await recordChange(tx, ctx, { action, objectType: "contact", objectId: keptId, objectName: null, ...facts });
}

/** Names the field, where it is the other contact that is in the way. */
function refused(words: RefusalWords, invalid: "invalid_query" | "invalid_body"): Problem {
	const errors = words.about === "other" ? [{ pointer: "/with", message: words.says }] : undefined;
	const detail = sentenceOf(words);
	switch (words.kind) {
		case "hidden":
			return errors === undefined ? notFound() : new Problem(invalid, detail, errors);
		case "forbidden":
			return new Problem("forbidden", detail, errors);
		case "conflict":
			return new Problem("conflict", detail, errors);
	}
}

function toMergeObject(merge: ContactMerge) {
	const { id, keptId, otherId, otherName, at, by, reason, undoneAt, undoneBy, standsBecause } = merge;
	const about = { id, contact: keptId, with: otherId, name: otherName, at: toTime(at), by, reason };
	return { ...about, undoneAt: toTimeOrNull(undoneAt), undoneBy, stands: standsBecause };
}

function toSideObject(side: PreviewSide) {
	const { conversations, chats, messages } = side;
	return { ...toContactObject(side), conversations, chats, messages };
}

export const contactMergeRoutes: readonly Route[] = [preview, list, one, merge, undo];
