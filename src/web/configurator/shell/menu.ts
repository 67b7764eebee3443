// The menu as data: where an entry leads, and the right without which it is not there.

import {
	IconActivityHeartbeat,
	IconApi,
	IconArchive,
	IconCalendar,
	IconClockExclamation,
	IconClockHour4,
	IconHeadset,
	IconHistory,
	IconHome,
	IconKey,
	IconMessageSearch,
	IconMessages,
	IconQuote,
	IconServerCog,
	IconSettings,
	IconShieldLock,
	IconShieldX,
	IconStack2,
	IconTemplate,
	IconUsers,
	IconUsersGroup,
	IconUserShield,
	IconWebhook,
} from "@tabler/icons-react";
import type { Access, ObjectType } from "#domain/rights.ts";
import type { PageAddress } from "#web/ui/page-link.tsx";
import type { Rights } from "./rights.ts";

type MenuKey =
	| "start"
	| "services"
	| "smsServer"
	| "policy"
	| "health"
	| "eventWebhooks"
	| "messages"
	| "quarantine"
	| "parked"
	| "users"
	| "userGroups"
	| "roles"
	| "apiTokens"
	| "audit"
	| "queues"
	| "prompts"
	| "calendars"
	| "schedules"
	| "adHocSchedules"
	| "replyTemplates"
	| "chatSettings";

type Needs = readonly (readonly [Access, ObjectType])[];
type Entry = { key: MenuKey; to: PageAddress; Icon: typeof IconHome; needs?: Needs };
type Section = { key: "system" | "traffic" | "chats" | "people" | "proof"; entries: readonly Entry[] };

/** One of the needs is enough, on some object. */
const sections: readonly Section[] = [
	{
		key: "system",
		entries: [
			{ key: "start", to: "/", Icon: IconHome },
			{ key: "services", to: "/services", Icon: IconMessages, needs: [["view", "messagingService"]] },
			{ key: "health", to: "/health", Icon: IconActivityHeartbeat, needs: [["view", "messagingService"]] },
			{ key: "smsServer", to: "/smsServer", Icon: IconServerCog, needs: [["view", "smsServer"]] },
			{ key: "eventWebhooks", to: "/eventWebhooks", Icon: IconWebhook, needs: [["view", "eventSubscription"]] },
			{ key: "policy", to: "/authenticationPolicy", Icon: IconShieldLock, needs: [["view", "authenticationPolicy"]] },
		],
	},
	{
		key: "traffic",
		entries: [
			{
				key: "messages",
				to: "/messages",
				Icon: IconMessageSearch,
				needs: [
					["messaging", "messagingService"],
					["manageContactHistory", "messagingService"],
				],
			},
			{
				key: "quarantine",
				to: "/quarantine",
				Icon: IconShieldX,
				needs: [
					["manageContactHistory", "messagingService"],
					["modify", "messagingService"],
				],
			},
			{ key: "parked", to: "/parked", Icon: IconArchive, needs: [["manageContactHistory", "messagingService"]] },
		],
	},
	{
		key: "chats",
		entries: [
			{ key: "queues", to: "/queues", Icon: IconStack2, needs: [["view", "queue"]] },
			{ key: "prompts", to: "/prompts", Icon: IconQuote, needs: [["view", "prompt"]] },
			{ key: "calendars", to: "/calendars", Icon: IconCalendar, needs: [["view", "calendar"]] },
			{ key: "schedules", to: "/schedules", Icon: IconClockHour4, needs: [["view", "schedule"]] },
			{ key: "adHocSchedules", to: "/adHocSchedules", Icon: IconClockExclamation, needs: [["view", "schedule"]] },
			{ key: "replyTemplates", to: "/replyTemplates", Icon: IconTemplate, needs: [["view", "replyTemplate"]] },
			{ key: "chatSettings", to: "/chatSettings", Icon: IconSettings, needs: [["view", "chatSettings"]] },
		],
	},
	{
		key: "people",
		entries: [
			{ key: "users", to: "/users", Icon: IconUsers, needs: [["view", "user"]] },
			{ key: "userGroups", to: "/userGroups", Icon: IconUsersGroup, needs: [["view", "userGroup"]] },
			{ key: "roles", to: "/roles", Icon: IconUserShield, needs: [["view", "role"]] },
			{
				key: "apiTokens",
				to: "/apiTokens",
				Icon: IconKey,
				needs: [
					["view", "apiToken"],
					["create", "apiToken"],
				],
			},
		],
	},
	{ key: "proof", entries: [{ key: "audit", to: "/audit", Icon: IconHistory, needs: [["view", "auditLog"]] }] },
];

/** Of what lies beside the application. */
export const referenceIcon = IconApi;
export const deskIcon = IconHeadset;

export function menuFor(rights: Rights): readonly Section[] {
	return sections
		.map(({ key, entries }) => ({
			key,
			entries: entries.filter(
				({ needs }) => needs === undefined || needs.some(([access, objectType]) => rights.may(access, objectType)),
			),
		}))
		.filter(({ entries }) => entries.length > 0);
}
