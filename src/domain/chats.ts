// Chats: live conversations with a contact that wait in a queue or are served by an agent. Times are milliseconds since
// 1970 (UTC). What may happen to a chat is in `chat/moves`; this is what one is.

/** `queued`: waits in its queue, perhaps being offered · `served`: an agent has it · `ended`: the talk is over. */
export const chatStates = ["queued", "served", "ended"] as const;
export type ChatState = (typeof chatStates)[number];

/** Why a chat ended before anybody could have it; the words of the wire. */
export const chatFailures = ["queue_full", "queue_closed", "bad_address"] as const;
export type ChatFailure = (typeof chatFailures)[number];

export type EndedBy = "agent" | "contact" | "idle" | "system";

/** `agent`: owns the chat or is to own it · `consulted`: was asked in by the agent · `supervisor`: looks on or joins in. */
export type LegRole = "agent" | "consulted" | "supervisor";

/** How the leg came to be; an offer by `transfer` or `consult` comes from the agent who has the chat. */
export type LegOrigin = "allocation" | "transfer" | "consult" | "pick" | "outbound" | "supervision";

/** What one user has to do with a chat. */
export type Leg = {
	userId: string;
	role: LegRole;
	state: "offered" | "accepted" | "wrapUp";
	origin: LegOrigin;
	since: number;
	/** End of the offer or of the wrap-up; null: none. */
	until: number | null;
	/** Of a wrap-up: the queue that the agent had the chat from, wherever it is by now. Null: the chat's. */
	queueId: string | null;
};

/** Who did not take it since it was queued, and when. */
export type Pass = { userId: string; at: number };

export type Chat = {
	id: string;
	/** The first chat of a row of them: transfers keep it, and so does what goes on within the reopen window. */
	originalId: string;
	previousId: string | null;
	/** Of the Chain Matcher; null: a web visitor's. */
	conversationId: string | null;
	serviceId: string | null;
	contactId: string | null;
	visitorId: string | null;
	/** `web`, or the provider's channel. */
	channel: string;
	direction: "inbound" | "outbound";
	queueId: string | null;
	/** Our address that the contact wrote to. */
	destination: string;
	state: ChatState;
	/** Who has it; set exactly while it is served. */
	agentId: string | null;
	/** The contact's address. */
	originator: string;
	contactName: string | null;
	language: string | null;
	title: string | null;
	/** What came along with it; its visitor sees it. */
	attached: Readonly<Record<string, unknown>>;
	/** What agents added for the next one; contacts never see it. */
	attachedByAgents: Readonly<Record<string, unknown>>;
	createdAt: number;
	/** Its age in the queue; kept by transfers and when an agent is lost. */
	waitingSince: number;
	/** Since when it waits, or waited last, in its queue: transfers and the loss of an agent begin it anew. */
	queuedAt: number;
	/** Milliseconds it last waited for an agent; null: nobody took it out of a queue yet. */
	waitedMs: number | null;
	/** Before all others of its priority. */
	isFront: boolean;
	preferredAgentId: string | null;
	preferredUntil: number | null;
	passes: readonly Pass[];
	legs: readonly Leg[];
	servedAt: number | null;
	endedAt: number | null;
	endedBy: EndedBy | null;
	/** The agent who had it at the end. */
	lastAgentId: string | null;
	failure: ChatFailure | null;
	/** Given in wrap-up. */
	reason: string | null;
	/** When somebody wrote last. */
	lastLineAt: number;
	isWarned: boolean;
	/** Web visitors: since when they are gone. */
	goneSince: number | null;
	/** Web visitors: they see it until a while after its end. */
	isShown: boolean;
	/** The transcript's last number. */
	lines: number;
	version: number;
};

/** All of it, for agents and whoever reads the history. */
export function allAttached({ attached, attachedByAgents }: Chat): Readonly<Record<string, unknown>> {
	return { ...attached, ...attachedByAgents };
}

export const lineTypes = ["text", "attachment", "template", "error", "state", "location", "note"] as const;
export type LineType = (typeof lineTypes)[number];

/** Who sees a line: `agents` are all users with a leg. */
export type Audience = "all" | "agents" | "contact";

export type LineDelivery = "queued" | "sent" | "delivered" | "read" | "failed";

/** One entry of a chat's history. */
export type Line = {
	id: string;
	seq: number;
	type: LineType;
	/** A text, or JSON for every other type but notes. */
	message: string;
	/** The address of who wrote it. */
	originator: string;
	isSystem: boolean;
	audience: Audience;
	at: number;
	/** Of what went to or came from a provider. */
	messageId: string | null;
	delivery: LineDelivery | null;
	clientMessageId: string | null;
};

/** Who speaks for the contact centre itself. */
export const contactCentre = "Contact Center";
