// Every simulator by its service type. A new one is a file, an import and a line here.

import type { ServiceType } from "#domain/messages.ts";
import { startFacebookSimulator } from "./facebook.ts";
import type { StartSimulator } from "./simulator.ts";
import { startSinchConversationSimulator } from "./sinchconversation.ts";
import { startTwilioSimulator } from "./twilio.ts";

export const simulators: Readonly<Record<ServiceType, StartSimulator>> = {
	facebook: startFacebookSimulator,
	sinchconversation: startSinchConversationSimulator,
	twilio: startTwilioSimulator,
};
