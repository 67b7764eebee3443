// The two doors of the simulated Sinch that we knock at: the token endpoint and `messages:send`. What they take, what
// they refuse and in which shape. Stricter than Sinch in one thing: a field that is not documented is refused.

import { basicAuthorization, type HeardRequest, type HttpReply, jsonReply } from "./kit.ts";

export type SinchAccount = {
	projectId: string;
	appId: string;
	keyId: string;
	keySecret: string;
	/** Whether this access token was given out and is still good. */
	isValidToken(accessToken: string): boolean;
};

export type SinchRefusal = { status: number; word: string; message: string };
type Fields = Readonly<Record<string, unknown>>;

/** A message that was taken, with what its callbacks need. */
export type SendRequest = {
	channel: string;
	identity: string;
	text: string;
	metadata: string;
	correlationId: string;
	callbackUrl: string | undefined;
};

export const channels: readonly string[] = [
	"WHATSAPP",
	"RCS",
	"SMS",
	"MESSENGER",
	"VIBERBM",
	"MMS",
	"INSTAGRAM",
	"TELEGRAM",
	"KAKAOTALK",
	"KAKAOTALKCHAT",
	"LINE",
	"WECHAT",
	"APPLEBC",
	"VIBER",
	"SINCH_CHAT",
];
const appScopedChannels = ["MESSENGER", "INSTAGRAM", "LINE", "WECHAT"];

/** The shape of the API's errors (the SDK's model RuntimeError). */
export function errorReply({ status, word, message }: SinchRefusal): HttpReply {
	const body = { error: { code: status, message, status: word, details: [] } };
	return jsonReply(status, body, status === 401 ? { "www-authenticate": 'Bearer error="invalid_token"' } : {});
}

export function sendPath({ projectId }: SinchAccount): string {
	return `/v1/projects/${projectId}/messages:send`;
}

/** What the token endpoint objects to (RFC 6749 section 5.2), or undefined. */
export function tokenRefusal(request: HeardRequest, account: SinchAccount): SinchRefusal | undefined {
	const expected = basicAuthorization({ login: account.keyId, password: account.keySecret });
	if (request.headers.authorization !== expected) {
		return { status: 401, word: "invalid_client", message: "Client authentication failed." };
	}
	const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
	const entries = [...new URLSearchParams(request.body)];
	return isForm && JSON.stringify(entries) === '[["grant_type","client_credentials"]]'
		? undefined
		: { status: 400, word: "unsupported_grant_type", message: "Only grant_type=client_credentials is taken." };
}

export function tokenErrorReply({ status, word, message }: SinchRefusal): HttpReply {
	return jsonReply(status, { error: word, error_description: message });
}

export function bearerRefusal(request: HeardRequest, account: SinchAccount): SinchRefusal | undefined {
	const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
	return token !== undefined && account.isValidToken(token)
		? undefined
		: { status: 401, word: "UNAUTHENTICATED", message: "The access token is missing, unknown or expired." };
}

type Checked = { ok: true; send: SendRequest } | { ok: false; refusal: SinchRefusal };

/** Who asks, then what; the first rule broken decides. */
export function checkSend(request: HeardRequest, account: SinchAccount): Checked {
	const stranger = bearerRefusal(request, account);
	if (stranger !== undefined) {
		return { ok: false, refusal: stranger };
	}
	if (request.headers["content-type"]?.split(";")[0] !== "application/json") {
		return refuse("The content type must be application/json.");
	}
	const body = readObject(request.body);
	if (body === undefined) {
		return refuse("The body is not a JSON object.");
	}
	if (body["app_id"] !== account.appId) {
		return refuse("The app is unknown in this project and region.", 404, "NOT_FOUND");
	}
	const wrong = bodyRules.map((rule) => rule(body, account)).find((message) => message !== undefined);
	return wrong === undefined ? { ok: true, send: readSend(body) } : refuse(wrong);
}

function refuse(message: string, status = 400, word = "INVALID_ARGUMENT"): Checked {
	return { ok: false, refusal: { status, word, message } };
}

function readObject(text: string): Fields | undefined {
	try {
		return asObject(JSON.parse(text));
	} catch {
		return undefined; // Not JSON; the caller says so.
	}
}

function asObject(value: unknown): Fields | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

type Rule = (body: Fields, account: SinchAccount) => string | undefined;

const bodyRules: readonly Rule[] = [wrongField, wrongRecipient, wrongContent];

const text =
	(max: number) =>
	(value: unknown): boolean =>
		typeof value === "string" && value !== "" && value.length <= max;
const oneOf =
	(...words: readonly string[]) =>
	(value: unknown): boolean =>
		words.includes(value as string);

/** Documented fields of the request and what they may hold. */
const fieldRules: Readonly<Record<string, (value: unknown) => boolean>> = {
	app_id: text(100),
	recipient: (value) => asObject(value) !== undefined,
	message: (value) => asObject(value) !== undefined,
	channel_priority_order: (value) =>
		Array.isArray(value) && value.length > 0 && value.every((channel) => channels.includes(channel as string)),
	channel_properties: areChannelProperties,
	callback_url: (value) => text(742)(value) && URL.canParse(value as string),
	message_metadata: text(1024),
	conversation_metadata: (value) => asObject(value) !== undefined && JSON.stringify(value).length <= 2048,
	conversation_metadata_update_strategy: oneOf("REPLACE", "MERGE_PATCH"),
	correlation_id: text(128),
	ttl: isTimeToLive,
	queue: oneOf("NORMAL_PRIORITY", "HIGH_PRIORITY"),
	processing_strategy: oneOf("DEFAULT", "DISPATCH_ONLY"),
	message_content_type: oneOf("CONTENT_UNKNOWN", "CONTENT_MARKETING", "CONTENT_NOTIFICATION"),
};

const channelPropertyNames = [
	["SMS_SENDER", "SMS_FLASH_MESSAGE", "SMS_MAX_NUMBER_OF_MESSAGE_PARTS", "MMS_SENDER", "MMS_STRICT_VALIDATION"],
	["MESSENGER_MESSAGING_TYPE", "MESSENGER_MESSAGE_TAG", "MESSENGER_NOTIFICATION_TYPE", "INSTAGRAM_MESSAGE_TAG"],
	["VIBER_SENDER_NAME", "VIBER_SENDER_AVATAR", "TELEGRAM_DISABLE_LINK_PREVIEW", "KAKAOTALK_AUTHENTICATION"],
	["LINE_VIDEO_TRACKING_ID"],
].flat();

function areChannelProperties(value: unknown): boolean {
	const properties = asObject(value);
	return (
		properties !== undefined &&
		Object.entries(properties).every(
			([name, property]) =>
				channelPropertyNames.includes(name) && text(name === "VIBER_SENDER_NAME" ? 28 : 1024)(property),
		)
	);
}

/** 3 to 315 576 000 000 seconds with the suffix `s`. */
function isTimeToLive(value: unknown): boolean {
	const seconds = Number(/^(\d{1,12})s$/.exec(typeof value === "string" ? value : "")?.[1] ?? 0);
	return seconds >= 3 && seconds <= 315_576_000_000;
}

function wrongField(body: Fields): string | undefined {
	const missing = ["app_id", "recipient", "message"].find((name) => body[name] === undefined);
	if (missing !== undefined) {
		return `The field ${missing} is required.`;
	}
	const [name] = Object.entries(body).find(([field, value]) => fieldRules[field]?.(value) !== true) ?? [];
	return name === undefined ? undefined : `The field ${name} is unknown or has a value that is not allowed.`;
}

/** The simulated app works in DISPATCH mode, where a recipient is always named by channel identities. */
function wrongRecipient(body: Fields, account: SinchAccount): string | undefined {
	const recipient = asObject(body["recipient"]) ?? {};
	const identifiedBy = asObject(recipient["identified_by"]) ?? {};
	const identities = identifiedBy["channel_identities"];
	const isPlain = hasOnly(recipient, ["identified_by"]) && hasOnly(identifiedBy, ["channel_identities"]);
	if (!isPlain || !Array.isArray(identities) || identities.length === 0) {
		return "The recipient must be identified_by channel_identities in DISPATCH mode.";
	}
	return identities.map((identity) => wrongIdentity(asObject(identity) ?? {}, account)).find((wrong) => wrong);
}

function wrongIdentity(identity: Fields, account: SinchAccount): string | undefined {
	const { channel, app_id: appId } = identity;
	if (!hasOnly(identity, ["channel", "identity", "app_id"]) || !text(255)(identity["identity"])) {
		return "A channel identity has the fields channel, identity and app_id only.";
	}
	if (!channels.includes(channel as string)) {
		return `The channel ${String(channel)} is not configured in the app.`;
	}
	const isScoped = appScopedChannels.includes(channel as string);
	return (appId === undefined && !isScoped) || appId === account.appId
		? undefined
		: `The channel ${String(channel)} needs the app_id of the app beside the identity.`;
}

function hasOnly(fields: Fields, names: readonly string[]): boolean {
	return Object.keys(fields).every((name) => names.includes(name));
}

/** The documented contents with the fields each may have, the indispensable ones first. */
const contents: Readonly<Record<string, { required: readonly string[]; optional: readonly string[] }>> = {
	text_message: { required: ["text"], optional: [] },
	media_message: { required: ["url"], optional: ["thumbnail_url", "filename_override"] },
	choice_message: { required: ["choices"], optional: ["text_message", "message_properties"] },
	card_message: {
		required: [],
		optional: ["title", "description", "media_message", "height", "choices", "message_properties"],
	},
	carousel_message: { required: ["cards"], optional: ["choices"] },
	location_message: { required: ["title", "coordinates"], optional: ["label"] },
	list_message: { required: ["title", "sections"], optional: ["description", "media", "message_properties"] },
	template_message: { required: [], optional: ["omni_template", "channel_template"] },
	contact_info_message: {
		required: ["name", "phone_numbers"],
		optional: ["addresses", "email_addresses", "organization", "urls", "birthday"],
	},
};
const besides = ["explicit_channel_message", "explicit_channel_omni_message", "channel_specific_message", "agent"];

function wrongContent(body: Fields): string | undefined {
	const message = asObject(body["message"]) ?? {};
	const names = Object.keys(message).filter((name) => !besides.includes(name));
	const [name = ""] = names;
	const rule = Object.hasOwn(contents, name) ? contents[name] : undefined;
	const content = asObject(message[name]);
	if (names.length !== 1 || rule === undefined || content === undefined) {
		return "The message must hold exactly one content.";
	}
	if (!hasOnly(content, [...rule.required, ...rule.optional]) || rule.required.some((field) => !content[field])) {
		return `The content ${name} lacks a field or has an unknown one.`;
	}
	if (name === "media_message") {
		return URL.canParse(String(content["url"])) ? undefined : "The media URL is no URL.";
	}
	return name === "template_message" ? wrongTemplate(content) : undefined;
}

function wrongTemplate(content: Fields): string | undefined {
	const ofChannels = Object.entries(asObject(content["channel_template"]) ?? {});
	const omni = content["omni_template"] === undefined ? [] : [["OMNI", content["omni_template"]] as const];
	const references = [...ofChannels, ...omni];
	const isWrong = ([channel, reference]: readonly [string, unknown]): boolean => {
		const fields = asObject(reference) ?? {};
		const isComplete =
			text(512)(fields["template_id"]) && (channel !== "WHATSAPP" || isLanguage(fields["language_code"]));
		return !isComplete || !hasOnly(fields, ["template_id", "language_code", "parameters", "version"]);
	};
	return references.length === 0 || references.some(isWrong)
		? "The template needs its template_id, and on WhatsApp a language_code with an underscore."
		: undefined;
}

function isLanguage(code: unknown): boolean {
	return typeof code === "string" && /^[a-z]{2,3}(?:_[A-Za-z]{2,4})*$/.test(code);
}

function readSend(body: Fields): SendRequest {
	const [identity = {}] = ((body["recipient"] as Fields)["identified_by"] as { channel_identities: Fields[] })
		.channel_identities;
	const optional = (name: string): string | undefined => body[name] as string | undefined;
	return {
		channel: identity["channel"] as string,
		identity: identity["identity"] as string,
		text: shownText(body["message"] as Fields),
		metadata: optional("message_metadata") ?? "",
		correlationId: optional("correlation_id") ?? "",
		callbackUrl: optional("callback_url"),
	};
}

/** What the person outside sees: the text, the link of the media, or the content as it came. */
function shownText(message: Fields): string {
	const told = asObject(message["text_message"])?.["text"] ?? asObject(message["media_message"])?.["url"];
	return typeof told === "string" ? told : JSON.stringify(message);
}
