// The calls of providers and agents, as `rawCall` makes them: signed webhooks with a contact's message, and sends.

import { Agent } from "node:http";
import { systemClock } from "#platform/clock.ts";
import type { SinchConversationSimulator } from "#simulators/sinchconversation.ts";
import { sinchSigned } from "#test/doors.ts";
import { administrator } from "#test/parley.ts";
import type { RawCall } from "./raw-call.ts";

export type Call = Omit<RawCall, "agent">;

/** Every second caller keeps its connection, as providers do; the others open a new one for each call. */
export function agentOf(number: number): Agent {
	return new Agent({ keepAlive: number % 2 === 0, maxSockets: 1 });
}

/** Webhooks of one contact. Each is signed when it is made, so that a repetition has a nonce of its own. */
export function webhookCallsOf(
	simulator: SinchConversationSimulator,
	contact: string,
): (url: string, remoteId: string) => Call {
	const { authentications } = simulator.account;
	const { password = "" } = authentications.find((one) => one.authenticationId === "webhook") ?? {};
	return (url, remoteId) => {
		const now = systemClock.now();
		const body = JSON.stringify({
			app_id: simulator.appId,
			project_id: "p1",
			accepted_time: now.toISOString(),
			message: {
				id: remoteId,
				direction: "TO_APP",
				contact_message: { text_message: { text: `message ${remoteId}` } },
				channel_identity: { channel: "WHATSAPP", identity: contact, app_id: "" },
				accept_time: now.toISOString(),
			},
		});
		const nonce = `${remoteId}-${now.getTime()}`;
		return { url, method: "POST", headers: sinchSigned(password, body, now, nonce), body };
	};
}

export function sendCall(origin: string, message: Readonly<Record<string, string>>, key: string): Call {
	const { login, password } = administrator;
	const headers = {
		authorization: `Basic ${Buffer.from(`${login}:${password}`).toString("base64")}`,
		accept: "application/json",
		"content-type": "application/json",
		"idempotency-key": key,
	};
	return { url: `${origin}/RI/cmi/messages`, method: "POST", headers, body: JSON.stringify(message) };
}
