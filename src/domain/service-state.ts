// The one answer to "how is this messaging service, and what should I do?", computed from facts and never stored. Green
// needs proof: a service of which nothing was heard lately is not ready, it is waiting for its first message.

import type { FaultCode } from "./faults.ts";

export const serviceStates = ["ready", "draft", "connecting", "degraded", "unauthorised", "paused", "failing"] as const;

/**
 * `paused` switched off by a person · `draft` lacks what it needs to send · `connecting` nothing has proved it lately ·
 * `ready` the provider took or brought something lately, and nothing went wrong since · `degraded` some things go wrong ·
 * `unauthorised` the provider refuses our credentials: nothing is sent, nothing is lost · `failing` nothing gets through,
 * or the provider closed the door for good.
 */
export type ServiceState = (typeof serviceStates)[number];

/** What was seen of a service, as stored; a service of which nothing was seen has none of it. */
export type Vitals = {
	lastInAt: Date | null;
	/** The provider took a message. */
	lastOutAt: Date | null;
	lastFault: { at: Date; code: FaultCode; detail: string } | null;
	/** Attempts in a row that failed for a reason of the provider's or the configuration's. */
	faultsInARow: number;
	/** Calls refused at the door since the last one that was genuine. */
	refusedInARow: number;
	lastRefusedReason: string | null;
	/** What was in the way of the last round of upkeep. */
	upkeepTrouble: { code: FaultCode; detail: string } | null;
};

export const nothingSeen: Vitals = {
	lastInAt: null,
	lastOutAt: null,
	lastFault: null,
	faultsInARow: 0,
	refusedInARow: 0,
	lastRefusedReason: null,
	upkeepTrouble: null,
};

export type ServiceFacts = {
	enabled: boolean;
	/** Why it cannot send; undefined: it can. */
	lack: string | undefined;
	stoppedReason: string | null;
	vitals: Vitals;
	now: Date;
};

export type JudgedState = { state: ServiceState; because: string; action: string | null };

const proofMs = 24 * 3_600_000; // A day: a channel that is used at all is used within it.
const failingFrom = 5; // Faults in a row; fewer may be the provider's bad minute.

export function serviceState(facts: ServiceFacts): JudgedState {
	const { enabled, lack, stoppedReason, vitals } = facts;
	if (!enabled) {
		return judged("paused", "It is switched off.", "Switch it on to send and receive.");
	}
	if (lack !== undefined) {
		return judged("draft", lack, "Complete the configuration.");
	}
	if (stoppedReason !== null) {
		return judged("failing", stoppedReason, "Change the service as the provider says; any change starts it again.");
	}
	return troubleOf(vitals) ?? troubleAtUpkeep(vitals) ?? proofOf(facts);
}

function troubleOf({ lastFault, faultsInARow, refusedInARow, lastRefusedReason }: Vitals): JudgedState | undefined {
	if (lastFault !== null && faultsInARow > 0) {
		if (lastFault.code === "credentials") {
			return judged(
				"unauthorised",
				lastFault.detail,
				"Enter the right credentials; what is waiting is sent then, in order.",
			);
		}
		return faultsInARow >= failingFrom
			? judged("failing", lastFault.detail, "Run Check; it names the step that fails.")
			: judged("degraded", lastFault.detail, "Nothing yet: it is tried again. Run Check if it stays.");
	}
	return refusedInARow > 0
		? judged(
				"degraded",
				`${refusedInARow === 1 ? "A call was" : `${refusedInARow} calls were`} refused since the last genuine one (${lastRefusedReason ?? "unknown"}).`,
				"Open the quarantine: it explains each refusal, and releases what is genuine.",
			)
		: undefined;
}

/** Messages of ours may still go out; what the provider has for us stays there until it is mended. */
function troubleAtUpkeep({ upkeepTrouble }: Vitals): JudgedState | undefined {
	if (upkeepTrouble === null) {
		return undefined;
	}
	return upkeepTrouble.code === "credentials"
		? judged("unauthorised", upkeepTrouble.detail, "Enter the right credentials; what waits there is fetched then.")
		: judged("degraded", upkeepTrouble.detail, "Nothing yet: it is tried again. Run Check if it stays.");
}

function proofOf({ vitals, now }: ServiceFacts): JudgedState {
	const [lastIn, lastOut] = [vitals.lastInAt?.getTime() ?? 0, vitals.lastOutAt?.getTime() ?? 0];
	if (vitals.lastFault !== null && vitals.lastFault.at.getTime() > lastOut) {
		return judged("connecting", "Nothing was sent since the last fault.", "Run Check, or send a message.");
	}
	const newest = Math.max(lastIn, lastOut);
	if (newest === 0) {
		return judged("connecting", "Nothing was sent or received yet.", "Run Check, or send the first message.");
	}
	return now.getTime() - newest <= proofMs
		? judged("ready", "The provider took or brought something within a day.", null)
		: judged("connecting", "Nothing was sent or received for more than a day.", "Run Check to be sure.");
}

function judged(state: ServiceState, because: string, action: string | null): JudgedState {
	return { state, because, action };
}
