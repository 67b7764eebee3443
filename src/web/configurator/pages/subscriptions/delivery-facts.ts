// What the log tells of a delivery and of its tries. Pure.

import type { CmiGetSubscriptionsIdDeliveriesDeliveryId200 } from "#web/api/cmi.ts";
import type { Tone } from "#web/ui/chip.tsx";

export type Delivery = CmiGetSubscriptionsIdDeliveriesDeliveryId200;
export type Try = Delivery["attempts"][number];

export const deliveryStates = ["pending", "delivered", "failed"] as const;

export const deliveryTones: Readonly<Record<Delivery["state"], Tone>> = {
	pending: "pending",
	delivered: "good",
	failed: "bad",
};

export function lastTry({ attempts }: Pick<Delivery, "attempts">): Try | undefined {
	return attempts.at(-1);
}

/** The oldest tries are not kept; the number of the last one counts them all. */
export function triesOf(delivery: Pick<Delivery, "attempts">): number {
	return lastTry(delivery)?.number ?? 0;
}

export function toneOf({ outcome }: Pick<Try, "outcome">): "pending" | "good" | "bad" {
	return outcome === null ? "pending" : outcome === "delivered" ? "good" : "bad";
}
