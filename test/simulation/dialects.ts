// How the simulated providers speak: what a send of ours says, what an answer looks like, how a webhook is built and
// signed. Written from the providers' documents, independently of the connectors.

import { createHmac } from "node:crypto";
import type { OutgoingAnswer, OutgoingCall } from "#platform/safe-request.ts";

export type Account = {
	type: "facebook" | "twilio";
	serviceId: string;
	serviceConnection: string;
	/** Authentications as an administrator enters them. */
	entries: Readonly<Record<string, string>>;
	ourAddress: string;
	channel: string;
	contacts: readonly string[];
};

export type Status = "sent" | "delivered" | "read" | "failed";
/** A send that the provider took. */
export type Taken = {
	attemptId: string | undefined;
	callbackUrl: string | undefined;
	contact: string;
	text: string;
	remoteId: string;
	/** True time, milliseconds since 1970. */
	atMs: number;
};
export type Update =
	| { kind: "message"; id: string; contact: string; text: string; atMs: number }
	| { kind: "receipt"; status: Status; taken: Taken; atMs: number }
	| { kind: "nonsense"; id: string; atMs: number };

export type WebhookCall = { path: string; headers: Readonly<Record<string, string>>; body: string };
export type Asked =
	| {
			kind: "send";
			attemptId: string | undefined;
			callbackUrl: string | undefined;
			contact: string;
			text: string;
	  }
	| { kind: "look-up"; contact: string };

export type Dialect = {
	/** Whether one webhook may carry several events. */
	batches: boolean;
	statuses: readonly Status[];
	read(call: OutgoingCall): Asked;
	newRemoteId(number: number): string;
	accepted(taken: Taken): OutgoingAnswer;
	listed(taken: readonly Taken[], nowMs: number): OutgoingAnswer;
	webhook(updates: readonly Update[], secret?: string): WebhookCall;
};

export const publicBaseUrl = "https://parley.example";

export function answered(status: number, body: unknown, headers: Record<string, string> = {}): OutgoingAnswer {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	return { kind: "answered", status, headers: new Headers(headers), body: Buffer.from(text) };
}

export function dialectOf(account: Account): Dialect {
	return account.type === "facebook" ? facebook(account) : twilio(account);
}

export const secrets = { appSecret: "app-secret", pageToken: "page-token", authToken: "auth-token", wrong: "wrong" };

function textOf(body: OutgoingCall["body"]): string {
	return typeof body === "string" ? body : Buffer.from(body ?? []).toString();
}

function facebook(account: Account): Dialect {
	const page = account.ourAddress;
	return {
		batches: true,
		statuses: ["sent", "delivered", "read"],
		read(call) {
			const body = JSON.parse(textOf(call.body)) as {
				recipient: { id: string };
				message: { text: string; metadata: string };
			};
			const { text, metadata } = body.message;
			const attemptId = /^parley:(.+)$/.exec(metadata)?.[1];
			return { kind: "send", attemptId, callbackUrl: undefined, contact: body.recipient.id, text };
		},
		newRemoteId: (number) => `m_${account.serviceId.slice(-6)}_${number}`,
		accepted: ({ contact, remoteId }) => answered(200, { recipient_id: contact, message_id: remoteId }),
		listed: () => answered(404, {}),
		webhook(updates, secret = secrets.appSecret) {
			const messaging = updates.map((update) => facebookItem(update, page));
			const body = JSON.stringify({ object: "page", entry: [{ id: page, time: updates[0]?.atMs, messaging }] });
			const signature = createHmac("sha256", secret).update(body).digest("hex");
			const headers = { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` };
			return { path: `/sms/facebook/${account.serviceId}`, headers, body };
		},
	};
}

function facebookItem(update: Update, page: string): object {
	if (update.kind === "nonsense") {
		return { sender: 17, odd: update.id, timestamp: update.atMs, message: { mid: 5 } };
	}
	if (update.kind === "message") {
		const { id, contact, text, atMs } = update;
		return { sender: { id: contact }, recipient: { id: page }, timestamp: atMs, message: { mid: id, text } };
	}
	const { status, taken, atMs } = update;
	if (status === "sent") {
		const metadata = `parley:${taken.attemptId}`;
		const message = { mid: taken.remoteId, text: taken.text, is_echo: true, metadata };
		return { sender: { id: page }, recipient: { id: taken.contact }, timestamp: atMs, message };
	}
	const from = { sender: { id: taken.contact }, recipient: { id: page }, timestamp: atMs };
	return status === "delivered"
		? { ...from, delivery: { mids: [taken.remoteId], watermark: atMs } }
		: { ...from, read: { watermark: taken.atMs } };
}

const sid = (number: number, kind: string) => `SM${kind}${number.toString(16).padStart(31, "0")}`;
const twilioWords: Readonly<Record<Status, string>> = {
	sent: "sent",
	delivered: "delivered",
	read: "read",
	failed: "undelivered",
};

function twilio(account: Account): Dialect {
	const [accountSid = ""] = Object.keys(account.entries);
	return {
		batches: false,
		statuses: ["sent", "delivered", "read", "failed"],
		read(call) {
			if (call.method === "GET") {
				return { kind: "look-up", contact: new URL(call.url).searchParams.get("To") ?? "" };
			}
			const form = new URLSearchParams(textOf(call.body));
			const callbackUrl = form.get("StatusCallback") ?? undefined;
			const attemptId =
				callbackUrl === undefined ? undefined : (/[?&]attempt=(\w+)/.exec(callbackUrl)?.[1] ?? undefined);
			return {
				kind: "send",
				attemptId,
				callbackUrl,
				contact: form.get("To") ?? "",
				text: form.get("Body") ?? "",
			};
		},
		newRemoteId: (number) => sid(number, "a"),
		accepted: (taken) => answered(201, twilioResource(taken, account)),
		listed: (taken, nowMs) =>
			answered(
				200,
				{ messages: taken.map((one) => twilioResource(one, account)), next_page_uri: null },
				{ date: new Date(nowMs).toUTCString() },
			),
		webhook: ([update], secret = secrets.authToken) => twilioWebhook(update, { account, accountSid, secret }),
	};
}

function twilioResource(taken: Taken, account: Account): object {
	return {
		sid: taken.remoteId,
		status: "queued",
		date_created: new Date(taken.atMs).toUTCString(),
		direction: "outbound-api",
		to: taken.contact,
		from: account.ourAddress,
		body: taken.text,
		num_media: "0",
	};
}

type TwilioSigning = { account: Account; accountSid: string; secret: string };

function twilioWebhook(update: Update | undefined, { account, accountSid, secret }: TwilioSigning): WebhookCall {
	const own = `/sms/twilio/${account.serviceId}`;
	const { path, fields } = twilioFields(update, own, account);
	const form = new URLSearchParams({ AccountSid: accountSid, ...fields });
	const signed = [...form]
		.toSorted(([a], [b]) => (a < b ? -1 : 1))
		.map(([key, value]) => key + value)
		.join("");
	const signature = createHmac("sha1", secret).update(`${publicBaseUrl}${path}${signed}`).digest("base64");
	const headers = { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature };
	return { path, headers, body: form.toString() };
}

function twilioFields(update: Update | undefined, own: string, { ourAddress }: Account) {
	if (update === undefined || update.kind === "nonsense") {
		return { path: own, fields: { Odd: update?.id ?? "" } };
	}
	if (update.kind === "message") {
		const { id, contact, text } = update;
		return { path: own, fields: { MessageSid: id, From: contact, To: ourAddress, Body: text, NumMedia: "0" } };
	}
	const { status, taken } = update;
	const url = new URL(taken.callbackUrl ?? `${publicBaseUrl}${own}`);
	const fields = {
		MessageSid: taken.remoteId,
		MessageStatus: twilioWords[status],
		To: taken.contact,
		From: ourAddress,
	};
	const error = status === "failed" ? { ErrorCode: "30003" } : {};
	return { path: `${url.pathname}${url.search}`, fields: { ...fields, ...error } };
}

/** Ids of messages to us. */
export function inboundId(account: Account, number: number): string {
	return account.type === "twilio" ? sid(number, "b") : `mid.${account.serviceId.slice(-6)}.${number}`;
}
