// What Wavy tells us: statuses of SMS one by one, statuses of WhatsApp and messages of contacts in lists, text messages
// also as a query. Nothing is signed. Pure and without a wait: Wavy wants its 200 within 200 ms for WhatsApp.
// As documented at https://docs.sinch.com/technical-documentation/api-and-integrations/whatsapp-api, checked 2026-11-24:
// POST /sms/wavy/<service>  {"total":1,"data":[{"id":"…","correlationId":"parley:…","sent":true,"sentStatusCode":2,…}]}

import type { ChannelEvent, ReceiptEvent, ReceiptTarget } from "#domain/messages.ts";
import type { RawRequest, Reply, VerifiedRequest } from "../contract.ts";
import { attemptOf } from "../kit/attempt-mark.ts";
import { cut } from "../kit/facts.ts";
import { fingerprint, fingerprintOfBytes, keyOf } from "../kit/fingerprint.ts";
import { whatsappAddress } from "./addressing.ts";
import { statusRow, type StatusChannel, type StatusRow } from "./codes.ts";
import {
	type Fields,
	fieldsFrom,
	fieldsOf,
	isTrueAt,
	numberAt,
	readLooseJson,
	remoteIdAt,
	textAt,
	timeAt,
} from "./fields.ts";
import type { WavyConfig } from "./form.ts";
import { readMessage } from "./message-content.ts";

const itemsMax = 1000; // Ours; Wavy names no limit. More are left to a person, in one piece.

export function ack(): Reply {
	return { status: 200 };
}

/** One message or status as it came, and the shape it came in. */
type Item = { value: unknown; fields: Fields | undefined; channel: StatusChannel };

export function accountsNamed(req: RawRequest): readonly string[] {
	const named = itemsOf(req).items.flatMap(accountsOfItem);
	return [...new Set(named)];
}

function accountsOfItem({ fields }: Item): readonly string[] {
	const given = fields === undefined ? [] : [subAccountOf(fields), originOf(fields), textAt(fields, "shortcode")];
	return given.filter((account) => account !== undefined);
}

export function accountsOf({ subAccount, whatsappNumber, shortCode }: WavyConfig): readonly string[] {
	const whatsapp = whatsappNumber === undefined ? undefined : `whatsapp:${whatsappNumber}`;
	return [subAccount, whatsapp, shortCode].filter((account) => account !== undefined);
}

function subAccountOf(fields: Fields): string | undefined {
	return textAt(fields, "subaccount")?.toLowerCase();
}

/** Our WhatsApp number. */
function originOf(fields: Fields): string | undefined {
	return whatsappAddress(textAt(fields, "origin") ?? "");
}

export function parse(req: VerifiedRequest, config: WavyConfig): readonly ChannelEvent[] {
	const { items, count } = itemsOf(req);
	if (count === 0 || count > itemsMax) {
		const reason =
			count === 0
				? "The request holds no message and no status that can be read."
				: `The list has ${count} entries; at most ${itemsMax} can be read.`;
		return [{ kind: "unreadable", reason, dedupKey: `unreadable:${fingerprintOfBytes(req.body)}` }];
	}
	return items.map((item) => eventOf(item, config));
}

/** The lists that the provider's pages know by name. */
const lists = ["data", "messages", "statuses"];

type Items = { items: readonly Item[]; count: number };

function itemsOf(req: RawRequest): Items {
	if (req.method === "GET") {
		const query = URL.parse(req.url)?.searchParams ?? new URLSearchParams();
		const value = Object.fromEntries(query);
		const items: readonly Item[] = query.size === 0 ? [] : [{ value, fields: fieldsFrom(query), channel: "sms" }];
		return { items, count: items.length };
	}
	const body = readLooseJson(req.body);
	const fields = fieldsOf(body);
	const named = lists.map((name) => fields?.values.get(name)).filter((list) => Array.isArray(list));
	if (named.length > 0) {
		return firstOf(named.flat(), "whatsapp");
	}
	const single = Array.isArray(body) ? (body as readonly unknown[]) : [body].filter((value) => value !== undefined);
	return firstOf(single, "sms");
}

/** No more than can be read is taken apart: anybody may send a list, and this is done before it is known who did. */
function firstOf(values: readonly unknown[], channel: Item["channel"]): Items {
	const items = values.slice(0, itemsMax).map((value) => ({ value, fields: fieldsOf(value), channel }));
	return { items, count: values.length };
}

function eventOf(item: Item, config: WavyConfig): ChannelEvent {
	const { value, fields } = item;
	if (fields === undefined) {
		return unreadable(value, "This is not a JSON object.");
	}
	if (fields.twice !== undefined) {
		return unreadable(value, `The field ${JSON.stringify(cut(fields.twice, 40))} occurs twice.`);
	}
	const account = foreignAccount(fields, config);
	if (account !== undefined) {
		return { kind: "foreign", account: cut(account, 100), dedupKey: `foreign:${fingerprint(value)}` };
	}
	const read = isMessage(fields) ? readMessage(value, fields, config) : readStatus(item, fields);
	return typeof read === "string" ? unreadable(value, read) : read;
}

/** Nothing proves the account, so what is said of it counts only where an administrator entered which one is ours. */
function foreignAccount(fields: Fields, config: WavyConfig): string | undefined {
	const subAccount = subAccountOf(fields);
	if (subAccount !== undefined && config.subAccount !== undefined && subAccount !== config.subAccount) {
		return subAccount;
	}
	const ours = config.whatsappNumber;
	const given = textAt(fields, "origin");
	// Compared as digits first: taking a number apart is the dearest step of reading a status.
	if (ours === undefined || given === undefined || `+${given}` === ours) {
		return undefined;
	}
	const origin = originOf(fields);
	return origin === `whatsapp:${ours}` ? undefined : origin;
}

function isMessage({ values }: Fields): boolean {
	return values.has("message") || values.has("messagetext");
}

function unreadable(value: unknown, reason: string): ChannelEvent {
	return { kind: "unreadable", reason, dedupKey: `unreadable:${fingerprint(value)}` };
}

/** The receipt, or why there is none. */
function readStatus({ value, channel }: Item, fields: Fields): ReceiptEvent | string {
	const target = targetOf(fields);
	if (target === undefined) {
		return "It is no message, and no status that says which message it is about.";
	}
	const status = statusOf(fields, channel);
	if (typeof status === "string") {
		return status;
	}
	const { becomes, row, code } = status;
	const at = timeAt(fields, times[becomes]);
	const ids = [textAt(fields, "id") ?? textAt(fields, "correlationid"), becomes, String(code ?? "")];
	const receipt = {
		kind: "receipt",
		dedupKey: keyOf("receipt", ids, value),
		...(at === undefined ? {} : { at }),
		target,
	} as const;
	return becomes === "failed"
		? { ...receipt, status: becomes, fault: faultOf(row, code) }
		: { ...receipt, status: becomes };
}

/** By the provider's id and, where the message is one of ours, by the attempt that stands in `correlationId`. */
function targetOf(fields: Fields): ReceiptTarget | undefined {
	const remoteId = remoteIdAt(fields);
	const attemptId = attemptOf(textAt(fields, "correlationid"));
	if (remoteId !== undefined) {
		return attemptId === undefined ? { by: "remote", remoteId } : { by: "remote", remoteId, attemptId };
	}
	return attemptId === undefined ? undefined : { by: "attempt", attemptId };
}

type Status = { becomes: ReceiptEvent["status"]; row: StatusRow | undefined; code: number | undefined };

/**
 * A status is a snapshot and tells everything so far, so the later step decides: delivery, where something is said about
 * it, else sending. `read` has a flag of its own. Flags alone count where neither word nor number is given.
 */
function statusOf(fields: Fields, channel: StatusChannel): Status | string {
	for (const step of ["delivered", "sent"]) {
		const word = textAt(fields, `${step}status`);
		const code = numberAt(fields, `${step}statuscode`) || undefined; // 0 stands for nothing yet.
		if (word === undefined && code === undefined) {
			continue;
		}
		const row = statusRow(channel, word, code);
		if (row === undefined) {
			return `The status ${JSON.stringify(cut(word ?? String(code), 40))} is not known.`;
		}
		const isRead = row.becomes === "delivered" && isTrueAt(fields, "read");
		return { becomes: isRead ? "read" : row.becomes, row, code: code ?? row.code };
	}
	const flag = (["read", "delivered", "sent"] as const).find((name) => isTrueAt(fields, name));
	return flag === undefined
		? "The status says neither sent nor delivered nor failed."
		: { becomes: flag, row: undefined, code: undefined };
}

const sentTimes = ["sentat", "sentstatusat", "sentdate", "sentstatusdate"];
const deliveredTimes = ["deliveredat", "delivereddate"];
const times: Readonly<Record<ReceiptEvent["status"], readonly string[]>> = {
	sent: sentTimes,
	delivered: deliveredTimes,
	read: ["readat", "readdate"],
	failed: [...deliveredTimes, ...sentTimes, "updatedat", "updateddate"],
};

function faultOf(row: StatusRow | undefined, code: number | undefined): NonNullable<ReceiptEvent["fault"]> {
	const named = row === undefined ? "no reason" : `${row.word}: ${row.meaning}`;
	const fault = { code: row?.fault ?? "unreachable", detail: `Wavy reports a failure (${named}).` } as const;
	return code === undefined ? fault : { ...fault, providerCode: String(code) };
}
