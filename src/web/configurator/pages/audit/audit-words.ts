// The words of the audit log that have a translation. A newer server's are shown as they are.

import type { PageAddress } from "#web/ui/page-link.tsx";

export const objectTypes = [
	...(["messagingService", "user", "userGroup", "role", "apiToken", "smsServer"] as const),
	...([
		"authenticationPolicy",
		"customerConsent",
		"contact",
		"message",
		"conversation",
		"chat",
		"parked",
		"quarantined",
	] as const),
	...(["queue", "prompt", "calendar", "schedule", "replyTemplate", "chatSettings", "eventSubscription"] as const),
];

export const actions = [
	...(["create", "modify", "delete", "add", "remove", "setRights", "check", "changePassword"] as const),
	...(["resetPassword", "enrolSecondFactor", "removeSecondFactor", "renewRecoveryCodes"] as const),
	...(["logOn", "logOff", "signOut", "signOutEverywhere", "bootstrap", "open", "retry"] as const),
	...(["release", "releaseQuarantine", "close", "startSandbox", "stopSandbox", "changeSandbox"] as const),
	...(["resend", "recover", "test", "rotateSecret"] as const),
	...(["merge", "undoMerge"] as const),
];

export const ways = ["rci", "cmi", "chat", "logon", "system", "command"] as const;

export function oneOf<T extends string>(known: readonly T[], word: string): T | undefined {
	return known.find((one) => one === word);
}

/** Where an object is shown, by its type. */
export const screens: Readonly<Record<string, PageAddress>> = {
	messagingService: "/services/$id",
	user: "/users/$id",
	userGroup: "/userGroups/$id",
	role: "/roles/$id",
	message: "/messages/$id",
	parked: "/parked/$id",
	quarantined: "/quarantine/$id",
	apiToken: "/apiTokens",
	smsServer: "/smsServer",
	authenticationPolicy: "/authenticationPolicy",
	queue: "/queues/$id",
	prompt: "/prompts/$id",
	calendar: "/calendars/$id",
	replyTemplate: "/replyTemplates/$id",
	chatSettings: "/chatSettings",
	eventSubscription: "/eventWebhooks/$id",
};
