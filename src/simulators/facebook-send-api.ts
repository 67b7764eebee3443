// The Send API's own judgement of a call, as strict as documented (checked 2026-11-24): path, token, proof, every field,
// the reply window. Pure: a call in, a message or a Graph error out.

import { createHmac } from "node:crypto";

export type SimulatedApp = { pageId: string; token: string; appSecret: string };
export type ReceivedCall = {
	method: string;
	/** Path and query as received. */
	target: string;
	headers: { authorization?: string | undefined; "content-type"?: string | undefined };
	body: Uint8Array;
};

type Fields = Readonly<Record<string, unknown>>;
/** A message as taken: to whom, what, and the metadata that comes back in its echo. */
export type TakenCall = { to: string; text: string; message: Fields; metadata: string | undefined };
export type GraphError = { status: number; code: number; subcode?: number; type?: string; message: string };
export type Judgement = { ok: true; taken: TakenCall } | { ok: false; error: GraphError };

export const apiVersion = "v25.0";
const dayMs = 24 * 3_600_000;

export function graphErrorBody({ message, type, code, subcode }: GraphError): string {
	const sub = subcode === undefined ? {} : { error_subcode: subcode };
	return JSON.stringify({
		error: { message, type: type ?? "OAuthException", code, ...sub, fbtrace_id: "simulated" },
	});
}

/** `agoMs`: how long ago that person wrote to the page; undefined for somebody the simulator has not heard of. */
export function judge(
	call: ReceivedCall,
	app: SimulatedApp,
	agoMs: (contact: string) => number | undefined,
): Judgement {
	const body = readObject(call.body);
	const error = errorOfCall(call, app) ?? errorOfProof(body, app) ?? errorOfBody(body);
	if (error !== undefined || body === undefined) {
		return { ok: false, error: error ?? invalid("the body is not a JSON object") };
	}
	const recipient = body["recipient"] as Readonly<Record<string, string>>;
	const to = recipient["id"] ?? `user_ref:${recipient["user_ref"] ?? ""}`;
	const outside = errorOfWindow(body, agoMs(to));
	if (outside !== undefined) {
		return { ok: false, error: outside };
	}
	const message = body["message"] as Fields;
	const { metadata, ...shown } = message;
	const text = typeof message["text"] === "string" ? message["text"] : attachmentUrl(message);
	return {
		ok: true,
		taken: { to, text, message: shown, metadata: typeof metadata === "string" ? metadata : undefined },
	};
}

function readObject(bytes: Uint8Array): Fields | undefined {
	try {
		return asFields(JSON.parse(Buffer.from(bytes).toString("utf8")));
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

function invalid(why: string): GraphError {
	return { status: 400, code: 100, message: `(#100) Invalid parameter: ${why}` };
}

function errorOfCall(call: ReceivedCall, app: SimulatedApp): GraphError | undefined {
	if (call.method !== "POST" || !/^\/v25\.0\/[^/?]+\/messages$/.test(call.target)) {
		return { status: 400, code: 2500, message: `Unknown path components or method: ${call.method} ${call.target}` };
	}
	if (call.headers.authorization !== `Bearer ${app.token}`) {
		return { status: 401, code: 190, message: "Invalid OAuth access token." };
	}
	if (call.target !== `/${apiVersion}/${app.pageId}/messages`) {
		return { status: 400, code: 100, subcode: 33, message: "Unsupported post request. The object does not exist." };
	}
	return call.headers["content-type"] === "application/json" ? undefined : invalid("Content-Type");
}

function errorOfProof(body: Fields | undefined, app: SimulatedApp): GraphError | undefined {
	const given = body?.["appsecret_proof"];
	const expected = createHmac("sha256", app.appSecret).update(app.token).digest("hex");
	if (given === expected) {
		return undefined;
	}
	const message =
		given === undefined
			? "API calls from the server require an appsecret_proof argument"
			: "Invalid appsecret_proof provided in the API argument";
	return { status: 400, code: 100, type: "GraphMethodException", message };
}

/** Each field of an object: the test it must pass. A field that is not listed is refused. */
type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const isFilled = (value: unknown): boolean => typeof value === "string" && value !== "";
const isOneOf =
	(...words: readonly string[]) =>
	(value: unknown): boolean =>
		typeof value === "string" && words.includes(value);
const isText =
	(charactersMax: number) =>
	(value: unknown): boolean =>
		typeof value === "string" && value.trim() !== "" && Array.from(value).length <= charactersMax;
const hasShape =
	(shape: Shape) =>
	(value: unknown): boolean =>
		asFields(value) !== undefined && strangeField(value as Fields, shape) === undefined;

const shapes = {
	body: {
		recipient: hasShape({ id: isFilled, user_ref: isFilled }),
		messaging_type: isOneOf("RESPONSE", "UPDATE", "MESSAGE_TAG"),
		tag: isOneOf("HUMAN_AGENT"),
		notification_type: isOneOf("REGULAR", "SILENT_PUSH", "NO_PUSH"),
		message: hasShape({ text: isText(2000), attachment: isAttachment, metadata: isText(1000) }),
		appsecret_proof: isFilled,
	},
	attachment: {
		type: isOneOf("image", "audio", "video", "file"),
		payload: hasShape({ url: isWebAddress, is_reusable: (value) => typeof value === "boolean" }),
	},
};

function strangeField(fields: Fields, shape: Shape): string | undefined {
	return Object.keys(fields).find((name) => !Object.hasOwn(shape, name) || shape[name]?.(fields[name]) !== true);
}

function isAttachment(value: unknown): boolean {
	const fields = asFields(value);
	return (
		hasShape(shapes.attachment)(value) && fields?.["type"] !== undefined && attachmentUrl({ attachment: fields }) !== ""
	);
}

function isWebAddress(value: unknown): boolean {
	return typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
}

function attachmentUrl(message: Fields): string {
	const url = asFields(asFields(message["attachment"])?.["payload"])?.["url"];
	return typeof url === "string" ? url : "";
}

function errorOfBody(body: Fields | undefined): GraphError | undefined {
	if (body === undefined) {
		return invalid("the body is not a JSON object");
	}
	const strange = strangeField(body, shapes.body);
	if (strange !== undefined) {
		return invalid(strange);
	}
	if (countOf(body["recipient"], ["id", "user_ref"]) !== 1) {
		return invalid("recipient must have exactly one of id and user_ref");
	}
	if (countOf(body["message"], ["text", "attachment"]) !== 1) {
		return { ...invalid("message must have exactly one of text and attachment"), subcode: 2018032 };
	}
	const tagged = body["messaging_type"] === "MESSAGE_TAG";
	return body["messaging_type"] === undefined || tagged !== (body["tag"] !== undefined)
		? invalid("messaging_type and tag do not fit together")
		: undefined;
}

function countOf(value: unknown, names: readonly string[]): number {
	return names.filter((name) => asFields(value)?.[name] !== undefined).length;
}

/** A stranger is taken without a window, so that a message can be tried without a contact writing first. */
function errorOfWindow(body: Fields, agoMs: number | undefined): GraphError | undefined {
	const windowMs = body["tag"] === "HUMAN_AGENT" ? 7 * dayMs : dayMs;
	const message = "(#10) This message is sent outside of allowed window.";
	return agoMs === undefined || agoMs <= windowMs ? undefined : { status: 400, code: 10, subcode: 2018278, message };
}
