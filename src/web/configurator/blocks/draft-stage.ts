// A small service type and a service of it, for tests of what forms do with them.

import type { Authentication, MessagingService, ServiceType } from "#web/api/objects.ts";

const webhook = {
	role: "webhook",
	direction: "incoming",
	idLabel: "Entry name",
	secretLabel: "Secret token",
	idExample: "webhook",
	idShape: "the word webhook",
	min: 1,
	max: 1,
	idParts: null,
	joinedBy: null,
	schema: { properties: { authenticationId: { pattern: "^webhook$" } } },
};
const app = {
	role: "app",
	direction: "outgoing",
	idLabel: "Key@App",
	secretLabel: "Key Secret",
	idExample: "key@APP",
	idShape: "a key, an @ and an app",
	min: 1,
	max: 2,
	idParts: [
		{ key: "keyId", label: "Key ID", example: "key", pattern: "^[^@\\s]+$" },
		{ key: "appId", label: "App ID", example: "APP", pattern: "^[A-Za-z0-9]+$", transform: "upperCase" },
	],
	joinedBy: "@",
	schema: { properties: { authenticationId: { pattern: "^[^@\\s]+@[A-Z0-9]+$" } } },
};

export function aType(): ServiceType {
	return {
		type: "toy",
		label: "Toy",
		fields: {
			serviceConnection: { title: "Service Connection", default: "https://api.example.com" },
			authenticationUrl: null,
			authenticationScope: null,
			settings: {
				properties: {
					words: { type: "array", default: ["STOP"] },
					wait: { type: "integer", default: 60, minimum: 1, maximum: 100 },
					sender: { type: "string" },
				},
			},
		},
		authentications: [webhook, app],
	} as unknown as ServiceType;
}

export function anEntry(id: string, authenticationId: string, role: string): Authentication {
	return {
		id,
		authenticationId,
		role,
		passwordSet: true,
		fingerprint: "ab12",
		changedAt: "2026-11-01T00:00:00.000Z",
		direction: role === "webhook" ? "incoming" : "outgoing",
		previousValidUntil: null,
	};
}

export function aService(change: Partial<MessagingService> = {}): MessagingService {
	return {
		id: "S1",
		type: "toy",
		name: "Shop",
		enabled: true,
		serviceConnection: "https://api.example.com",
		authenticationUrl: null,
		authenticationScope: null,
		settings: { words: ["STOP"], wait: 60 },
		authentications: [anEntry("A1", "key@APP", "app"), anEntry("W1", "webhook", "webhook")],
		...change,
	} as MessagingService;
}
