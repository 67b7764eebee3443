// What Twilio tells us: messages of contacts and status callbacks as forms, events as JSON. Pure; what cannot be read
// becomes an `unreadable` event, what speaks about another account a `foreign` one.
// As documented at https://www.twilio.com/docs/messaging/guides/webhook-request, checked 2026-11-24, for example
// POST /sms/twilio/<service>  MessageSid=SM…&AccountSid=AC…&From=%2B15550100002&To=%2B15550100001&Body=Hi&NumMedia=0

import { createHash } from "node:crypto";
import type { ActivityEvent, Attachment, ChannelEvent, MessageEvent, ReceiptEvent } from "#domain/messages.ts";
import { type AttemptId, type RemoteId, isId } from "#domain/ids.ts";
import { asArray, asObject, asText, readJson } from "../kit/http.ts";
import type { RawRequest, Reply, VerifiedRequest } from "../contract.ts";
import { channelOf, withPrefix } from "./addressing.ts";
import { brokenMessage } from "./borders.ts";
import { messageStatuses, receiptCodes, sendCodes } from "./codes.ts";
import { type TwilioConfig, sidSpelling } from "./form.ts";
import { type Carried, type Parameters, readRequest } from "./signature.ts";

type Fields = ReadonlyMap<string, string>;

const itemsMax = 1000; // Events of one JSON body; more are left to a person, in one piece.

export function ack(): Reply {
	return { status: 200, contentType: "text/xml", body: '<?xml version="1.0" encoding="UTF-8"?><Response/>' };
}

export function accountsNamed(req: RawRequest): readonly string[] {
	const carried = readRequest(req);
	if (carried === undefined) {
		return [];
	}
	const named =
		carried.kind === "json"
			? jsonItems(carried.body).map(accountOfItem)
			: ownParameters(carried).flatMap(([name, value]) => (name === "AccountSid" ? [value] : []));
	const known = named.flatMap((account) => (account === undefined || account === "" ? [] : [sidSpelling(account)]));
	return [...new Set(known)];
}

export function accountsOf(config: TwilioConfig): readonly string[] {
	return config.accountSid === undefined ? [] : [config.accountSid];
}

/** A status callback to the address that `outbound.ts` names with each message: known by the attempt in its query. */
export function isOwnCallback(req: RawRequest): boolean {
	const carried = readRequest(req);
	if (carried?.kind !== "form" || attemptOf(carried.query) === undefined) {
		return false;
	}
	const status = messageStatuses.get(firstText(new Map(carried.form), ["MessageStatus", "SmsStatus"]) ?? "received");
	return status !== undefined && status !== "incoming";
}

export function parse(req: VerifiedRequest, config: TwilioConfig): readonly ChannelEvent[] {
	const carried = readRequest(req);
	if (carried === undefined) {
		return [unreadable(req, "The request is neither a form nor JSON.")];
	}
	if (carried.kind === "json") {
		return parseJson(req, carried.body, config);
	}
	const twice = repeatedName(carried);
	if (twice !== undefined) {
		return [unreadable(req, `The parameter ${twice} occurs twice.`)];
	}
	return parseFields(req, new Map(ownParameters(carried)), attemptOf(carried.query), config);
}

/** The parameters in which Twilio tells something: the form, or with GET the query. */
function ownParameters(carried: Exclude<Carried, { kind: "json" }>): Parameters {
	return carried.kind === "form" ? carried.form : carried.query;
}

const mediaName = /^Media(?:Url|ContentType)\d$/;
const scalars = new Set([
	..."AccountSid MessageSid SmsMessageSid SmsSid From To Body NumMedia MessageStatus SmsStatus ErrorCode".split(" "),
	..."ErrorMessage RawDlrDoneDate ProfileName WaId Latitude Longitude Label Address ButtonPayload ListId".split(" "),
	..."OriginalRepliedMessageSid OptOutType attempt".split(" "),
]);

/** A name that we read and that is there twice: libraries disagree about which value counts, so none does. */
function repeatedName(carried: Exclude<Carried, { kind: "json" }>): string | undefined {
	const seen = new Set<string>();
	const attempts = carried.kind === "form" ? carried.query.filter(([name]) => name === "attempt") : [];
	for (const [name] of [...ownParameters(carried), ...attempts]) {
		if (seen.has(name) && (scalars.has(name) || mediaName.test(name))) {
			return name;
		}
		seen.add(name);
	}
	return undefined;
}

function attemptOf(query: Parameters): AttemptId | undefined {
	const value = query.find(([name]) => name === "attempt")?.[1];
	return value !== undefined && isId(value) ? (value as AttemptId) : undefined;
}

function parseFields(
	req: RawRequest,
	fields: Fields,
	attemptId: AttemptId | undefined,
	config: TwilioConfig,
): readonly ChannelEvent[] {
	const sid = firstText(fields, ["MessageSid", "SmsMessageSid", "SmsSid"]);
	const obstacle = accountObstacle(req, fields.get("AccountSid") ?? "", config);
	if (obstacle !== undefined) {
		return [obstacle];
	}
	if (sid === undefined || sid.length > 64) {
		return [unreadable(req, "The request names no MessageSid.")];
	}
	const word = firstText(fields, ["MessageStatus", "SmsStatus"]) ?? "received";
	const status = messageStatuses.get(word);
	if (status === undefined) {
		return [unreadable(req, `The message status ${JSON.stringify(cut(word, 40))} is not known.`)];
	}
	if (status !== "incoming") {
		return [receipt(fields, { sid, word, status, attemptId })];
	}
	if (word !== "received" || !(fields.has("Body") || fields.has("NumMedia"))) {
		return [{ kind: "activity", name: word, dedupKey: `${word}:${sid}`, remoteId: sid as RemoteId, facts: {} }];
	}
	return incoming(req, fields, { sid, config });
}

function incoming(
	req: RawRequest,
	fields: Fields,
	{ sid, config }: { sid: string; config: TwilioConfig },
): readonly ChannelEvent[] {
	const channel = channelBetween(fields.get("From") ?? "", fields.get("To") ?? "", fields.has("WaId"));
	if (channel === undefined) {
		return [unreadable(req, "The message names no known channel.")];
	}
	const broken = brokenMessage(fields, channel);
	return broken === undefined ? message(fields, { sid, channel }, config) : [unreadable(req, broken)];
}

/** The token proves an account of Twilio; whether it is ours, the request must say itself. */
function accountObstacle(req: RawRequest, account: string, config: TwilioConfig): ChannelEvent | undefined {
	if (account === "") {
		return unreadable(req, "The request names no AccountSid.");
	}
	return sidSpelling(account) === config.accountSid
		? undefined
		: { kind: "foreign", account: cut(account, 64), dedupKey: fingerprint("foreign", req) };
}

type ReceiptFacts = {
	sid: string;
	word: string;
	status: ReceiptEvent["status"];
	attemptId: AttemptId | undefined;
};

function receipt(fields: Fields, { sid, word, status, attemptId }: ReceiptFacts): ReceiptEvent {
	const remoteId = sid as RemoteId;
	const code = fields.get("ErrorCode") ?? "";
	return {
		kind: "receipt",
		dedupKey: `receipt:${sid}:${word}:${cut(code, 20)}:${cut(fields.get("RawDlrDoneDate") ?? "", 20)}`,
		target: attemptId === undefined ? { by: "remote", remoteId } : { by: "attempt", attemptId, remoteId },
		status,
		...(status === "failed" ? { fault: faultOf(word, code) } : {}),
	};
}

function faultOf(word: string, code: string): NonNullable<ReceiptEvent["fault"]> {
	if (word === "canceled") {
		return { code: "config", detail: "The message was cancelled at Twilio." };
	}
	const known = receiptCodes.get(Number(code)) ?? sendCodes.get(Number(code));
	const says = code === "" ? "no error code" : `error ${cut(code, 20)}`;
	const detail = `Twilio reports ${word} (${says}${known === undefined ? "" : `: ${known.meaning}`}).`;
	const fault = { code: known?.fault ?? "unreachable", detail } as const;
	return code === "" ? fault : { ...fault, providerCode: cut(code, 20) };
}

function message(
	fields: Fields,
	{ sid, channel }: { sid: string; channel: string },
	config: TwilioConfig,
): readonly ChannelEvent[] {
	const from = fields.get("From") ?? "";
	const to = fields.get("To") ?? "";
	const name = asText(fields.get("ProfileName"));
	const location = locationOf(fields);
	const replyTo = asText(fields.get("OriginalRepliedMessageSid"));
	const choice = firstText(fields, ["ButtonPayload", "ListId"]);
	const media = mediaOf(fields, config);
	const event: MessageEvent = {
		kind: "message",
		dedupKey: `message:${sid}`,
		remoteId: sid as RemoteId,
		channel,
		ourAddress: withPrefix(to, channel),
		contact: { address: withPrefix(from, channel), ...(name === undefined ? {} : { name }) },
		text: fields.get("Body") ?? "",
		attachments: media.attachments,
		...(location === undefined ? {} : { location }),
		...(replyTo === undefined ? {} : { replyTo: replyTo as RemoteId }),
		...(choice === undefined ? {} : { choice }),
		metadata: { ...metadataOf(fields), ...media.refused },
	};
	return [event, ...optOut(fields, event)];
}

/** The prefix of one side may be missing (seen with WhatsApp): the other side's, or the WhatsApp id, then tells. */
function channelBetween(from: string, to: string, hasWhatsappId: boolean): string | undefined {
	const channels = new Set([channelOf(from), channelOf(to)]);
	if (channels.size === 1) {
		const [only] = channels;
		return only === "sms" && hasWhatsappId ? "whatsapp" : only;
	}
	channels.delete("sms");
	return channels.size === 1 ? [...channels][0] : undefined;
}

function locationOf(fields: Fields): MessageEvent["location"] | undefined {
	const [latitude, longitude] = ["Latitude", "Longitude"].map((name) => Number(asText(fields.get(name)) ?? Number.NaN));
	if (latitude === undefined || longitude === undefined) {
		return undefined;
	}
	if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
		return undefined;
	}
	const label = firstText(fields, ["Label", "Address"]);
	return { latitude, longitude, ...(label === undefined ? {} : { label }) };
}

const mediaMax = 10; // NumMedia as documented.

type Media = { attachments: readonly Attachment[]; refused: Readonly<Record<string, string>> };

/** Links to elsewhere are not followed, but said: a signed request of Twilio has none. */
function mediaOf(fields: Fields, config: TwilioConfig): Media {
	const attachments: Attachment[] = [];
	const refused: Record<string, string> = {};
	const count = Math.min(Number(fields.get("NumMedia") ?? 0) || 0, mediaMax);
	for (let index = 0; index < count; index++) {
		const url = asText(fields.get(`MediaUrl${index}`));
		const contentType = asText(fields.get(`MediaContentType${index}`));
		if (url !== undefined && isTwilioAddress(url, config)) {
			attachments.push({ url, ...(contentType === undefined ? {} : { contentType }) });
		} else {
			refused[`mediaRefused${index}`] = cut(url ?? "no address", 500);
		}
	}
	return { attachments, refused };
}

function isTwilioAddress(address: string, config: TwilioConfig): boolean {
	const url = URL.parse(address);
	if (url === null || url.username !== "" || url.password !== "") {
		return false;
	}
	const isTwilio = url.hostname === "twilio.com" || url.hostname.endsWith(".twilio.com");
	return url.origin === config.origin || (url.protocol === "https:" && isTwilio);
}

/** Names that are read elsewhere, or that say the same in every request. */
const notMetadata = new Set([
	..."AccountSid ApiVersion MessageSid SmsMessageSid SmsSid SmsStatus MessageStatus From To Body".split(" "),
	..."NumMedia ProfileName Latitude Longitude Label ButtonPayload ListId OriginalRepliedMessageSid attempt".split(" "),
]);
const metadataMax = 50;

/** Everything else that Twilio tells, as it adds parameters without notice. */
function metadataOf(fields: Fields): Readonly<Record<string, string>> {
	const told = [...fields].filter(([name, value]) => value !== "" && !notMetadata.has(name) && !mediaName.test(name));
	return Object.fromEntries(told.slice(0, metadataMax).map(([name, value]) => [cut(name, 100), cut(value, 500)]));
}

const optOutTypes = new Map<string, { name: string; state: "refused" | "granted" }>([
	["STOP", { name: "opt-out", state: "refused" }],
	["START", { name: "opt-in", state: "granted" }],
]);

/** Twilio's Advanced Opt-Out has already acted on such a text; the activity tells it. */
function optOut(fields: Fields, { remoteId, channel, ourAddress, contact }: MessageEvent): readonly ActivityEvent[] {
	const type = fields.get("OptOutType") ?? "";
	const known = optOutTypes.get(type);
	if (known === undefined) {
		return [];
	}
	const { name, state } = known;
	const about = { dedupKey: `${name}:${remoteId}`, remoteId, ourAddress, contact };
	return [{ kind: "activity", name, ...about, consent: { state, channel }, facts: { optOutType: type } }];
}

function jsonItems(body: Uint8Array): readonly unknown[] {
	const value = readJson(body);
	return Array.isArray(value) ? asArray(value) : [value];
}

function accountOfItem(item: unknown): string | undefined {
	const data = asObject(asObject(item)?.["data"]);
	return asText(data?.["accountSid"]) ?? asText(data?.["AccountSid"]);
}

/** Event Streams and Studio post JSON (CloudEvents). They tell about messages but carry none: kept as activities. */
function parseJson(req: RawRequest, body: Uint8Array, config: TwilioConfig): readonly ChannelEvent[] {
	const items = jsonItems(body);
	return items.length === 0 || items.length > itemsMax
		? [unreadable(req, `The list has ${items.length} events; 1 to ${itemsMax} can be read.`)]
		: items.map((item, index) => activity(item, `${fingerprint("body", req)}:${index}`, config));
}

function activity(item: unknown, fallbackKey: string, config: TwilioConfig): ChannelEvent {
	const event = asObject(item);
	const name = asText(event?.["type"]);
	if (event === undefined || name === undefined) {
		return { kind: "unreadable", reason: "The JSON is no event of Twilio.", dedupKey: `unreadable:${fallbackKey}` };
	}
	const key = asText(event["id"]) ?? fallbackKey;
	const account = accountOfItem(item);
	if (account !== undefined && sidSpelling(account) !== config.accountSid) {
		return { kind: "foreign", account: cut(account, 64), dedupKey: `foreign:${cut(key, 100)}` };
	}
	const data = asObject(event["data"]) ?? {};
	const remoteId = asText(data["messageSid"]);
	return {
		kind: "activity",
		name: cut(name, 100),
		dedupKey: `event:${cut(key, 100)}`,
		...(remoteId === undefined ? {} : { remoteId: remoteId as RemoteId }),
		facts: factsOf(data),
	};
}

function factsOf(data: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
	const facts: [string, string][] = [];
	for (const [name, value] of Object.entries(data).slice(0, metadataMax)) {
		if (typeof value === "string" || typeof value === "number") {
			facts.push([cut(name, 100), cut(String(value), 500)]);
		}
	}
	return Object.fromEntries(facts);
}

function firstText(fields: Fields, names: readonly string[]): string | undefined {
	for (const name of names) {
		const value = asText(fields.get(name));
		if (value !== undefined) {
			return value;
		}
	}
	return undefined;
}

function unreadable(req: RawRequest, reason: string): ChannelEvent {
	return { kind: "unreadable", reason, dedupKey: fingerprint("unreadable", req) };
}

/** The same for every delivery of one request: Twilio repeats URL and body, only headers change. */
function fingerprint(kind: string, req: RawRequest): string {
	return `${kind}:${createHash("sha256").update(`${req.method} ${req.url}\n`).update(req.body).digest("hex")}`;
}

function cut(text: string, max: number): string {
	return text.length <= max ? text : text.slice(0, max).toWellFormed();
}
