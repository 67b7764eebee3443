// A letter that the page around the panel has begun: what it holds already, and that it waits for the agent.

export type Begun = {
	queue: string;
	channel: string;
	to: string;
	message: string;
	/** Of a reply template; empty: none. */
	templateId: string;
};
