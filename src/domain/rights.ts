// The vocabulary of rights: what can be protected, in which ways, and what a grant is. Names are the original's.

export const objectTypes = [
	"messagingService",
	"user",
	"userGroup",
	"role",
	"smsServer",
	"auditLog",
	"apiToken",
	"authenticationPolicy",
	"customerConsent",
	"queue",
	"prompt",
	"calendar",
	"schedule",
	"replyTemplate",
	"chatSettings",
	"eventSubscription",
] as const;
export type ObjectType = (typeof objectTypes)[number];

/** What no role has by default, as in the original: whoever may hand out anything gives these to somebody separately. */
export const separateTypes: readonly ObjectType[] = ["customerConsent"];
/** What an administrator holds by being one. */
export const administeredTypes: readonly ObjectType[] = objectTypes.filter((type) => !separateTypes.includes(type));

/**
 * `use` (call in as this service's provider) · `messaging` (send and manage messages by CMI) · `manageContactHistory`
 * (read conversations and raw requests) · `manageRights`, `manageMembers` (of users, groups, roles) · `serve` (take chats of a
 * queue and start them from its addresses) · `statistics` (see a queue's figures) · `listen`, `coach`, `bargeIn` (of agents:
 * follow their chats, speak to them alone, speak in them) · the rest as named.
 */
export const accesses = [
	"view",
	"create",
	"modify",
	"delete",
	"use",
	"messaging",
	"manageRights",
	"manageMembers",
	"manageContactHistory",
	"serve",
	"statistics",
	"listen",
	"coach",
	"bargeIn",
] as const;
export type Access = (typeof accesses)[number];

/** Which accesses make sense for which object type; a grant outside this table is refused. */
export const accessesOf: Record<ObjectType, readonly Access[]> = {
	messagingService: ["view", "create", "modify", "delete", "use", "manageRights", "messaging", "manageContactHistory"],
	user: ["view", "create", "modify", "delete", "manageRights", "listen", "coach", "bargeIn"],
	userGroup: ["view", "create", "modify", "delete", "manageRights", "manageMembers"],
	role: ["view", "create", "modify", "delete", "manageRights", "manageMembers"],
	smsServer: ["view", "modify"],
	auditLog: ["view"],
	apiToken: ["view", "create", "delete"],
	authenticationPolicy: ["view", "modify"],
	customerConsent: ["view", "create", "delete"],
	queue: [
		"view",
		"create",
		"modify",
		"delete",
		"serve",
		"statistics",
		"messaging",
		"manageContactHistory",
		"manageRights",
	],
	prompt: ["view", "create", "modify", "delete", "manageRights"],
	calendar: ["view", "create", "modify", "delete", "manageRights"],
	schedule: ["view", "create", "modify", "delete", "manageRights"],
	replyTemplate: ["view", "create", "modify", "delete", "use", "manageRights"],
	chatSettings: ["view", "modify"],
	eventSubscription: ["view", "create", "modify", "delete", "manageRights"],
};

/** What somebody may do: with one object, or with all objects of the type (`objectId` null). */
export type Grant = { objectType: ObjectType; objectId: string | null; access: readonly Access[] };
