// A consent that a person enters: it counts from now on, whatever is known already.

import { consentKey, type ConsentState, usageOf } from "#domain/consents.ts";
import type { Channel } from "#domain/messages.ts";
import { type Consent, findConsents } from "./consent-lists.ts";
import { recordConsent } from "./consents.ts";
import type { Tx } from "./storage.ts";

export type EnteredConsent = {
	/** For a consent that is not known yet. */
	id: string;
	channel: Channel;
	address: string;
	/** Null: of every service. */
	serviceId: string | null;
	state: ConsentState;
	by: string;
	note?: string | undefined;
	now: Date;
};

/** Undefined: the contact said something at the same moment, which counts. */
export async function enterConsent(
	tx: Tx,
	{ channel, address, serviceId, note, now, ...entered }: EnteredConsent,
): Promise<{ before: Consent | undefined; after: Consent } | undefined> {
	const usage = usageOf(channel);
	const [before] = await findConsents(tx, { usage, address, serviceId }, { limit: 1 });
	const said = {
		...entered,
		channel: usage,
		address,
		serviceId,
		source: "user" as const,
		// Entered after whatever is known, also where another clock is ahead: a person who looks at it now decides.
		at: before === undefined || before.at < now ? now : new Date(before.at.getTime() + 1),
		messageId: null,
		conversationId: null,
		...(note === undefined ? {} : { note }),
	};
	const isKept = await recordConsent(tx, said, now);
	const [after] = await findConsents(tx, { usage, address, serviceId }, { limit: 1 });
	return isKept && after !== undefined ? { before, after } : undefined;
}

/** Whether the address says more than the name of the channel. */
export function isAddressOn(channel: Channel, address: string): boolean {
	return consentKey(usageOf(channel), address) !== "";
}

/** For the audit log: without the address, which does not belong into a log that nothing is ever taken out of. */
export function consentFacts(one: Consent | undefined): Readonly<Record<string, unknown>> {
	return one === undefined ? {} : { usage: one.usage, service: one.serviceId, state: one.state, source: one.source };
}
