// The presence profiles that every installation has. Their ids are fixed, so that clients may remember them; the types and
// reasons are the protocol's.

export type PresenceProfile = {
	id: string;
	type: "presence" | "absence";
	name: string;
	availability: "FREE" | "TENTATIVE" | "AWAY";
	reason: "NONE" | "BUSY" | "LUNCH" | "MEETING" | "TRAINING" | "OTHER";
};

/** Nobody is offered chats while an `absence` is active. */
export const presenceProfiles: readonly PresenceProfile[] = [
	{ id: profileId(1), type: "presence", name: "Available", availability: "FREE", reason: "NONE" },
	{ id: profileId(2), type: "absence", name: "Busy", availability: "TENTATIVE", reason: "BUSY" },
	{ id: profileId(3), type: "absence", name: "Lunch", availability: "AWAY", reason: "LUNCH" },
	{ id: profileId(4), type: "absence", name: "Meeting", availability: "AWAY", reason: "MEETING" },
	{ id: profileId(5), type: "absence", name: "Training", availability: "AWAY", reason: "TRAINING" },
	{ id: profileId(6), type: "absence", name: "Away", availability: "AWAY", reason: "OTHER" },
];

export const defaultPresence = profileId(1);

export function isAbsent(presence: string): boolean {
	return presenceProfiles.find(({ id }) => id === presence)?.type === "absence";
}

function profileId(number: number): string {
	return `50524553454E4345${String(number).padStart(16, "0")}`;
}
