// Answers of providers made by chance, with what each of them must lead to, and one ready service of every type to send by.

import assert from "node:assert/strict";
import type { HttpAnswer } from "#connectors/contract.ts";
import { filledSettings } from "#connectors/kit/rules.ts";
import { connectorOf, serviceTypes } from "#connectors/registry.ts";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { openService, type OpenService } from "#gateway/open-service.ts";

export type Script = {
	/** For the message of a failed assertion. */
	says: string;
	status: number;
	/** No answer at all: nothing was sent, or nobody knows. */
	silence?: "notSent" | "unclear";
	retryAfter?: (now: Date) => string;
	/** How long Retry-After asks us to wait; undefined: it says nothing that can be read. */
	waitMs?: (now: Date) => number;
};

const statuses = "200 201 300 301 302 303 307 308 400 401 403 404 405 408 409 410 413 422 425 500 501 502 503 504"
	.split(" ")
	.map(Number);

/** Mostly answers that lead to another attempt, so that some messages are tried often. */
export function scriptAnswer(chance: () => number): Script {
	const roll = chance();
	if (roll < 0.35) {
		return { says: "nothing sent", status: 0, silence: "notSent" };
	}
	if (roll < 0.37) {
		return { says: "silence", status: 0, silence: "unclear" };
	}
	const status = roll < 0.85 ? 429 : (statuses[Math.floor(chance() * statuses.length)] ?? 500);
	return { status, ...scriptRetryAfter(status, chance) };
}

const unreadable = ["", "soon", "-5", "1.5", "5 minutes", "2027-01-02", "1e3", "+60", "Tomorrow 12", "0x10"];

export function scriptRetryAfter(status: number, chance: () => number): Omit<Script, "status"> {
	const roll = chance();
	const seconds = Math.floor(chance() ** 4 * 7300); // Mostly short, up to two hours.
	if (roll < 0.3) {
		return { says: `${status}` };
	}
	if (roll < 0.55) {
		return { says: `${status}, ${seconds} s`, retryAfter: () => String(seconds), waitMs: () => seconds * 1000 };
	}
	if (roll < 0.9) {
		return scriptDate(status, seconds, chance);
	}
	const text = unreadable[Math.floor(chance() * unreadable.length)] ?? "";
	return { says: `${status}, Retry-After "${text}"`, retryAfter: () => text };
}

const forms: readonly ((date: Date) => string)[] = [
	(date) => date.toUTCString(),
	(date) => date.toUTCString(),
	// The two older forms that a recipient must read too (RFC 9110 section 5.6.7).
	(date) => {
		const [day, number = "", month = "", year = "", time = ""] = date.toUTCString().replace(",", "").split(" ");
		return `${longDay(day ?? "")}, ${number}-${month}-${year.slice(2)} ${time} GMT`;
	},
	(date) => {
		const [day, number = "", month = "", year = "", time = ""] = date.toUTCString().replace(",", "").split(" ");
		return `${day} ${month} ${number.replace(/^0/, " ")} ${time} ${year}`;
	},
];

function longDay(short: string): string {
	const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
	return days.find((day) => day.startsWith(short)) ?? short;
}

/** Dates are whole seconds, so the wait is up to a second longer than asked for. */
function scriptDate(status: number, seconds: number, chance: () => number): Omit<Script, "status"> {
	const form = forms[Math.floor(chance() * forms.length)] ?? String;
	const dateAt = (now: Date) => new Date(Math.ceil(now.getTime() / 1000 + seconds) * 1000);
	return {
		says: `${status}, a date in ${seconds} s`,
		retryAfter: (now) => form(dateAt(now)),
		waitMs: (now) => dateAt(now).getTime() - now.getTime(),
	};
}

/** The answer as the connector sees it. */
export function answerOf(script: Script, type: string, now: Date): HttpAnswer {
	if (script.silence === "notSent") {
		return { kind: "notSent", why: "refused" };
	}
	if (script.silence === "unclear") {
		return { kind: "unclear", why: "reset" };
	}
	const headers = new Headers(script.retryAfter === undefined ? {} : { "retry-after": script.retryAfter(now) });
	const body = new TextEncoder().encode(script.status < 300 ? acceptances[type] : "");
	return { kind: "answered", status: script.status, headers, body };
}

const acceptances: Readonly<Record<string, string>> = {
	twilio: JSON.stringify({ sid: `SM${"0".repeat(32)}`, status: "queued" }),
	facebook: JSON.stringify({ recipient_id: "u1", message_id: "m1" }),
	whatsapp: JSON.stringify({ messages: [{ id: "wamid.1" }] }),
	sinchconversation: JSON.stringify({ message_id: "01M" }),
	sap365: "<HTML><BODY><br>#Message Receive correctly<br>ORDERID=1149607999<br></BODY></HTML>",
	smshttp: JSON.stringify({ id: "m1" }),
	social365: JSON.stringify({ livelinkOrderIds: [{ destination: ["oABC"], livelinkOrderId: ["1234567890"] }] }),
	telegram: JSON.stringify({ ok: true, result: { message_id: 1, chat: { id: 7_010_000_001 } } }),
	sinchsms: JSON.stringify({ id: "01FC66621XXXXX119Z8PMV1QPQ" }),
	c4semail: JSON.stringify({ d: { results: { ObjectID: "00163E03A0701EE28BE6D1A72CF7B7D6" } } }),
	teams: JSON.stringify({ id: "1616991463150" }),
	wavy: JSON.stringify({ id: "9cb87d36-79af-11e5-89f3-1b0591cdf807" }),
};

type Place = {
	path: string;
	origin: string;
	id: string;
	/** Of a second authentication. */
	otherId?: string;
	ours: string;
	contact: string;
	settings?: object;
};

const stored: Readonly<Record<string, Place>> = {
	c4semail: {
		origin: "https://my123456.crm.ondemand.com",
		path: "/sap/c4c/odata/v1/c4codataapi",
		id: "_PARLEY",
		ours: "service@example.com",
		contact: "kim@example.com",
		settings: { replyMode: "odata", mailbox: "service@example.com" },
	},
	twilio: {
		origin: "https://api.twilio.com",
		path: "",
		id: `AC${"1".repeat(32)}`,
		ours: "+15550100001",
		contact: "+15550100002",
	},
	facebook: {
		origin: "https://graph.facebook.com",
		path: "/v25.0",
		id: "104857600000001",
		ours: "104857600000001",
		contact: "u1",
	},
	whatsapp: {
		origin: "https://graph.facebook.com",
		path: "/v25.0",
		id: "106540352242922",
		ours: "106540352242922",
		contact: "+16505551234",
	},
	sinchconversation: {
		origin: "https://eu.conversation.api.sinch.com",
		path: "/v1/projects/p1/messages:send",
		id: "key1@APP1",
		ours: "APP1@whatsapp.sinchconversation.com",
		contact: "4915112345",
	},
	sap365: {
		origin: "https://sms-pp.sapmobileservices.com",
		path: "/cmn",
		id: "acct_demo01",
		ours: "71630",
		contact: "+447700900123",
	},
	social365: {
		origin: "https://peopleconnect.sapmobileservices.com",
		path: "/api",
		id: "parley@10001",
		ours: "wechat:gh_123@10001",
		contact: "oABC",
	},
	sinchsms: {
		origin: "https://us.sms.api.sinch.com",
		path: "",
		id: "plan1",
		ours: "+15550100001",
		contact: "+15550100002",
	},
	telegram: {
		origin: "https://api.telegram.org",
		path: "",
		id: "acme_support_bot",
		ours: "acme_support_bot",
		contact: "7010000001",
	},
	teams: {
		origin: "https://graph.microsoft.com",
		path: "/v1.0",
		id: "8e460676-ae3f-4b1e-8790-ee0fb5d6148f",
		otherId: "service.desk@example.com",
		ours: "service.desk@example.com",
		contact: "19:2da4c29f6d7041eca70b638b43d45437@thread.v2",
	},
	wavy: {
		origin: "https://api-messaging.wavy.global",
		path: "",
		id: "WAVY_USER",
		ours: "28128",
		contact: "+5511991234567",
	},
	smshttp: {
		origin: "https://sms.example.com",
		path: "/send",
		id: "gateway-user",
		ours: "+15550100001",
		contact: "+15550100002",
	},
};

function placeOf(type: string) {
	const place = stored[type];
	assert.ok(place, `A new service type needs its line here: ${type}`);
	return place;
}

/**
 * Of every type that sends by HTTP: on a line there are no statuses.
 * @param origin where all of them send to; undefined: where the type's provider is
 */
export function openServices(origin?: string): OpenService[] {
	return serviceTypes()
		.filter((type) => connectorOf(type)?.line === undefined)
		.map((type) => openServiceOf(type, type.toUpperCase(), origin));
}

export function openServiceOf(type: string, id: string, origin?: string, settings: object = {}): OpenService {
	const connector = connectorOf(type);
	assert.ok(connector);
	const place = placeOf(type);
	const service = {
		id: id as ServiceId,
		serviceConnection: `${origin ?? place.origin}${place.path}`,
		authenticationUrl: null,
		authenticationScope: null,
		settings: filledSettings(connector.config.form, { ...place.settings, ...settings }),
		authentications: [place.id, ...(place.otherId === undefined ? [] : [place.otherId])].map((authenticationId) => ({
			authenticationId,
			secrets: ["secret"],
		})),
	};
	const facts = {
		type,
		name: id,
		enabled: true,
		incomingMode: "enforce" as const,
		stoppedReason: null,
		isLocked: false,
		version: 1,
	};
	const webhookUrl = `https://parley.example/sms/${type}/${id}`;
	return openService({ ...facts, stored: service, settings: commonSettings(service.settings), webhookUrl }, connector);
}

export function messageFor({ type, webhookUrl }: OpenService, now: Date): OutboundMessage {
	const { ours, contact } = placeOf(type);
	return {
		messageId: "0".repeat(32) as MessageId,
		attemptId: "1".repeat(32) as AttemptId,
		channel: type === "facebook" ? "messenger" : type === "twilio" ? "sms" : "whatsapp",
		ourAddress: ours,
		contactAddress: contact,
		text: "hello",
		attachments: [],
		validUntil: new Date(now.getTime() + 3_600_000),
		contactLastWroteAt: now,
		webhookUrl,
	};
}
