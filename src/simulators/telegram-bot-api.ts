// The Bot API's own judgement of a call, as strict as documented (checked 2026-11-26): token, method, every field of every
// kind of message, lengths. Stricter in three things: only JSON is taken as body, a field it does not know is refused, and
// a file must be an address. Pure.

import { type HeardRequest, type HttpReply, jsonReply } from "./kit.ts";

export type BotApiRefusal = { code: number; description: string; parameters?: Readonly<Record<string, number>> };
export type Fields = Readonly<Record<string, unknown>>;
/** A call as it was taken apart: its method in small letters, what it gives. */
export type BotApiCall = { method: string; fields: Fields };
export type CallJudgement = { ok: true; call: BotApiCall } | { ok: false; refusal: BotApiRefusal };

export function refusalReply({ code, description, parameters }: BotApiRefusal): HttpReply {
	const more = parameters === undefined ? {} : { parameters };
	return jsonReply(code, { ok: false, error_code: code, description, ...more });
}

export function bad(words: string): BotApiRefusal {
	return { code: 400, description: `Bad Request: ${words}` };
}

/** A call of a method that exists, with fields that it may have. Names of methods are read in any case. */
export function judgeCall(request: HeardRequest, token: string): CallJudgement {
	const [, given = "", name = ""] = /^\/bot([^/]*)\/(\w+)$/.exec(request.path) ?? [];
	const method = name.toLowerCase();
	const shape = shapes[method];
	if (given === "" || !["GET", "POST"].includes(request.method)) {
		return { ok: false, refusal: notFound };
	}
	if (given !== token) {
		return { ok: false, refusal: tokenRefusal(given) };
	}
	return shape === undefined ? { ok: false, refusal: notFound } : judgeFields(request, method, shape);
}

const notFound: BotApiRefusal = { code: 404, description: "Not Found" };

function tokenRefusal(given: string): BotApiRefusal {
	const isShaped = /^\d+:[\w-]+$/.test(given);
	return { code: 401, description: `Unauthorized${isShaped ? "" : ": invalid token specified"}` };
}

function judgeFields({ query, headers, body }: HeardRequest, method: string, shape: Shape): CallJudgement {
	if (body !== "" && headers["content-type"] !== "application/json") {
		return { ok: false, refusal: bad("unsupported content type of the body") };
	}
	const fields = body === "" ? Object.fromEntries(query) : readObject(body);
	if (fields === undefined) {
		return { ok: false, refusal: bad("can't parse the body as a JSON object") };
	}
	const refusal = shapeRefusal(fields, shape) ?? lengthRefusal(fields);
	return refusal === undefined ? { ok: true, call: { method, fields } } : { ok: false, refusal };
}

function readObject(text: string): Fields | undefined {
	try {
		return asFields(JSON.parse(text));
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined;
		}
		throw error;
	}
}

export function asFields(value: unknown): Fields | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** The test that a field must pass. */
type Test = (value: unknown) => boolean;
/** Each field of a call: its test, and whether it must be there. A field that is not listed is refused. */
type Shape = Readonly<Record<string, { test: Test; demanded?: true }>>;

const isText: Test = (value) => typeof value === "string";
const isBoolean: Test = (value) => typeof value === "boolean";
const isChatId: Test = (value) => typeof value === "number" && Number.isSafeInteger(value) && value !== 0;
const isLink: Test = (value) => typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
const isShaped =
	(shape: Shape): Test =>
	(value) => {
		const fields = asFields(value);
		return fields !== undefined && shapeRefusal(fields, shape) === undefined;
	};

const isMessageId: Test = (value) => typeof value === "number" && Number.isInteger(value) && value > 0;
const toChat: Shape = {
	chat_id: { test: isChatId, demanded: true },
	reply_parameters: {
		test: isShaped({
			message_id: { test: isMessageId, demanded: true },
			allow_sending_without_reply: { test: isBoolean },
		}),
	},
};
const fileOf = (kind: string): Shape => ({
	...toChat,
	[kind]: { test: isLink, demanded: true },
	caption: { test: isText },
});

/** By method, in small letters. */
const shapes: Readonly<Record<string, Shape>> = {
	getme: {},
	getwebhookinfo: {},
	getfile: { file_id: { test: isText, demanded: true } },
	setwebhook: {
		url: { test: isText, demanded: true },
		secret_token: { test: (value) => typeof value === "string" && /^[A-Za-z0-9_-]{1,256}$/.test(value) },
		allowed_updates: { test: Array.isArray },
		max_connections: { test: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 100 },
		drop_pending_updates: { test: isBoolean },
	},
	deletewebhook: { drop_pending_updates: { test: isBoolean } },
	answercallbackquery: { callback_query_id: { test: isText, demanded: true }, text: { test: isText } },
	sendmessage: {
		...toChat,
		text: { test: isText, demanded: true },
		link_preview_options: { test: isShaped({ is_disabled: { test: isBoolean } }) },
	},
	...Object.fromEntries(
		["photo", "animation", "video", "audio", "voice", "document"].map((kind) => [`send${kind}`, fileOf(kind)]),
	),
};

function shapeRefusal(fields: Fields, shape: Shape): BotApiRefusal | undefined {
	const strange = Object.keys(fields).find(
		(name) => !Object.hasOwn(shape, name) || shape[name]?.test(fields[name]) !== true,
	);
	if (strange !== undefined) {
		return bad(`invalid parameter ${strange}`);
	}
	const lacked = Object.entries(shape).find(([name, { demanded }]) => demanded === true && fields[name] === undefined);
	return lacked === undefined ? undefined : bad(`parameter ${lacked[0]} is required`);
}

function lengthRefusal({ text, caption, url }: Fields): BotApiRefusal | undefined {
	if (typeof text === "string" && text.trim() === "") {
		return bad("message text is empty");
	}
	if (typeof text === "string" && text.length > 4096) {
		return bad("message is too long");
	}
	if (typeof caption === "string" && caption.length > 1024) {
		return bad("message caption is too long");
	}
	return typeof url === "string" && url !== "" && !url.startsWith("https://")
		? bad("bad webhook: An HTTPS URL must be provided for webhook")
		: undefined;
}
