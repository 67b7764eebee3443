// Queues: where chats wait for agents. What an administrator sets per queue, what is set for all, and how a chat finds its
// queue. Names and defaults are the original's where it has them.

import { addressKey } from "./chains.ts";

/** `all`: whoever serves the queue may pick · `notPreferred`: not while it waits for its preferred agent · `none`. */
export const pickRules = ["all", "notPreferred", "none"] as const;
export type PickRule = (typeof pickRules)[number];

/** `autoAllocation`: chats are offered to agents · `huntGroup`: agents only pick them. */
export const allocationKinds = ["autoAllocation", "huntGroup"] as const;
export type AllocationKind = (typeof allocationKinds)[number];

/** The chat prompts, as the original names them. */
export const promptTypes = [
	"welcome",
	"inQueue",
	"queueFull",
	"serviceClosed",
	"idleWarning",
	"disconnection",
	"internalTransfer",
	"agentSessionLost",
] as const;
export type PromptType = (typeof promptTypes)[number];

export type Threshold = { warning: number | null; critical: number | null };
export type QueueThresholds = {
	maxWaitSeconds: Threshold;
	chats: Threshold;
	agentsWaiting: Threshold;
	agentsServing: Threshold;
};

export type Queue = {
	id: string;
	name: string;
	/** Compared without case; an address belongs to one queue. */
	addresses: readonly string[];
	/** Lowest is served first. */
	priority: number;
	/** Chats that may wait; 0 or less: any number. Those being offered do not count. */
	size: number;
	/** Where chats go that it cannot take, since it is full or closed, or that wait too long; null: nowhere. */
	overflowQueueId: string | null;
	/** Seconds since a chat began to wait for an agent after which it goes there; 0: not because of its wait. */
	overflowAfterSeconds: number;
	allocation: AllocationKind;
	/** Seconds an agent has to answer an offer. */
	offerSeconds: number;
	/** Whether an agent who let an offer pass is set to not ready. */
	notReadyAfterMiss: boolean;
	/** Accepts for the agent as soon as it is offered: for bots. */
	autoAccept: boolean;
	/** Seconds of wrap-up after a chat; 0: none, it is handled at once. */
	wrapUpSeconds: number;
	/** Reasons offered in wrap-up. */
	wrapUpReasons: readonly string[];
	/** Minutes without a message from either side after which a chat ends; 0: never. */
	inactivityMinutes: number;
	/** Minutes before that end at which the contact is warned; 0: no warning. */
	idleWarningMinutes: number;
	/**
	 * Minutes after a chat's end within which the contact's next message goes on with the same talk: in a new chat, linked to
	 * the ended one, which the same agent is asked to take first.
	 */
	reopenMinutes: number;
	/** Seconds a chat waits for its preferred agent; 0: not at all. */
	preferredAgentSeconds: number;
	pick: PickRule;
	/** The agent cannot stop serving this queue. */
	forcedToServe: boolean;
	/** IANA name; service times are read in it. */
	timeZone: string;
	/** Of its prompts, where the contact's is not known. BCP 47. */
	language: string;
	thresholds: QueueThresholds;
};

export type ChatSettings = {
	/** With so many, those in wrap-up included, an agent is given no more; what they pick or begin is up to them. */
	chatsPerAgent: number;
	/** Seconds after which chats of an agent who is gone return to their queue. */
	agentLostSeconds: number;
	/** Seconds a visitor may be gone before the chat ends. */
	visitorGoneSeconds: number;
	attachmentBytesMax: number;
	/** File name endings without a dot, small letters. */
	attachmentTypes: readonly string[];
	/** Origins whose pages may show the visitor widget, e.g. `https://shop.example`. */
	widgetOrigins: readonly string[];
	/** Origins of other sites on whose pages agents work, e.g. `https://crm.example`. */
	agentOrigins: readonly string[];
	/** Visitors must prove who they are by a signed identity. */
	widgetIdentityRequired: boolean;
	/** Seconds between two rounds of queue figures. */
	statisticsSeconds: number;
};

const behindMax = 10; // A chat that comes looks at no more of them.

/** The queues behind one, in the order in which they take what it cannot. A circle ends where it began. */
export function queuesBehind(queues: readonly Queue[], queue: Queue): Queue[] {
	const behind: Queue[] = [];
	let next = queueNamed(queues, queue.overflowQueueId);
	while (next !== undefined && next !== queue && !behind.includes(next) && behind.length < behindMax) {
		behind.push(next);
		next = queueNamed(queues, next.overflowQueueId);
	}
	return behind;
}

function queueNamed(queues: readonly Queue[], id: string | null): Queue | undefined {
	return queues.find((queue) => queue.id === id);
}

/** The queue that has the address. */
export function queueAt(queues: readonly Queue[], address: string): Queue | undefined {
	const key = addressKey(address);
	return queues.find(({ addresses }) => addresses.some((one) => addressKey(one) === key));
}
