// What an agent does with the contact of a chat: merges another into it, undoes that, enters what the contact said about our
// messages. Each is audited in the transaction of the turn.

import { Type } from "typebox";
import type { Chat } from "#domain/chats.ts";
import { usagePattern } from "#domain/consents.ts";
import { idPattern } from "#domain/ids.ts";
import { mergeRefusals, type RefusalWords, sentenceOf, undoRefusals } from "#domain/merge-refusals.ts";
import { noNul, oneLine } from "#platform/text-patterns.ts";
import { decide, visibleObjects } from "#rights/decide.ts";
import { appendAudit, type AuditEntry } from "#storage/audit.ts";
import { findChat } from "#storage/chats.ts";
import { type Consent, findConsents } from "#storage/consent-lists.ts";
import { mergeContacts, undoMerge } from "#storage/contact-merges.ts";
import { consentFacts, enterConsent, isAddressOn } from "#storage/enter-consent.ts";
import { findUser } from "#storage/people.ts";
import { type Answer, done, fault, notThere } from "../resource.ts";
import { viewOf } from "../tells.ts";
import type { Turn } from "../turns.ts";
import { bodyOf } from "./body.ts";
import type { Context } from "./resource-table.ts";
import type { Tools } from "./tools.ts";

/** Services whose contact history the agent manages. */
export function managedBy({ grants }: Pick<Context, "grants">): "every" | readonly string[] {
	return visibleObjects(grants, "manageContactHistory", "messagingService");
}

const mergeBody = bodyOf(
	Type.Object({
		with: Type.String({ pattern: idPattern }),
		/** Which of the two is kept: the contact of this chat, or the other. */
		stays: Type.Optional(Type.Enum(["this", "other"])),
		reason: Type.String({ minLength: 1, maxLength: 500, pattern: noNul }),
	}),
);

export async function mergeHere(tools: Tools, ctx: Context): Promise<Answer> {
	const read = mergeBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	const { with: other, stays = "this", reason } = read.body;
	return inChat(tools, ctx, async (turn, contactId) => {
		const [keptId, otherId] = stays === "this" ? [contactId, other] : [other, contactId];
		const about = { id: turn.ids.next<string>(), keptId, otherId, by: ctx.caller.userId, reason };
		const merged = await mergeContacts(turn.tx, { ...about, now: new Date(turn.now) }, managedBy(ctx));
		if (!merged.ok) {
			return refusalOf(mergeRefusals[merged.why], merged.why);
		}
		const { addresses, conversations } = merged.moved;
		await audit(tools, turn, ctx, {
			action: "merge",
			objectType: "contact",
			objectId: keptId,
			changes: {
				with: { after: otherId },
				because: { after: reason },
				addresses: { after: addresses.length },
				conversations: { after: conversations.length },
			},
		});
		return { status: 200, body: { id: about.id } };
	});
}

export function undoHere(tools: Tools, ctx: Context): Promise<Answer> {
	return inChat(tools, ctx, async (turn, keptId) => {
		const undoing = { id: ctx.params["merge"] ?? "", keptId, by: ctx.caller.userId, now: new Date(turn.now) };
		const undone = await undoMerge(turn.tx, undoing, managedBy(ctx));
		if (!undone.ok) {
			return refusalOf(undoRefusals[undone.why], undone.why);
		}
		const { otherId, reason } = undone.merge;
		await audit(tools, turn, ctx, {
			action: "undoMerge",
			objectType: "contact",
			objectId: keptId,
			changes: { with: { before: otherId }, because: { before: reason } },
		});
		return done;
	});
}

/** With the contact of a chat in the agent's tree, as it is in this turn. */
function inChat(
	tools: Tools,
	{ params, caller }: Context,
	work: (turn: Turn, contactId: string) => Promise<Answer>,
): Promise<Answer> {
	return tools.turns.take(async (turn) => {
		const chat: Chat | undefined = await findChat(turn.tx, params["id"] ?? "");
		const contactId = viewOf(chat, caller.userId) === undefined ? null : (chat?.contactId ?? null);
		return contactId === null ? notThere : work(turn, contactId);
	});
}

/** `code` is what the desk translates; the sentence is for others. */
export function refusalOf(words: RefusalWords, code: string): Answer {
	return fault(words.kind === "hidden" ? 404 : 403, `merge_${code}`, sentenceOf(words));
}

const consentBody = bodyOf(
	Type.Object({
		channel: Type.String({ pattern: usagePattern }),
		address: Type.String({ minLength: 1, maxLength: 255, pattern: oneLine }),
		state: Type.Enum(["granted", "refused"]),
		note: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: oneLine })),
	}),
);
type ConsentSaid = Extract<ReturnType<typeof consentBody>, { ok: true }>["body"];

/** For every service. A consent also lifts what was refused of one service only: else it would change nothing there. */
export async function enterConsentHere(tools: Tools, ctx: Context): Promise<Answer> {
	if (!decide(ctx.grants, "create", { objectType: "customerConsent", on: "every" }).allowed) {
		return fault(403, "not_permitted", "You may not enter what contacts said about our messages.");
	}
	const read = consentBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	const { body } = read;
	if (!isAddressOn(body.channel, body.address)) {
		return fault(400, "invalid_body", "/address must have more than the name of the channel.");
	}
	return tools.turns
		.take(async (turn) => {
			for (const serviceId of [null, ...(await refusedServices(turn, body))]) {
				await enterOne(tools, turn, ctx, { body, serviceId });
			}
			return done;
		})
		.catch((error: unknown) => {
			if (error instanceof SaidMeanwhile) {
				return fault(403, "said_meanwhile", "The contact said something at the same moment; look at it again.");
			}
			throw error;
		});
}

async function refusedServices(turn: Turn, { channel, address, state }: ConsentSaid): Promise<string[]> {
	if (state === "refused") {
		return [];
	}
	const refused = await findConsents(turn.tx, { usage: channel, address, state: "refused" }, { limit: 1000 });
	return refused.flatMap(({ serviceId }) => serviceId ?? []);
}

/** The transaction must not commit. */
class SaidMeanwhile extends Error {}

type OneConsent = { body: ConsentSaid; serviceId: string | null };

async function enterOne(tools: Tools, turn: Turn, ctx: Context, { body, serviceId }: OneConsent): Promise<void> {
	const about = { id: turn.ids.next<string>(), serviceId, by: ctx.caller.userId, now: new Date(turn.now) };
	const entered = await enterConsent(turn.tx, { ...body, ...about });
	if (entered === undefined) {
		throw new SaidMeanwhile();
	}
	const { before, after } = entered;
	await audit(tools, turn, ctx, {
		action: before === undefined ? "create" : "modify",
		objectType: "customerConsent",
		objectId: after.id,
		changes: changesOf(before, after),
	});
}

function changesOf(before: Consent | undefined, after: Consent): AuditEntry["changes"] {
	const [was, is] = [consentFacts(before), consentFacts(after)];
	const changed = Object.keys(is).filter((name) => was[name] !== is[name]);
	return Object.fromEntries(
		changed.map((name) => [
			name,
			{
				...(was[name] === undefined ? {} : { before: was[name] }),
				...(is[name] === undefined ? {} : { after: is[name] }),
			},
		]),
	);
}

type Audited = Pick<AuditEntry, "action" | "objectType" | "objectId" | "changes">;

async function audit({ deps }: Tools, turn: Turn, { caller }: Context, entry: Audited): Promise<void> {
	const { userId } = caller;
	const actor = (await findUser(turn.tx, userId))?.login ?? "system";
	const who = { at: new Date(turn.now), userId, actor, via: "chat", objectName: null } as const;
	await appendAudit(turn.tx, { ...who, ...entry }, (...pieces) => deps.mac("audit", ...pieces));
	deps.metrics.audit(entry.action);
}
