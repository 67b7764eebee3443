// The Restful Configuration Interface: all of its routes.

import type { Route } from "../route.ts";
import { apiTokenRoutes } from "./api-tokens.ts";
import { auditLogRoutes } from "./audit-log.ts";
import { authenticationPolicyRoutes } from "./authentication-policy.ts";
import { bagRoutes, groupKind, roleKind } from "./bags.ts";
import { effectiveRightsRoutes } from "./effective-rights.ts";
import { eventRoutes } from "./events.ts";
import { meRoutes } from "./me.ts";
import { membershipRoutes } from "./memberships.ts";
import { messagingServiceRoutes } from "./messaging-services.ts";
import { messagingServiceTypeRoutes } from "./messaging-service-types.ts";
import { queueRoutes } from "./queues.ts";
import { rightsRoutes } from "./rights.ts";
import { sandboxRoutes } from "./sandbox.ts";
import { secondFactorRoutes } from "./second-factor.ts";
import { sessionRoutes } from "./sessions.ts";
import { smsServerRoutes } from "./sms-server.ts";
import { userRoutes } from "./users.ts";

export const rciRoutes: readonly Route[] = [
	...messagingServiceTypeRoutes,
	...messagingServiceRoutes,
	...smsServerRoutes,
	...queueRoutes,
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
