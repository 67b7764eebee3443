// Activities of the Bot Framework: who sends one, and what it says.
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication, checked 2026-11-26.
//   POST /sms/teams/<service id>   Authorization: Bearer eyJ…
//   {"type":"message","id":"1700000000123","serviceUrl":"https://smba.trafficmanager.net/emea/","channelId":"msteams", …}

import type { RemoteId } from "#domain/ids.ts";
import type { Attachment, ChannelEvent } from "#domain/messages.ts";
import type { RawRequest, Verdict } from "../contract.ts";
import { factsOf } from "../kit/facts.ts";
import { fingerprint, fingerprintOfBytes, keyOf } from "../kit/fingerprint.ts";
import { asArray, asObject, asText, readJson } from "../kit/http.ts";
import { type Claims, verifyJwt } from "../kit/jwt.ts";
import { channel } from "./addresses.ts";
import type { TeamsConfig } from "./form.ts";
import type { Fields } from "./graph-api.ts";

const issuer = "https://api.botframework.com";
const channelOfTeams = "msteams";

/** The token is for one bot and one address of the Bot Connector; it covers nothing else of the body. */
export function verifyActivity(req: RawRequest, config: TeamsConfig, now: Date): Verdict {
	const authorization = req.headers.get("authorization");
	if (authorization === null) {
		return { ok: false, why: "missing" };
	}
	const token = /^Bearer ([A-Za-z0-9_.-]+)$/.exec(authorization)?.[1];
	const activity = asObject(readJson(req.body));
	const serviceUrl = asText(activity?.["serviceUrl"]);
	if (token === undefined || serviceUrl === undefined || activity?.["channelId"] !== channelOfTeams) {
		return { ok: false, why: "mismatch" };
	}
	const verdict = verifyJwt(token, {
		keys: config.state.keys,
		now,
		isOurs: (claims) => isForUs(claims, serviceUrl, config),
		mayHaveSigned: ({ endorsements = [] }) => endorsements.includes(channelOfTeams),
	});
	return verdict.ok ? { ok: true } : verdict;
}

function isForUs({ iss, aud, serviceurl }: Claims, serviceUrl: string, { application }: TeamsConfig): boolean {
	return (
		application !== undefined &&
		iss === issuer &&
		aud === application.id &&
		serviceurl !== "" &&
		serviceurl === serviceUrl
	);
}

/** `28:<application id>` is how Teams calls a bot. */
export function botNamed({ body }: Pick<RawRequest, "body">): readonly string[] {
	const id = textIn(asObject(readJson(body)) ?? {}, "recipient", "id");
	return id === undefined ? [] : [applicationIn(id)];
}

function applicationIn(botId: string): string {
	return botId.replace(/^28:/, "").toLowerCase();
}

export function parseActivity(req: RawRequest, config: TeamsConfig): readonly ChannelEvent[] {
	const activity = asObject(readJson(req.body));
	const type = asText(activity?.["type"]);
	if (activity === undefined || type === undefined) {
		const reason = "The body is no activity: it has no type.";
		return [{ kind: "unreadable", dedupKey: `body:${fingerprintOfBytes(req.body)}`, reason }];
	}
	const stranger = strangerIn(activity, config);
	if (stranger !== undefined) {
		return [{ kind: "foreign", dedupKey: `foreign:${fingerprint(activity)}`, account: stranger }];
	}
	return [type === "message" ? toMessage(activity, config) : toActivity(type, activity)];
}

/** Tokens go to the address in Service Connection only, so a bot is answered there or not at all. */
function strangerIn(activity: Fields, { base, tenantId, application }: TeamsConfig): string | undefined {
	if (base === undefined || originOf(asText(activity["serviceUrl"])) !== originOf(base)) {
		return "an unknown Bot Connector";
	}
	const tenant = textIn(activity, "channelData", "tenant", "id")?.toLowerCase() ?? "unknown";
	if (tenantId !== undefined && tenant !== tenantId) {
		return `tenant ${tenant}`;
	}
	const bot = applicationIn(textIn(activity, "recipient", "id") ?? "");
	return bot === application?.id ? undefined : `bot ${bot}`;
}

function originOf(url = ""): string | undefined {
	return URL.parse(url)?.origin;
}

/** Deeper and deeper by these names. */
function textIn(fields: Fields, ...names: readonly string[]): string | undefined {
	return asText(names.reduce<unknown>((value, name) => asObject(value)?.[name], fields));
}

function conversationOf(activity: Fields): string | undefined {
	return textIn(activity, "conversation", "id");
}

function toMessage(activity: Fields, config: TeamsConfig): ChannelEvent {
	const [id, conversation] = [asText(activity["id"]), conversationOf(activity)];
	if (id === undefined || conversation === undefined) {
		const reason = "A message names no id, or no conversation.";
		return { kind: "unreadable", dedupKey: `unreadable:${fingerprint(activity)}`, reason };
	}
	const at = new Date(asText(activity["timestamp"]) ?? Number.NaN);
	const name = textIn(activity, "from", "name");
	const remoteId = `${conversation}/${id}`;
	const answered = asText(activity["replyToId"]);
	const { attachments, others } = attachmentsIn(activity);
	return {
		kind: "message",
		dedupKey: keyOf("message", [remoteId], activity),
		...(Number.isNaN(at.getTime()) ? {} : { at }),
		remoteId: remoteId as RemoteId,
		channel,
		ourAddress: config.ourAddress ?? "",
		contact: { address: conversation, ...(name === undefined ? {} : { name }) },
		text: (asText(activity["text"]) ?? "").replaceAll(/<\/?at(?:\s[^<>]{0,200})?>/gi, "").trim(),
		attachments,
		...(answered === undefined ? {} : { replyTo: `${conversation}/${answered}` as RemoteId }),
		metadata: factsOf({ from: senderOf(activity), value: activity["value"], attachment: others }),
	};
}

function senderOf(activity: Fields): string | undefined {
	return textIn(activity, "from", "aadObjectId") ?? textIn(activity, "from", "id");
}

const fileInfo = "application/vnd.microsoft.teams.file.download.info";

/** A text comes a second time as text/html; that is no attachment. */
function attachmentsIn(activity: Fields): { attachments: readonly Attachment[]; others: readonly unknown[] } {
	const items = asArray(activity["attachments"]).map((item) => asObject(item) ?? {});
	const found = items.map((item) => attachmentOf(item));
	const isText = ({ contentType }: Fields): boolean => contentType === "text/html";
	return {
		attachments: found.filter((attachment) => attachment !== undefined),
		others: items.filter((item, index) => found[index] === undefined && !isText(item)),
	};
}

function attachmentOf(item: Fields): Attachment | undefined {
	const contentType = asText(item["contentType"]);
	const isFile = contentType === fileInfo;
	const url = isFile ? asObject(item["content"])?.["downloadUrl"] : item["contentUrl"];
	if (typeof url !== "string" || !/^https:\/\//i.test(url) || !URL.canParse(url)) {
		return undefined;
	}
	const filename = asText(item["name"]);
	const isMedia = contentType !== undefined && /^(?:image|audio|video)\/[\w.+-]+$/.test(contentType);
	return {
		url,
		...(isMedia ? { contentType } : {}),
		...(filename === undefined ? {} : { filename }),
	};
}

/** Typing, reactions, edits, people who come and go: kept, and no message. */
function toActivity(type: string, activity: Fields): ChannelEvent {
	const conversation = conversationOf(activity);
	const id = asText(activity["id"]);
	const name = `bot_${type.replaceAll(/[^A-Za-z0-9]+/g, "_").slice(0, 60)}`;
	const said = ["name", "action", "reactionsAdded", "reactionsRemoved", "membersAdded", "membersRemoved", "replyToId"];
	const facts = factsOf({ conversation, ...Object.fromEntries(said.map((field) => [field, activity[field]])) });
	// The id of what changes something is that of the message that was changed, so the time belongs to the key.
	const ids = [id, conversation, asText(activity["timestamp"])];
	return { kind: "activity", dedupKey: keyOf(name, ids, activity), name, facts };
}
