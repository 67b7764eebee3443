// The one answer to "how is this messaging service?", computed from facts and never stored.

export const serviceStates = ["ready", "draft", "paused", "stopped"] as const;

/**
 * `paused` switched off by a person · `draft` lacks what it needs to send · `stopped` the provider closed the door for
 * good, until somebody changes the service · `ready` none of these.
 */
export type ServiceState = (typeof serviceStates)[number];

export type ServiceFacts = { enabled: boolean; canSend: boolean; stoppedReason: string | null };

export function serviceState({ enabled, canSend, stoppedReason }: ServiceFacts): ServiceState {
	if (!enabled) {
		return "paused";
	}
	if (!canSend) {
		return "draft";
	}
	return stoppedReason === null ? "ready" : "stopped";
}
