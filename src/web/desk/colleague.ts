// The agents who are there, and the queues, as the server lists them; and whom of them one may hand a chat to, or ask in.

import type { Interaction } from "#web/realtime/tree.ts";

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

/** `inside`: is in the chat already, so it is theirs as soon as it is handed to them. */
export type Choosable = Pick<Colleague, "address" | "name"> & { state: Colleague["state"] | "inside" };

export function choosable(
	how: "transfer" | "consult",
	{ participants, originator, destination }: Pick<Interaction, "participants" | "originator" | "destination">,
	colleagues: readonly Colleague[],
): readonly Choosable[] {
	const inside = participants
		.filter(({ uniquekey }) => uniquekey !== originator && uniquekey !== destination)
		.map(({ uniquekey: address, alias: name }) => ({ address, name, state: "inside" as const }));
	const others = colleagues.filter(
		({ kind, address, can_take }) =>
			can_take && (how === "transfer" || kind === "agent") && !inside.some((one) => one.address === address),
	);
	return how === "transfer" ? [...inside, ...others] : others;
}
