// The Messages API's own judgement of a call, as strict as documented (checked 2026-11-26): path, token, every field of
// every kind of message, the reply window. Stricter in one thing: a field it does not know is refused. Pure.

import { createHmac } from "node:crypto";
import { type HeardRequest, type HttpReply, jsonReply } from "./kit.ts";

export type SimulatedNumber = { phoneNumberId: string; token: string; appSecret: string };
/** A message as taken: to whom, what, and the data that comes back in its statuses. */
export type SendRequest = { to: string; text: string; type: string; callbackData: string | undefined };
export type CloudRefusal = { status: number; code: number; subcode?: number; title: string; details: string };
export type SendJudgement = { ok: true; send: SendRequest } | { ok: false; refusal: CloudRefusal };

type Fields = Readonly<Record<string, unknown>>;

export const apiVersion = "v25.0";
const windowMs = 24 * 3_600_000;

export function errorReply({ status, code, subcode, title, details }: CloudRefusal): HttpReply {
	const error_data = { messaging_product: "whatsapp", details };
	const sub = subcode === undefined ? {} : { error_subcode: subcode };
	const error = { message: `(#${code}) ${title}`, type: "OAuthException", code, ...sub, error_data };
	return jsonReply(status, { error: { ...error, fbtrace_id: "simulated" } });
}

export function tokenRefusal({ headers }: HeardRequest, { token }: SimulatedNumber): CloudRefusal | undefined {
	return headers.authorization === `Bearer ${token}`
		? undefined
		: { status: 401, code: 190, title: "Access token has expired", details: "Invalid OAuth access token." };
}

/** `agoMs`: how long ago that person wrote to the number; undefined for somebody the simulator has not heard of. */
export function judgeSend(
	request: HeardRequest,
	number: SimulatedNumber,
	agoMs: (person: string) => number | undefined,
): SendJudgement {
	const body = readObject(request.body);
	const refusal = callRefusal(request, number) ?? bodyRefusal(body) ?? proofRefusal(body, number);
	if (refusal !== undefined || body === undefined) {
		return { ok: false, refusal: refusal ?? invalid("The body is not a JSON object.") };
	}
	const to = textOf(body["to"]) ?? textOf(body["recipient"]) ?? "";
	const type = textOf(body["type"]) ?? "";
	const lastWrote = agoMs(to);
	if (type !== "template" && lastWrote !== undefined && lastWrote > windowMs) {
		const details = "More than 24 hours have passed since the recipient last replied to the sender number.";
		return { ok: false, refusal: { status: 400, code: 131047, title: "Re-engagement message", details } };
	}
	return { ok: true, send: { to, type, text: shownText(type, body), callbackData: textOf(body[callbackField]) } };
}

const callbackField = "biz_opaque_callback_data";

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

function asFields(value: unknown): Fields | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function textOf(value: unknown): string | undefined {
	return typeof value === "string" && value !== "" ? value : undefined;
}

/** What the person sees: the text, the address of the file, or the template's name. */
function shownText(type: string, body: Fields): string {
	const content = asFields(body[type]);
	return textOf(content?.["body"]) ?? textOf(content?.["link"]) ?? textOf(content?.["name"]) ?? "";
}

function invalid(details: string): CloudRefusal {
	return { status: 400, code: 100, title: "Invalid parameter", details };
}

function missing(details: string): CloudRefusal {
	return { status: 400, code: 131008, title: "Required parameter is missing", details };
}

function callRefusal(
	{ method, path, query, headers }: HeardRequest,
	number: SimulatedNumber,
): CloudRefusal | undefined {
	if (method !== "POST" || !/^\/v25\.0\/[^/]+\/messages$/.test(path) || query.size > 0) {
		return { status: 400, code: 2500, title: "Unknown path components", details: `${method} ${path}` };
	}
	if (path !== `/${apiVersion}/${number.phoneNumberId}/messages`) {
		const details = "The object does not exist, or the token lacks the permission for it.";
		return { status: 400, code: 100, subcode: 33, title: "Unsupported post request", details };
	}
	return headers["content-type"] === "application/json" ? undefined : invalid("Content-Type is not JSON.");
}

function proofRefusal(body: Fields | undefined, { appSecret, token }: SimulatedNumber): CloudRefusal | undefined {
	const given = body?.["appsecret_proof"];
	const expected = createHmac("sha256", appSecret).update(token).digest("hex");
	return given === undefined || given === expected ? undefined : invalid("Invalid appsecret_proof.");
}

/** The test that a field must pass. */
type Test = (value: unknown) => boolean;
/** Each field of an object: its test, and whether it must be there. A field that is not listed is refused. */
type Shape = Readonly<Record<string, { test: Test; demanded?: true }>>;

const isText =
	(charactersMax: number): Test =>
	(value) =>
		typeof value === "string" && value.trim() !== "" && Array.from(value).length <= charactersMax;
const matches =
	(pattern: RegExp): Test =>
	(value) =>
		typeof value === "string" && pattern.test(value);
const isBoolean: Test = (value) => typeof value === "boolean";
const isLink: Test = (value) => typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
const isShaped =
	(shape: Shape): Test =>
	(value) => {
		const fields = asFields(value);
		return (
			fields !== undefined && strangeField(fields, shape) === undefined && lackedField(fields, shape) === undefined
		);
	};
const isListOf =
	(max: number, test: Test): Test =>
	(value) =>
		Array.isArray(value) && value.length > 0 && value.length <= max && value.every(test);

function strangeField(fields: Fields, shape: Shape): string | undefined {
	return Object.keys(fields).find((name) => !Object.hasOwn(shape, name) || shape[name]?.test(fields[name]) !== true);
}

function lackedField(fields: Fields, shape: Shape): string | undefined {
	return Object.entries(shape).find(([name, { demanded }]) => demanded === true && fields[name] === undefined)?.[0];
}

const link = { test: isLink, demanded: true } as const;
const caption = { test: isText(1024) };
const media = isShaped({ link, caption });
const file = isShaped({ link, filename: { test: isText(240) } });
const textParameter = isShaped({
	type: { test: matches(/^text$/), demanded: true },
	text: { test: isText(1024), demanded: true },
	parameter_name: { test: matches(/^[a-z0-9_]+$/) },
});
const fileParameters = ["image", "video", "document"].map((kind) =>
	isShaped({
		type: { test: (value) => value === kind, demanded: true },
		[kind]: { test: kind === "document" ? file : media, demanded: true },
	}),
);
const buttonParameters: readonly Test[] = [
	isShaped({ type: { test: matches(/^text$/), demanded: true }, text: { test: isText(2000), demanded: true } }),
	isShaped({ type: { test: matches(/^payload$/), demanded: true }, payload: { test: isText(256), demanded: true } }),
	isShaped({
		type: { test: matches(/^coupon_code$/), demanded: true },
		coupon_code: { test: isText(20), demanded: true },
	}),
];
const subTypes = ["url", "quick_reply", "copy_code"];

function isComponent(value: unknown): boolean {
	const type = asFields(value)?.["type"];
	const typed = { test: matches(/^(?:header|body|button)$/), demanded: true } as const;
	if (type === "button") {
		const subType = asFields(value)?.["sub_type"];
		const parameter = buttonParameters[subTypes.indexOf(String(subType))] ?? (() => false);
		return isShaped({
			type: typed,
			sub_type: { test: matches(/^[a-z_]+$/), demanded: true },
			index: { test: matches(/^\d$/), demanded: true },
			parameters: { test: isListOf(1, parameter), demanded: true },
		})(value);
	}
	const isHeader = type === "header";
	const parameter: Test = (given) => textParameter(given) || (isHeader && fileParameters.some((test) => test(given)));
	return isShaped({ type: typed, parameters: { test: isListOf(isHeader ? 1 : 50, parameter), demanded: true } })(value);
}

const language = isShaped({ code: { test: matches(/^[a-z]{2,3}(?:_[A-Z]{2})?$/), demanded: true } });
/** By type: what the object of the same name must look like. */
const contents: Readonly<Record<string, Test>> = {
	text: isShaped({ body: { test: isText(4096), demanded: true }, preview_url: { test: isBoolean } }),
	image: media,
	video: media,
	audio: isShaped({ link }),
	sticker: isShaped({ link }),
	document: isShaped({ link, caption, filename: { test: isText(240) } }),
	template: isShaped({
		name: { test: matches(/^[a-z0-9_]{1,512}$/), demanded: true },
		language: { test: language, demanded: true },
		components: { test: isListOf(12, isComponent) },
	}),
};

const envelope: Shape = {
	messaging_product: { test: matches(/^whatsapp$/), demanded: true },
	recipient_type: { test: matches(/^individual$/) },
	to: { test: matches(/^\+?[1-9]\d{3,14}$/) },
	recipient: { test: matches(/^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/) },
	type: { test: (value) => typeof value === "string" && Object.hasOwn(contents, value), demanded: true },
	context: { test: isShaped({ message_id: { test: isText(512), demanded: true } }) },
	[callbackField]: { test: isText(512) },
	appsecret_proof: { test: matches(/^[0-9a-f]{64}$/) },
};

function bodyRefusal(body: Fields | undefined): CloudRefusal | undefined {
	if (body === undefined) {
		return invalid("The body is not a JSON object.");
	}
	const lacked = lackedField(body, envelope);
	if (lacked !== undefined) {
		return missing(`The parameter ${lacked} is required.`);
	}
	const type = String(body["type"]);
	const { [type]: content, ...others } = body;
	const strange = strangeField(others, envelope);
	if (strange !== undefined) {
		return invalid(`Unexpected key or value: ${strange}`);
	}
	if ((body["to"] === undefined) === (body["recipient"] === undefined)) {
		return missing("Give exactly one of to and recipient.");
	}
	return contents[type]?.(content) === true
		? undefined
		: { status: 400, code: 131009, title: "Parameter value is not valid", details: `The object ${type} is not valid.` };
}
