// The agents who are there, and the queues, as the server lists them.

export type Colleague = {
	kind: "agent" | "queue";
	/** Of an agent: the user's. */
	id?: string;
	address: string;
	name: string;
	state: "ready" | "not_ready" | "away" | "queue";
	/** A chat may be handed to them now. */
	can_take: boolean;
	chats: number;
	/** What one may do as a supervisor of this agent. */
	asks_for_help?: boolean;
	may?: { listen: boolean; coach: boolean; barge_in: boolean };
};
