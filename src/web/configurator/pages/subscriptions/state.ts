// How an event webhook does, by what really happened. Pure.

import type { Tone } from "#web/ui/chip.tsx";
import type { Subscription } from "./event-groups.ts";

/** `untried`: nothing proves yet that it works. `stopped`: Parley disabled it itself. */
export type HookState = "working" | "untried" | "waiting" | "disabled" | "stopped";

type Facts = Pick<Subscription, "enabled" | "disabledReason" | "failingSince" | "lastDeliveredAt">;

export function stateOf({ enabled, disabledReason, failingSince, lastDeliveredAt }: Facts): HookState {
	if (!enabled) {
		return disabledReason === null ? "disabled" : "stopped";
	}
	if (failingSince !== null) {
		return "waiting";
	}
	return lastDeliveredAt === null ? "untried" : "working";
}

export const tones: Readonly<Record<HookState, Tone>> = {
	working: "good",
	untried: "neutral",
	waiting: "warning",
	disabled: "paused",
	stopped: "bad",
};
