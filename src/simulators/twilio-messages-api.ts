// The Messages resource of the simulated Twilio: which requests it takes, which it refuses and with which code, and what
// it lists. Stricter than Twilio in one thing: a parameter it does not know is refused.

import type { HeardRequest, HttpReply } from "./kit.ts";
import { jsonReply } from "./kit.ts";

export type TwilioAccount = {
	accountSid: string;
	authToken: string;
	apiKey: { sid: string; secret: string };
};

/** A message as the account's log keeps it. */
export type LoggedMessage = {
	sid: string;
	to: string;
	from: string | null;
	messagingServiceSid: string | null;
	body: string;
	mediaUrls: readonly string[];
	statusCallback: string | undefined;
	status: string;
	errorCode: number | null;
	at: Date;
};

export type TwilioRefusal = { status: number; code: number; message: string };

/** Twilio's error shape; `more_info` is where it explains the code. */
export function errorReply({ status, code, message }: TwilioRefusal): HttpReply {
	const body = { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
	return jsonReply(status, body, status === 401 ? { "www-authenticate": 'Basic realm="Twilio API"' } : {});
}

function refusal(code: number, message: string, status = 400): TwilioRefusal {
	return { status, code, message };
}

/** Who asks, and about which account. */
export function accountRefusal(request: HeardRequest, account: TwilioAccount): TwilioRefusal | undefined {
	const pairs = [`${account.accountSid}:${account.authToken}`, `${account.apiKey.sid}:${account.apiKey.secret}`];
	const allowed = pairs.map((pair) => `Basic ${Buffer.from(pair, "utf8").toString("base64")}`);
	if (!allowed.includes(request.headers.authorization ?? "")) {
		return refusal(20003, "Authenticate", 401);
	}
	return request.path.startsWith(accountPath(account))
		? undefined
		: refusal(20404, `The requested resource ${request.path} was not found`, 404);
}

export function accountPath({ accountSid }: TwilioAccount): string {
	return `/2010-04-01/Accounts/${accountSid}/`;
}

const scalarFields = new Set(
	[
		"To From MessagingServiceSid Body ContentSid ContentVariables StatusCallback ApplicationSid ValidityPeriod",
		"SmartEncoded ShortenUrls ScheduleType SendAt SendAsMms ContentRetention AddressRetention Attempt ProvideFeedback",
		"RiskCheck TrafficType FallbackFrom ForceDelivery MaxPrice Tags",
	].flatMap((line) => line.split(" ")),
);
const listFields = new Set(["MediaUrl", "PersistentAction"]);

type Check = (form: URLSearchParams) => TwilioRefusal | undefined;

/** The first rule broken decides, as with Twilio. */
const checks: readonly Check[] = [
	unknownField,
	(form) => (present(form, "To") ? undefined : refusal(21604, "A 'To' phone number is required.")),
	(form) =>
		present(form, "From") || present(form, "MessagingServiceSid")
			? undefined
			: refusal(21603, "A 'From' or 'MessagingServiceSid' parameter is required to send a message."),
	(form) =>
		["Body", "MediaUrl", "ContentSid"].some((name) => present(form, name))
			? undefined
			: refusal(21602, "Message body is required."),
	badAddress,
	badContent,
	badDelivery,
];

export function formRefusal(request: HeardRequest): TwilioRefusal | undefined {
	const contentType = request.headers["content-type"] ?? "";
	if (!/^application\/x-www-form-urlencoded(?:;\s*charset=utf-8)?$/i.test(contentType)) {
		return refusal(20001, `The content type ${contentType} is not a form.`, 415);
	}
	const form = new URLSearchParams(request.body);
	for (const check of checks) {
		const found = check(form);
		if (found !== undefined) {
			return found;
		}
	}
	return undefined;
}

function present(form: URLSearchParams, name: string): boolean {
	return (form.get(name) ?? "") !== "";
}

function unknownField(form: URLSearchParams): TwilioRefusal | undefined {
	for (const name of new Set(form.keys())) {
		if (!scalarFields.has(name) && !listFields.has(name)) {
			return refusal(20001, `Unknown parameter ${name}.`);
		}
		if (scalarFields.has(name) && form.getAll(name).length > 1) {
			return refusal(20001, `The parameter ${name} occurs more than once.`);
		}
	}
	return undefined;
}

const number = /^(?:\+[1-9]\d{6,14}|\d{3,8})$/;

function prefixOf(address: string): string {
	return address.includes(":") ? address.slice(0, address.indexOf(":")) : "sms";
}

function badAddress(form: URLSearchParams): TwilioRefusal | undefined {
	const to = form.get("To") ?? "";
	const from = form.get("From") ?? "";
	const service = form.get("MessagingServiceSid");
	if (prefixOf(to) === "sms" ? !number.test(to) : !/^(?:whatsapp|messenger|rcs):[^:\s]+$/.test(to)) {
		return refusal(21211, `Invalid 'To' Phone Number: ${to}`);
	}
	if (from !== "" && prefixOf(from) !== prefixOf(to)) {
		return refusal(21910, "'From' and 'To' are not of the same channel.");
	}
	return service === null || /^MG[0-9a-fA-F]{32}$/.test(service)
		? undefined
		: refusal(21701, "The Messaging Service does not exist.");
}

function badContent(form: URLSearchParams): TwilioRefusal | undefined {
	const media = form.getAll("MediaUrl");
	if (Array.from(form.get("Body") ?? "").length > 1600) {
		return refusal(21617, "The concatenated message body exceeds the 1600 character limit.");
	}
	if (media.length > 10) {
		return refusal(21623, "Number of media files exceeds allowed limit.");
	}
	if (!media.every((url) => /^https?:/.test(URL.parse(url)?.protocol ?? ""))) {
		return refusal(21620, "Invalid media URL.");
	}
	const template = form.get("ContentSid");
	if (template !== null && !/^HX[0-9a-fA-F]{32}$/.test(template)) {
		return refusal(21654, "ContentSid is not valid.");
	}
	return isFlatJson(form.get("ContentVariables")) ? undefined : refusal(21656, "ContentVariables are not valid.");
}

function isFlatJson(text: string | null): boolean {
	if (text === null) {
		return true;
	}
	try {
		const value = JSON.parse(text) as unknown;
		return (
			typeof value === "object" && value !== null && Object.values(value).every((entry) => typeof entry === "string")
		);
	} catch (error) {
		if (error instanceof SyntaxError) {
			return false;
		}
		throw error;
	}
}

function badDelivery(form: URLSearchParams): TwilioRefusal | undefined {
	const validity = form.get("ValidityPeriod");
	if (validity !== null && !(/^\d+$/.test(validity) && Number(validity) >= 1 && Number(validity) <= 36_000)) {
		return refusal(20001, "ValidityPeriod is not a number of seconds from 1 to 36000.");
	}
	const callback = form.get("StatusCallback");
	const url = callback === null ? undefined : URL.parse(callback);
	const isValid = url === undefined || (url !== null && /^https?:$/.test(url.protocol) && !url.hostname.includes("_"));
	return isValid ? undefined : refusal(20001, "StatusCallback is not a valid URL.");
}

/** What an accepted form says. */
export function readForm(request: HeardRequest, sid: string, at: Date): LoggedMessage {
	const form = new URLSearchParams(request.body);
	const messagingServiceSid = form.get("MessagingServiceSid");
	return {
		sid,
		to: form.get("To") ?? "",
		from: form.get("From"),
		messagingServiceSid,
		body: form.get("Body") ?? "",
		mediaUrls: form.getAll("MediaUrl"),
		statusCallback: form.get("StatusCallback") ?? undefined,
		status: messagingServiceSid === null ? "queued" : "accepted",
		errorCode: null,
		at,
	};
}

/** The Message resource: numbers are strings, dates are those of RFC 2822. */
export function toResource(message: LoggedMessage, { accountSid }: TwilioAccount): Readonly<Record<string, unknown>> {
	const path = `/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}`;
	const date = message.at.toUTCString().replace("GMT", "+0000");
	const isUnderWay = ["queued", "accepted"].includes(message.status);
	return {
		account_sid: accountSid,
		api_version: "2010-04-01",
		body: message.body,
		date_created: date,
		date_sent: isUnderWay ? null : date,
		date_updated: date,
		direction: "outbound-api",
		error_code: message.errorCode,
		error_message: null,
		from: message.from,
		num_media: String(message.mediaUrls.length),
		num_segments: "1",
		price: null,
		price_unit: null,
		messaging_service_sid: message.messagingServiceSid,
		sid: message.sid,
		status: message.status,
		subresource_uris: { media: `${path}/Media.json` },
		to: message.to,
		uri: `${path}.json`,
	};
}

/** The list of messages, filtered as asked; a message under way has no day of sending yet, but is listed. */
export function listReply(query: URLSearchParams, log: readonly LoggedMessage[], account: TwilioAccount): HttpReply {
	const known = new Set(["To", "From", "DateSent>", "DateSent<", "DateSent", "PageSize"]);
	const stranger = [...query.keys()].find((name) => !known.has(name));
	if (stranger !== undefined) {
		return errorReply(refusal(20001, `Unknown parameter ${stranger}.`));
	}
	const since = Date.parse(query.get("DateSent>") ?? "1970-01-01");
	const size = Number(query.get("PageSize") ?? 50);
	const fits = log.filter(
		({ to, from, at }) =>
			(query.get("To") ?? to) === to && (query.get("From") ?? from) === from && at.getTime() >= since,
	);
	const messages = fits.slice(0, size).map((message) => toResource(message, account));
	const next = fits.length > size ? `${accountPath(account)}Messages.json?Page=1` : null;
	return jsonReply(200, { messages, page: 0, page_size: size, start: 0, next_page_uri: next });
}
