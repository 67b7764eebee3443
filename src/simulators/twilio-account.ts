// What the simulated Twilio account tells about itself: its state, its numbers, its Messaging Service. GETs only; a path or
// a parameter it does not know is refused. From memory of Twilio's reference, as README.md of the connector says.

import { type HeardRequest, type HttpReply, jsonReply } from "./kit.ts";
import { errorReply, type TwilioAccount } from "./twilio-messages-api.ts";

export type SimulatedPhoneNumber = {
	phoneNumber: string;
	canSendMessages: boolean;
	/** Empty: none is entered. */
	smsUrl: string;
	smsApplicationSid: string;
};

/** How the account was set up by its owner. Tests spoil it. */
export type TwilioSetUp = {
	status: "active" | "suspended" | "closed";
	type: "Full" | "Trial";
	/** A restricted key may read messages only, or nothing. */
	keyReads: "everything" | "messages" | "nothing";
	numbers: SimulatedPhoneNumber[];
	/** By the SID of a TwiML application: where it sends incoming messages. */
	applications: Record<string, string>;
	messagingService: {
		sid: string;
		/** Numbers in its Sender Pool. */
		senders: string[];
		usesWebhookOfNumber: boolean;
		inboundUrl: string | null;
		statusCallback: string | null;
	};
};

type Asker = "account" | "key";

/** The answer to a GET of one of these resources; undefined where the path is none of them. */
export function accountReply(request: HeardRequest, account: TwilioAccount, setUp: TwilioSetUp): HttpReply | undefined {
	if (request.method !== "GET") {
		return undefined;
	}
	const asker = askerOf(request, account);
	if (request.path === `${baseOf(account)}/Messages.json`) {
		return asker === "key" && setUp.keyReads === "nothing" ? keyRefused : undefined;
	}
	const reply = resources(asker, account, setUp)[request.path] ?? applicationReply(request.path, account, setUp);
	if (reply === undefined && !request.path.startsWith("/v1/Services/")) {
		return undefined;
	}
	return entryRefusal(request, asker, setUp) ?? reply ?? refused(404, 20404, "The requested resource was not found");
}

function baseOf({ accountSid }: TwilioAccount): string {
	return `/2010-04-01/Accounts/${accountSid}`;
}

function resources(
	asker: Asker | undefined,
	account: TwilioAccount,
	setUp: TwilioSetUp,
): Readonly<Record<string, HttpReply>> {
	const base = baseOf(account);
	const { sid, senders } = setUp.messagingService;
	const service = `/v1/Services/${sid}`;
	const pool = senders.map((phone_number) => ({ phone_number }));
	return {
		[`${base}.json`]: asker === "account" ? ownerReply(account, setUp) : refused(401, 20003, "Authenticate"),
		[`${base}/IncomingPhoneNumbers.json`]: list("incoming_phone_numbers", setUp.numbers.map(numberFields)),
		[`${base}/SMS/ShortCodes.json`]: list("short_codes", []),
		"/v2/Channels/Senders": list("senders", []),
		[service]: jsonReply(200, serviceFields(account, setUp)),
		[`${service}/PhoneNumbers`]: list("phone_numbers", pool),
		[`${service}/ShortCodes`]: list("short_codes", []),
		[`${service}/AlphaSenders`]: list("alpha_senders", []),
	};
}

function applicationReply(path: string, account: TwilioAccount, { applications }: TwilioSetUp): HttpReply | undefined {
	const sid = /^\/Applications\/(AP[0-9a-f]{32})\.json$/.exec(path.slice(baseOf(account).length))?.[1] ?? "";
	const sms_url = applications[sid];
	return sms_url === undefined ? undefined : jsonReply(200, { sid, sms_url });
}

function askerOf({ headers }: HeardRequest, account: TwilioAccount): Asker | undefined {
	const pairs: readonly [Asker, string][] = [
		["account", `${account.accountSid}:${account.authToken}`],
		["key", `${account.apiKey.sid}:${account.apiKey.secret}`],
	];
	const isGiven = (pair: string) => headers.authorization === `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;
	return pairs.find(([, pair]) => isGiven(pair))?.[0];
}

function entryRefusal(request: HeardRequest, asker: Asker | undefined, setUp: TwilioSetUp): HttpReply | undefined {
	if (asker === undefined) {
		return refused(401, 20003, "Authenticate");
	}
	if (asker === "key" && setUp.keyReads !== "everything") {
		return keyRefused;
	}
	const isList = /(?:Numbers|ShortCodes|AlphaSenders|Senders)(?:\.json)?$/.test(request.path);
	const known = isList ? ["PageSize", ...(request.path.startsWith("/v2/") ? ["Channel"] : [])] : [];
	const stranger = [...request.query.keys()].find((name) => !known.includes(name));
	const size = request.query.get("PageSize") ?? "50";
	return stranger === undefined && /^(?:[1-9]\d?\d?|1000)$/.test(size)
		? undefined
		: refused(400, 20001, `Unknown parameter ${stranger ?? "PageSize"}.`);
}

function refused(status: number, code: number, message: string): HttpReply {
	return errorReply({ status, code, message });
}

const keyRefused = refused(403, 70051, "The key lacks the permission for this.");

function ownerReply({ accountSid }: TwilioAccount, { status, type }: TwilioSetUp): HttpReply {
	return jsonReply(200, {
		sid: accountSid,
		owner_account_sid: accountSid,
		friendly_name: "Simulated account",
		status,
		type,
		uri: `/2010-04-01/Accounts/${accountSid}.json`,
	});
}

function list(key: string, entries: readonly object[]): HttpReply {
	return jsonReply(200, { [key]: entries, page: 0, page_size: entries.length });
}

function numberFields({ phoneNumber, canSendMessages, smsUrl, smsApplicationSid }: SimulatedPhoneNumber): object {
	return {
		phone_number: phoneNumber,
		friendly_name: phoneNumber,
		capabilities: { voice: true, sms: canSendMessages, mms: canSendMessages },
		sms_url: smsUrl,
		sms_method: "POST",
		sms_application_sid: smsApplicationSid,
	};
}

function serviceFields({ accountSid }: TwilioAccount, { messagingService }: TwilioSetUp): object {
	return {
		sid: messagingService.sid,
		account_sid: accountSid,
		friendly_name: "Simulated service",
		inbound_request_url: messagingService.inboundUrl,
		inbound_method: "POST",
		use_inbound_webhook_on_number: messagingService.usesWebhookOfNumber,
		status_callback: messagingService.statusCallback,
	};
}
