// From what an account, or a Messaging Service of it, can send, and where each sender's incoming messages go.

import { asArray, asObject, asText } from "../kit/http.ts";
import { noted, refusal } from "../kit/check-steps.ts";
import type { CheckStep } from "../contract.ts";
import { accountUrl, messagingUrl, type TwilioApi } from "./resources.ts";

export type Sender = { name: string; sends: boolean; url: string | undefined };

type Fields = Readonly<Record<string, unknown>>;
type Listed = { ok: true; entries: readonly Fields[] } | { ok: false; step: CheckStep };
type Senders = { ok: true; senders: readonly Sender[] } | { ok: false; step: CheckStep };

const pageSize = 100; // A check needs to see that there are some, and where they lead; not all of a thousand.

/** Numbers, else short codes, else WhatsApp senders: the next list is asked only where the one before is empty. */
export async function sendersOfAccount(api: TwilioApi): Promise<Senders> {
	const base = accountUrl(api);
	const lists = [
		{ url: `${base}/IncomingPhoneNumbers.json`, field: "incoming_phone_numbers", read: numberOf },
		{ url: `${base}/SMS/ShortCodes.json`, field: "short_codes", read: numberOf },
		{
			url: messagingUrl(api.origin, "v2/Channels/Senders"),
			field: "senders",
			read: channelSenderOf,
			channel: "whatsapp",
		},
	];
	for (const { url, field, read, channel } of lists) {
		const listed = await entriesOf(api, url, { field, channel });
		if (!listed.ok) {
			return listed;
		}
		if (listed.entries.length > 0) {
			return { ok: true, senders: await Promise.all(listed.entries.map((entry) => read(entry, api))) };
		}
	}
	return { ok: true, senders: [] };
}

/** How many senders a Messaging Service has, as far as anybody needs to know. */
export async function sendersOfService(
	api: TwilioApi,
	serviceSid: string,
): Promise<{ ok: true; count: number } | { ok: false; step: CheckStep }> {
	const lists = { PhoneNumbers: "phone_numbers", ShortCodes: "short_codes", AlphaSenders: "alpha_senders" };
	for (const [resource, field] of Object.entries(lists)) {
		const listed = await entriesOf(api, messagingUrl(api.origin, `v1/Services/${serviceSid}/${resource}`), { field });
		if (!listed.ok || listed.entries.length > 0) {
			return listed.ok ? { ok: true, count: listed.entries.length } : listed;
		}
	}
	return { ok: true, count: 0 };
}

async function entriesOf(
	{ ask }: TwilioApi,
	url: string,
	{ field, channel }: { field: string; channel?: string | undefined },
): Promise<Listed> {
	const query = new URLSearchParams(channel === undefined ? {} : { Channel: channel });
	query.set("PageSize", String(pageSize));
	const told = await ask("sender", `${url}?${query.toString()}`);
	if (!told.ok) {
		return told;
	}
	if (told.status !== 200) {
		return { ok: false, step: unreadable(told.status, field.replaceAll("_", " ")) };
	}
	return {
		ok: true,
		entries: asArray(told.fields[field])
			.map(asObject)
			.filter((entry) => entry !== undefined),
	};
}

/** Credentials that may send need not be allowed to look; then nothing is known, which is no fault. */
export function unreadable(status: number, what: string): CheckStep {
	return status === 401 || status === 403
		? noted(
				"sender",
				"senders_not_told",
				`These credentials may not read the account's ${what}; senders and webhooks stay unchecked.`,
				"Let the key read numbers and Messaging Services, and check again.",
			)
		: refusal("Twilio", "sender", status);
}

/** A number or a short code. An application entered for it stands before its own webhook. */
async function numberOf(entry: Fields, api: TwilioApi): Promise<Sender> {
	const capabilities = asObject(entry["capabilities"]);
	const sends = capabilities === undefined || capabilities["sms"] === true || capabilities["SMS"] === true;
	const application = asText(entry["sms_application_sid"]);
	const url = application === undefined ? asText(entry["sms_url"]) : await urlOfApplication(application, api);
	return { name: asText(entry["phone_number"]) ?? asText(entry["short_code"]) ?? "one without a name", sends, url };
}

async function urlOfApplication(sid: string, api: TwilioApi): Promise<string | undefined> {
	const told = await api.ask("webhook", `${accountUrl(api)}/Applications/${encodeURIComponent(sid)}.json`);
	return told.ok ? asText(told.fields["sms_url"]) : undefined;
}

function channelSenderOf(entry: Fields): Promise<Sender> {
	const url = asText(asObject(entry["webhook"])?.["callback_url"]);
	return Promise.resolve({ name: asText(entry["sender_id"]) ?? "one without a name", sends: true, url });
}
