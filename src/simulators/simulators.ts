// Every simulator by its service type. A new one is a file, an import and a line here.

import type { ServiceType } from "#domain/messages.ts";
import { startC4sEmailSimulator } from "./c4semail.ts";
import { startFacebookSimulator } from "./facebook.ts";
import { startSap365Simulator } from "./sap365.ts";
import type { StartSimulator } from "./simulator.ts";
import { startSinchConversationSimulator } from "./sinchconversation.ts";
import { startSinchSmsSimulator } from "./sinchsms.ts";
import { startSmppSimulator } from "./smpp.ts";
import { startSmsHttpSimulator } from "./smshttp.ts";
import { startSocial365Simulator } from "./social365.ts";
import { startTeamsSimulator } from "./teams.ts";
import { startTelegramSimulator } from "./telegram.ts";
import { startTwilioSimulator } from "./twilio.ts";
import { startWavySimulator } from "./wavy.ts";
import { startWhatsAppSimulator } from "./whatsapp.ts";

export const simulators: Readonly<Record<ServiceType, StartSimulator>> = {
	c4semail: startC4sEmailSimulator,
	facebook: startFacebookSimulator,
	sap365: startSap365Simulator,
	sinchconversation: startSinchConversationSimulator,
	sinchsms: startSinchSmsSimulator,
	smpp: startSmppSimulator,
	smshttp: startSmsHttpSimulator,
	social365: startSocial365Simulator,
	teams: startTeamsSimulator,
	telegram: startTelegramSimulator,
	twilio: startTwilioSimulator,
	wavy: startWavySimulator,
	whatsapp: startWhatsAppSimulator,
};
