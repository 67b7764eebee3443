// The Restful Configuration Interface: all of its routes.

import type { Route } from "../route.ts";
import { adHocScheduleRoutes } from "./ad-hoc-schedules.ts";
import { apiTokenRoutes } from "./api-tokens.ts";
import { auditLogRoutes } from "./audit-log.ts";
import { authenticationPolicyRoutes } from "./authentication-policy.ts";
import { bagRoutes, groupKind, roleKind } from "./bags.ts";
import { calendarRoutes } from "./calendars.ts";
import { chatSettingsRoutes } from "./chat-settings.ts";
import { effectiveRightsRoutes } from "./effective-rights.ts";
import { eventRoutes } from "./events.ts";
import { meRoutes } from "./me.ts";
import { membershipRoutes } from "./memberships.ts";
import { messagingServiceRoutes } from "./messaging-services.ts";
import { messagingServiceTypeRoutes } from "./messaging-service-types.ts";
import { promptRoutes } from "./prompts.ts";
import { queueRoutes } from "./queues.ts";
import { replyTemplateRoutes } from "./reply-templates.ts";
import { rightsRoutes } from "./rights.ts";
import { sandboxRoutes } from "./sandbox.ts";
import { scheduleRoutes } from "./schedules.ts";
import { secondFactorRoutes } from "./second-factor.ts";
import { sessionRoutes } from "./sessions.ts";
import { smsServerRoutes } from "./sms-server.ts";
import { userRoutes } from "./users.ts";

export const rciRoutes: readonly Route[] = [
	...messagingServiceTypeRoutes,
	...messagingServiceRoutes,
	...smsServerRoutes,
	...queueRoutes,
	...promptRoutes,
	...calendarRoutes,
	...scheduleRoutes,
	...adHocScheduleRoutes,
	...replyTemplateRoutes,
	...chatSettingsRoutes,
	...sandboxRoutes,
	...userRoutes,
	...bagRoutes(groupKind),
	...bagRoutes(roleKind),
	...membershipRoutes,
	...rightsRoutes,
	...effectiveRightsRoutes,
	...apiTokenRoutes,
	...sessionRoutes,
	...meRoutes,
	...secondFactorRoutes,
	...authenticationPolicyRoutes,
	...auditLogRoutes,
	...eventRoutes(),
];
