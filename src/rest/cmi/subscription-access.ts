// What the routes of event subscriptions have in common: the right on one, the row of one, a fresh secret.

import { Problem } from "#platform/problems.ts";
import type { Random } from "#platform/random.ts";
import { type EventSubscription, findSubscription } from "#storage/event-subscriptions.ts";
import type { Db } from "#storage/storage.ts";
import type { Need, Needs } from "../route.ts";

export const objectType = "eventSubscription";

export function needsOne(...accesses: readonly Need["access"][]): Needs {
	return { who: "holders", rights: accesses.map((access) => ({ objectType, access, on: { param: "id" } })) };
}

export async function demandSubscription(db: Db, id: string): Promise<EventSubscription> {
	const found = await findSubscription(db, id);
	if (found === undefined) {
		throw new Problem("not_found", "There is no event subscription with this id.");
	}
	return found;
}

const secretBytes = 32; // Standard Webhooks: 24 to 64.

export function newSigningSecret(random: Random): string {
	return `whsec_${Buffer.from(random.bytes(secretBytes)).toString("base64")}`;
}
