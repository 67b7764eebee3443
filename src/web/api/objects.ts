// Short names for the objects of both interfaces, as the generated clients know them.

import type * as cmi from "./cmi.ts";
import type * as rci from "./rci.ts";

export type MessagingService = rci.RciGetMessagingServicesId200;
export type ServiceType = rci.RciGetMessagingServiceTypes200Item;
export type ServiceState = MessagingService["state"];
export type Authentication = MessagingService["authentications"][number];
export type ServiceHealth = rci.RciGetMessagingServicesIdHealth200;
export type ServiceWebhook = rci.RciGetMessagingServicesIdWebhook200;
export type ServiceCheck = rci.RciGetMessagingServicesIdChecks200Item;
export type Me = rci.RciGetMe200;
export type Right = Me["rights"][number];
export type Message = cmi.CmiGetMessages200Item;
export type TraceEntry = cmi.CmiGetMessagesIdTrace200Item;
