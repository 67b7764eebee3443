// `/messages` of the simulated Social 365: which requests it takes, which it refuses and how. The rules are those of the
// proposed protocol, and strict: a field that it does not have, or a sender of another account, is refused.

import { basicAuthorization, type HeardRequest, type HttpReply, jsonReply } from "./kit.ts";

export type HubAccount = {
	id: number;
	username: string;
	password: string;
	/** Our senders by channel. */
	origins: Readonly<Record<string, string>>;
};
export type SocialRefusal = { status: number; words: string };

/** A message that was taken, with what its reports need. */
export type Submission = {
	account: HubAccount;
	channel: string;
	origin: string;
	to: string;
	text: string;
	subject: string;
	reports: boolean;
	callback: string | undefined;
};

export const messagesPath = "/api/messages";

export function refusalReply({ status, words }: SocialRefusal): HttpReply {
	const body = { apiErrorCode: 1000 + status, debugMessage: words, userMessage: words, httpStatusCode: String(status) };
	return jsonReply(status, body, status === 401 ? { "www-authenticate": 'Basic realm="Social 365"' } : {});
}

type Json = Readonly<Record<string, unknown>>;
type Rule = (value: unknown) => boolean;
const text =
	(shape: RegExp): Rule =>
	(value) =>
		typeof value === "string" && shape.test(value);
const address = text(/^https?:\/\/[^/\s@]+\//);

const mediaRules: Readonly<Record<string, Rule>> = {
	url: address,
	mimeType: text(/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/),
	caption: text(/[^]/),
};
const fieldRules: Readonly<Record<string, Rule>> = {
	clientId: (value) => Number.isInteger(value) && (value as number) > 0 && (value as number) <= 2_147_483_647,
	channel: text(/^(?:WECHAT|WHATSAPP|FACEBOOK|LINE|VIBER|TELEGRAM)$/),
	origin: text(/^\S{1,255}$/),
	destination: (value) => Array.isArray(value) && value.length > 0 && value.every(text(/^\S{1,255}$/)),
	type: text(/^(?:text|image|video|audio|file)$/),
	body: text(/[^]/),
	media: (value) => {
		const media = asObject(value);
		return media?.["url"] !== undefined && wrongIn(media, mediaRules) === undefined;
	},
	subject: text(/^.{1,100}$/),
	ackType: text(/^(?:NONE|ORDER|MESSAGE)$/),
	callback: address,
};
const required = ["clientId", "channel", "origin", "destination", "type"];

/** The message that the request sends, or why it is refused. */
export function readMessages(request: HeardRequest, accounts: readonly HubAccount[]): Submission | SocialRefusal {
	const account = accounts.find(
		({ username, password }) => request.headers.authorization === basicAuthorization({ login: username, password }),
	);
	if (account === undefined) {
		return { status: 401, words: "Bad user name or password" };
	}
	const fields = request.headers["content-type"] === "application/json" ? objectIn(request.body) : undefined;
	if (fields === undefined) {
		return { status: 400, words: "The body is not a JSON object" };
	}
	const wrong = required.find((name) => fields[name] === undefined) ?? wrongIn(fields, fieldRules);
	if (wrong !== undefined) {
		return { status: 400, words: `Bad field ${wrong}` };
	}
	return contradictionIn(fields, account, request) ?? toSubmission(fields, account);
}

function contradictionIn(fields: Json, { id, origins }: HubAccount, request: HeardRequest): SocialRefusal | undefined {
	if (fields["clientId"] !== id || request.headers["x-account-id"] !== String(id)) {
		return { status: 403, words: "The user may not send for this account" };
	}
	if (origins[String(fields["channel"])] !== fields["origin"]) {
		return { status: 400, words: "The origin is not one of the account's on this channel" };
	}
	const isText = fields["type"] === "text";
	const isWhole = isText ? fields["media"] === undefined : fields["body"] === undefined;
	return isWhole && fields[isText ? "body" : "media"] !== undefined
		? undefined
		: { status: 400, words: "The content is not of the type that is named" };
}

function toSubmission(fields: Json, account: HubAccount): Submission {
	const said = (name: string): string => (typeof fields[name] === "string" ? fields[name] : "");
	return {
		account,
		channel: said("channel"),
		origin: said("origin"),
		to: (fields["destination"] as string[])[0] ?? "",
		text: said("body"),
		subject: said("subject"),
		reports: ["ORDER", "MESSAGE"].includes(said("ackType")),
		callback: said("callback") || undefined,
	};
}

function wrongIn(fields: Json, rules: Readonly<Record<string, Rule>>): string | undefined {
	return Object.entries(fields).find(([name, value]) => rules[name]?.(value) !== true)?.[0];
}

function objectIn(body: string): Json | undefined {
	try {
		return asObject(JSON.parse(body) as unknown);
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined; // Not JSON; the caller says so.
		}
		throw error;
	}
}

function asObject(value: unknown): Json | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}
