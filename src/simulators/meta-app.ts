// What Meta tells about an app, its webhooks and the tokens made for it: the part of the Graph API that its products share.
// As strict as it is known: version, token, proof, every parameter. From memory of Meta's reference.

import { createHmac } from "node:crypto";
import { type HeardRequest, type HttpReply, jsonReply } from "./kit.ts";

export type MetaCredentials = { token: string; appSecret: string };
export type GraphRefusal = { status: number; code: number; subcode?: number; message: string };

/** How the app and its token were set up by their owner. Tests spoil it. */
export type MetaSetUp = {
	appId: string;
	/** Every call without a proof of the app secret is refused. */
	demandsProof: boolean;
	/** What every call with the sender's token gets. */
	tokenTrouble: GraphRefusal | undefined;
	/** A token that another app made. */
	foreignToken: { token: string; appId: string };
	tokenType: "PAGE" | "USER" | "SYSTEM_USER";
	/** Whose token it is, where it is a page's. */
	profileId: string | undefined;
	/** Seconds since 1970; 0: never. */
	tokenExpiresAt: number;
	scopes: string[];
	/** Objects that the scopes are given for; undefined: all. */
	targets: string[] | undefined;
	webhooks: { object: string; callbackUrl: string; active: boolean; fields: string[] }[];
};

/** `parameters`: each of them must be there; `optional` ones may. `scope`: the permission that the token must have to see it. */
export type MetaResource = {
	token: "sender" | "app";
	parameters: readonly string[];
	optional?: readonly string[];
	scope?: string;
	reply(): HttpReply;
};

const version = "v25.0";

export function graphReply({ status, code, subcode, message }: GraphRefusal): HttpReply {
	const sub = subcode === undefined ? {} : { error_subcode: subcode };
	const error = { message, type: "OAuthException", code, ...sub, fbtrace_id: "simulated" };
	return jsonReply(status, { error });
}

/** The answer to a GET. `resources`: what only one product has, by its path behind the version. */
export function metaReply(
	request: HeardRequest,
	credentials: MetaCredentials,
	setUp: MetaSetUp,
	resources: Readonly<Record<string, MetaResource>>,
): HttpReply {
	const path = request.path.startsWith(`/${version}/`) ? request.path.slice(version.length + 2) : undefined;
	if (path === undefined) {
		return graphReply({ status: 400, code: 2500, message: `Unknown path components: ${request.path}` });
	}
	const resource = { ...resources, ...appResources(request, credentials, setUp) }[path];
	if (resource === undefined) {
		const message = "Unsupported get request. The object does not exist or the token lacks permissions.";
		const refusal = tokenRefusal(request, credentials, setUp) ?? { status: 400, code: 100, subcode: 33, message };
		return graphReply(refusal);
	}
	const refusal = callRefusal(request, resource, { credentials, setUp });
	return refusal === undefined ? resource.reply() : graphReply(refusal);
}

function appResources(
	request: HeardRequest,
	{ token }: MetaCredentials,
	setUp: MetaSetUp,
): Readonly<Record<string, MetaResource>> {
	const isForeign = bearer(request) === setUp.foreignToken.token;
	const appId = isForeign ? setUp.foreignToken.appId : setUp.appId;
	return {
		app: {
			token: "sender",
			parameters: [],
			reply: () =>
				jsonReply(200, { id: appId, name: "Simulated app", link: "https://www.facebook.com/games/?app_id=1" }),
		},
		[`${setUp.appId}/subscriptions`]: {
			token: "app",
			parameters: [],
			reply: () => jsonReply(200, { data: setUp.webhooks.map(webhookFields) }),
		},
		debug_token: {
			token: "app",
			parameters: ["input_token"],
			reply: () => jsonReply(200, { data: tokenFields(request.query.get("input_token") === token, setUp) }),
		},
	};
}

function webhookFields({ object, callbackUrl, active, fields }: MetaSetUp["webhooks"][number]): object {
	return { object, callback_url: callbackUrl, active, fields: fields.map((name) => ({ name, version })) };
}

function tokenFields(isOurs: boolean, setUp: MetaSetUp): object {
	if (!isOurs) {
		return { is_valid: false, scopes: [], error: { code: 190, message: "Invalid OAuth access token." } };
	}
	const { targets, profileId, scopes } = setUp;
	return {
		app_id: setUp.appId,
		type: setUp.tokenType,
		is_valid: true,
		expires_at: setUp.tokenExpiresAt,
		...(profileId === undefined ? {} : { profile_id: profileId }),
		scopes,
		granular_scopes: scopes.map((scope) => (targets === undefined ? { scope } : { scope, target_ids: targets })),
	};
}

function bearer({ headers }: HeardRequest): string {
	return /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "";
}

type Entered = { credentials: MetaCredentials; setUp: MetaSetUp };

function callRefusal(
	request: HeardRequest,
	{ token, parameters, optional = [], scope }: MetaResource,
	{ credentials, setUp }: Entered,
): GraphRefusal | undefined {
	const refusal =
		token === "sender" ? tokenRefusal(request, credentials, setUp) : appRefusal(request, credentials, setUp);
	const demanded = token === "sender" && setUp.demandsProof;
	return (
		refusal ??
		proofRefusal(request, { credentials, setUp }, demanded) ??
		scopeRefusal(scope, setUp) ??
		parameterRefusal(request.query, parameters, optional)
	);
}

function tokenRefusal(
	request: HeardRequest,
	{ token }: MetaCredentials,
	{ tokenTrouble, foreignToken }: MetaSetUp,
): GraphRefusal | undefined {
	const given = bearer(request);
	if (given !== token && given !== foreignToken.token) {
		return { status: 401, code: 190, message: "Invalid OAuth access token - Cannot parse access token" };
	}
	return given === token ? tokenTrouble : undefined;
}

function appRefusal(request: HeardRequest, { appSecret }: MetaCredentials, { appId }: MetaSetUp) {
	return bearer(request) === `${appId}|${appSecret}`
		? undefined
		: { status: 401, code: 190, message: "Invalid OAuth access token signature." };
}

/** A token of another app cannot be proven by this app's secret. */
function proofRefusal(
	request: HeardRequest,
	{ credentials, setUp }: Entered,
	demanded: boolean,
): GraphRefusal | undefined {
	const given = request.query.get("appsecret_proof");
	if (given === null) {
		const message = "API calls from the server require an appsecret_proof argument";
		return demanded ? { status: 400, code: 100, message } : undefined;
	}
	const token = bearer(request);
	const expected = createHmac("sha256", credentials.appSecret).update(token).digest("hex");
	const message = "Invalid appsecret_proof provided in the API argument";
	return given === expected && token !== setUp.foreignToken.token ? undefined : { status: 400, code: 100, message };
}

function scopeRefusal(scope: string | undefined, { scopes }: MetaSetUp): GraphRefusal | undefined {
	return scope === undefined || scopes.includes(scope)
		? undefined
		: { status: 403, code: 200, message: `(#200) Requires ${scope} permission to manage the object.` };
}

function parameterRefusal(
	query: URLSearchParams,
	demanded: readonly string[],
	optional: readonly string[],
): GraphRefusal | undefined {
	const known = ["appsecret_proof", ...demanded, ...optional];
	const stranger = [...query.keys()].find((name) => !known.includes(name));
	const lacked = demanded.find((name) => !query.has(name));
	return stranger === undefined && lacked === undefined
		? undefined
		: { status: 400, code: 100, message: `(#100) Parameter ${stranger ?? lacked ?? ""} is not expected or missing` };
}

/** The fields of an object that were asked for; one that the object does not have is refused. */
export function askedFields(request: HeardRequest, object: Readonly<Record<string, unknown>>): HttpReply {
	const names = (request.query.get("fields") ?? "").split(",");
	const stranger = names.find((name) => !Object.hasOwn(object, name));
	return stranger === undefined
		? jsonReply(200, Object.fromEntries(names.map((name) => [name, object[name]])))
		: graphReply({ status: 400, code: 100, message: `(#100) Tried accessing nonexisting field (${stranger})` });
}

/** Meta escapes slashes and everything beyond ASCII; the signature is over exactly these bytes. */
export function asMetaWrites(value: unknown): string {
	return JSON.stringify(value)
		.replaceAll("/", "\\/")
		.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** SHA-256, and the older SHA-1 beside it. */
export function metaSignatures(body: string, appSecret: string): Readonly<Record<string, string>> {
	const sign = (algorithm: string): string => createHmac(algorithm, appSecret).update(body).digest("hex");
	return { "x-hub-signature": `sha1=${sign("sha1")}`, "x-hub-signature-256": `sha256=${sign("sha256")}` };
}
