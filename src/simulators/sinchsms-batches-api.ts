// The batches of the simulated Sinch SMS API: which requests it takes, which it refuses and with which code, and what it
// lists. Stricter than Sinch in one thing: a field that is not documented is refused.

import { type HeardRequest, type HttpReply, jsonReply } from "./kit.ts";

export type XmsAccount = { planId: string; apiToken: string };

/** How the service plan is set up. */
export type XmsPlan = {
	/** The region has it. */
	isHere: boolean;
	isBlocked: boolean;
	/** Where reports and messages go that name no address. */
	hasCallbackUrl: boolean;
	/** The only senders that it takes; undefined: any. */
	senders: readonly string[] | undefined;
	/** Senders need a campaign, and have none. */
	lacksCampaign: boolean;
};
export const wellSetUp: XmsPlan = {
	isHere: true,
	isBlocked: false,
	hasCallbackUrl: true,
	senders: undefined,
	lacksCampaign: false,
};

/** A batch of one recipient, as the service plan keeps it. */
export type Batch = {
	id: string;
	to: string;
	from: string;
	body: string;
	deliveryReport: string;
	callbackUrl: string | undefined;
	clientReference: string | undefined;
	expireAt: string | undefined;
	at: Date;
};

export type XmsRefusal = { status: number; code?: string; text: string };
type Fields = Readonly<Record<string, unknown>>;

/** A body is promised with 400 and 403 only. */
export function errorReply({ status, code, text }: XmsRefusal): HttpReply {
	return code === undefined ? { status, body: "" } : jsonReply(status, { code, text });
}

export function batchesPath({ planId }: XmsAccount): string {
	return `/xms/v1/${planId}/batches`;
}

/** A message is judged there as it would be when it is sent, and not sent. */
export function dryRunPath(account: XmsAccount): string {
	return `${batchesPath(account)}/dry_run`;
}

/** Who asks, and for which service plan. */
export function accountRefusal(request: HeardRequest, account: XmsAccount, plan: XmsPlan): XmsRefusal | undefined {
	if (request.headers.authorization !== `Bearer ${account.apiToken}`) {
		return { status: 401, text: "The token is not one of this service plan." };
	}
	if (!plan.isHere || ![batchesPath(account), dryRunPath(account)].includes(request.path)) {
		return { status: 404, text: `There is no ${request.path}.` };
	}
	return plan.isBlocked ? { status: 403, code: "blocked_account", text: "The account is blocked." } : undefined;
}

/** What the service plan has against a batch that is well in itself. */
export function planRefusal(batch: Omit<Batch, "id" | "at">, plan: XmsPlan): XmsRefusal | undefined {
	if (plan.lacksCampaign) {
		return { status: 403, code: "unknown_campaign", text: "The sender belongs to no campaign." };
	}
	if (plan.senders?.includes(batch.from) === false) {
		return { status: 400, code: "syntax_invalid_parameter_format", text: "The value of from is not valid." };
	}
	const isUntold = batch.deliveryReport !== "none" && batch.callbackUrl === undefined && !plan.hasCallbackUrl;
	return isUntold ? { status: 403, code: "missing_callback_url", text: "There is no callback URL." } : undefined;
}

export function dryRunReply(): HttpReply {
	return jsonReply(200, { number_of_recipients: 1, number_of_messages: 1 });
}

type Checked = { ok: true; batch: Omit<Batch, "id" | "at"> } | { ok: false; refusal: XmsRefusal };

function refuse(code: string, text: string, status = 400): Checked {
	return { ok: false, refusal: { status, code, text } };
}

export function checkBatch(request: HeardRequest, now: Date): Checked {
	if (request.headers["content-type"]?.split(";")[0] !== "application/json") {
		return { ok: false, refusal: { status: 415, text: "The content type is not application/json." } };
	}
	const body = readObject(request.body);
	if (body === undefined) {
		return refuse("syntax_invalid_json", "The body is not a JSON object.");
	}
	const missing = ["to", "body"].find((name) => body[name] === undefined);
	if (missing !== undefined) {
		return refuse("syntax_constraint_violation", `The field ${missing} is required.`);
	}
	const [wrong] = Object.entries(body).find(([name, value]) => fieldRules[name]?.(value) !== true) ?? [];
	if (wrong !== undefined) {
		return refuse("syntax_invalid_parameter_format", `The value of ${wrong} is not valid.`);
	}
	return expiresInTime(body["expire_at"], now)
		? { ok: true, batch: readBatch(body) }
		: refuse("syntax_constraint_violation", "expire_at must be after send_at, and at most three days after it.");
}

function readObject(text: string): Fields | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
	} catch {
		return undefined; // Not JSON; the caller says so.
	}
}

const text =
	(max: number) =>
	(value: unknown): boolean =>
		typeof value === "string" && value !== "" && value.length <= max;
const oneOf =
	(...words: readonly unknown[]) =>
	(value: unknown): boolean =>
		words.includes(value);

/** With `+`, with `00` or without; spaces, dashes and brackets do not count. */
function isRecipient(value: unknown): boolean {
	const bare = typeof value === "string" ? value.replaceAll(/[\s()-]/g, "") : "";
	return /^(?:\+|00)?[1-9]\d{4,14}$/.test(bare);
}

function isSender(value: unknown): boolean {
	return typeof value === "string" && (/^\+?\d{3,15}$/.test(value) || /^[A-Za-z0-9 &+_.-]{1,11}$/.test(value));
}

function isTime(value: unknown): boolean {
	return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

/** Documented fields of a text batch and what they may hold. */
const fieldRules: Readonly<Record<string, (value: unknown) => boolean>> = {
	to: (value) => Array.isArray(value) && value.length >= 1 && value.length <= 1000 && value.every(isRecipient),
	from: isSender,
	type: oneOf("mt_text"),
	body: text(2000),
	delivery_report: oneOf("none", "summary", "full", "per_recipient", "per_recipient_final"),
	send_at: isTime,
	expire_at: isTime,
	callback_url: (value) => text(2048)(value) && /^https?:$/.test(URL.parse(String(value))?.protocol ?? ""),
	client_reference: text(128),
	flash_message: oneOf(true, false),
	truncate_concat: oneOf(true, false),
	feedback_enabled: oneOf(true, false),
	max_number_of_message_parts: (value) => Number.isInteger(value) && Number(value) >= 1,
	from_ton: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 6,
	from_npi: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 18,
};

const lifeMaxMs = 3 * 86_400_000;

function expiresInTime(expireAt: unknown, now: Date): boolean {
	const lifeMs = typeof expireAt === "string" ? Date.parse(expireAt) - now.getTime() : 1;
	return lifeMs > 0 && lifeMs <= lifeMaxMs + 1000;
}

function readBatch(body: Fields): Omit<Batch, "id" | "at"> {
	const optional = (name: string): string | undefined => body[name] as string | undefined;
	const [to = ""] = body["to"] as string[];
	return {
		to,
		from: optional("from") ?? "",
		body: body["body"] as string,
		deliveryReport: optional("delivery_report") ?? "none",
		callbackUrl: optional("callback_url"),
		clientReference: optional("client_reference"),
		expireAt: optional("expire_at"),
	};
}

/** A number as Sinch gives it back. */
export function bareNumber(address: string): string {
	return address.replaceAll(/[\s()-]/g, "").replace(/^(?:\+|00)(?=\d)/, "");
}

export function toResource(batch: Batch): Fields {
	const at = batch.at.toISOString();
	return {
		id: batch.id,
		to: [bareNumber(batch.to)],
		from: batch.from,
		canceled: false,
		body: batch.body,
		type: "mt_text",
		created_at: at,
		modified_at: at,
		delivery_report: batch.deliveryReport,
		...(batch.expireAt === undefined ? {} : { expire_at: batch.expireAt }),
		...(batch.callbackUrl === undefined ? {} : { callback_url: batch.callbackUrl }),
		...(batch.clientReference === undefined ? {} : { client_reference: batch.clientReference }),
		flash_message: false,
	};
}

const listFields = new Set(["page", "page_size", "from", "start_date", "end_date", "client_reference"]);

/** Newest first; without `start_date` those of the last day. */
export function listReply(query: URLSearchParams, log: readonly Batch[], now: Date): HttpReply {
	const stranger = [...query.keys()].find((name) => !listFields.has(name));
	const size = Number(query.get("page_size") ?? 30);
	if (stranger !== undefined || !(size >= 1 && size <= 100)) {
		return errorReply({
			status: 400,
			code: "syntax_invalid_parameter_format",
			text: `Wrong ${stranger ?? "page_size"}.`,
		});
	}
	const since = Date.parse(query.get("start_date") ?? new Date(now.getTime() - 86_400_000).toISOString());
	const reference = query.get("client_reference");
	const found = log
		.filter(({ at, clientReference }) => at.getTime() >= since && (reference ?? clientReference) === clientReference)
		.toReversed();
	const batches = found.slice(0, size).map(toResource);
	return jsonReply(200, { count: found.length, page: 0, page_size: batches.length, batches });
}
