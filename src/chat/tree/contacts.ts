// /users/me/interactions/{id}/contact: who the contact of a chat is, what they said about our messages, what was merged into
// them, and which others they might be. With the right Manage contact history one sees more than the chat's own address.

import type { Chat } from "#domain/chats.ts";
import { mergeRefusals } from "#domain/merge-refusals.ts";
import { decide } from "#rights/decide.ts";
import type { Consent } from "#storage/consent-lists.ts";
import { consentsAt } from "#storage/contact-facts.ts";
import { type ContactMerge, mergesOf } from "#storage/contact-merges.ts";
import { type MergePreview, previewMerge, type PreviewSide } from "#storage/contact-preview.ts";
import { type Contact, findContact, findContacts } from "#storage/conversation-lists.ts";
import { notThere } from "../resource.ts";
import { toWireTime } from "../tells.ts";
import { enterConsentHere, managedBy, mergeHere, refusalOf, undoHere } from "./contact-acts.ts";
import { ownChat } from "./own-chat.ts";
import { agentsOnly, type Context, type Found, type Resource } from "./resource-table.ts";
import type { Tools } from "./tools.ts";

const foundMax = 20;

export function contactResources(tools: Tools): Resource[] {
	const asked = { for: agentsOnly, isAskedOnly: true } as const;
	return [
		{ ...asked, path: "interactions/:id/contact", read: (ctx) => contact(ctx) },
		{ ...asked, path: "interactions/:id/contact/find/:words", read: (ctx) => find(ctx) },
		{ ...asked, path: "interactions/:id/contact/preview/:other/:stays", read: (ctx) => preview(ctx) },
		{ ...asked, path: "interactions/:id/contact/merges", post: (ctx) => mergeHere(tools, ctx) },
		{ ...asked, path: "interactions/:id/contact/merges/:merge", delete: (ctx) => undoHere(tools, ctx) },
		{ ...asked, path: "consents", post: (ctx) => enterConsentHere(tools, ctx) },
	];
}

type Address = { channel: string; address: string };

async function contact(ctx: Context): Promise<Found> {
	const chat = await ownChat(ctx.db, ctx);
	if (chat === undefined) {
		return notThere;
	}
	const known = chat.contactId === null ? undefined : await findContact(ctx.db, chat.contactId, managedBy(ctx));
	const merges = known === undefined ? [] : await mergesOf(ctx.db, known.id);
	return {
		value: {
			id: chat.contactId,
			name: known?.name ?? chat.contactName,
			addresses: await addressesOf(ctx, chat, known),
			may_merge: known !== undefined,
			merges: merges.map((one) => toMerge(ctx, one, known?.addresses ?? [])),
		},
	};
}

/** The one they write from stands first. A visitor of a web page has none to which one could write. */
async function addressesOf(ctx: Context, chat: Chat, known: Contact | undefined): Promise<unknown[]> {
	const own: Address = { channel: chat.channel, address: chat.originator };
	if (chat.conversationId === null) {
		return [{ ...own, said: null }];
	}
	const others = (known?.addresses ?? []).filter(
		({ channel, address }) => channel !== own.channel || address !== own.address,
	);
	const said = await consentsAt(ctx.db, [own, ...others]);
	return [...said].map(([{ channel, address }, consents]) => ({
		channel,
		address,
		said: consents.map((one) => toSaid(ctx, one)),
	}));
}

/** Whoever has the chat must know whether one may write; who entered it and how is for those who view consents. */
function toSaid({ grants, known }: Context, { state, source, at, service, by, note }: Consent) {
	const isWhole = decide(grants, "view", { objectType: "customerConsent", on: "every" }).allowed;
	const about = { state, source, at: toWireTime(at.getTime()), service: service?.name ?? null };
	return isWhole ? { ...about, by: by === null ? null : known.name(by).alias, note } : about;
}

function toMerge({ known }: Context, merge: ContactMerge, seen: Contact["addresses"]) {
	const { id, otherId, otherName, addresses, at, by, reason, standsBecause, undoneAt } = merge;
	return {
		id,
		contact_id: otherId,
		// Who has no name is called by an address, if the reader may see it.
		name: otherName ?? addresses.find(({ key }) => seen.some(({ address }) => address === key))?.key ?? null,
		at: toWireTime(at.getTime()),
		by: known.name(by).alias,
		reason,
		undone: undoneAt === null ? null : toWireTime(undoneAt.getTime()),
		stands: standsBecause,
	};
}

/** By a part of the name, or by the whole address; a number also without its +. */
async function find(ctx: Context): Promise<Found> {
	const chat = await ownChat(ctx.db, ctx);
	const words = (ctx.params["words"] ?? "").trim();
	if (chat === undefined || words === "") {
		return notThere;
	}
	const services = managedBy(ctx);
	const page = { limit: foundMax + 1 };
	const spellings = /^\+?\d+$/.test(words) ? [words, words.startsWith("+") ? words.slice(1) : `+${words}`] : [words];
	const found = await findContacts(ctx.db, { services, name: `*${words}*` }, page);
	for (const address of spellings) {
		found.push(...(await findContacts(ctx.db, { services, address }, page)));
	}
	const others = new Map(found.filter(({ id }) => id !== chat.contactId).map((one) => [one.id, one]));
	return { value: [...others.values()].slice(0, foundMax).map(toFound) };
}

function toFound({ id, name, addresses }: Contact) {
	return { id, name, addresses: addresses.map(({ channel, address }) => ({ channel, address })) };
}

async function preview(ctx: Context): Promise<Found> {
	const chat = await ownChat(ctx.db, ctx);
	const { other = "", stays } = ctx.params;
	if (chat === undefined || chat.contactId === null) {
		return notThere;
	}
	const both =
		stays === "other" ? { keptId: other, otherId: chat.contactId } : { keptId: chat.contactId, otherId: other };
	const found = await previewMerge(ctx.db, both, managedBy(ctx));
	return found.ok ? { value: await toPreview(ctx, found.preview) } : refusalOf(mergeRefusals[found.why], found.why);
}

async function toPreview(ctx: Context, { kept, other, name }: MergePreview) {
	return { name, kept: await toSide(ctx, kept), other: await toSide(ctx, other) };
}

async function toSide(ctx: Context, { id, name, addresses, conversations, chats, messages }: PreviewSide) {
	const said = await consentsAt(ctx.db, addresses);
	const shown = [...said].map(([{ channel, address }, consents]) => ({
		channel,
		address,
		said: consents.map((one) => toSaid(ctx, one)),
	}));
	return { id, name, addresses: shown, conversations, chats, messages };
}
