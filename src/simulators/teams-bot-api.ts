// The simulated Bot Connector: activities that a bot sends into conversations, as
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference has them.

import type { HeardRequest } from "./kit.ts";
import { asObject, isOnly, type Json, objectIn } from "./teams-messages.ts";

export type BotRefusal = { status: number; code: string; message: string };
export type BotActivity = { conversation: string; text: string };

export const botPath = "/emea";
const activities = new RegExp(`^${botPath}/v3/conversations/([^/]+)/activities$`);
const activityBytesMax = 100_000;

export function isActivityPath(path: string): boolean {
	return activities.test(path);
}

export function readActivity(request: HeardRequest, botId: string): BotActivity | BotRefusal {
	const conversation = decodeURIComponent(activities.exec(request.path)?.[1] ?? "");
	const fields = objectIn(request) ?? {};
	if (Buffer.byteLength(request.body) > activityBytesMax) {
		return { status: 413, code: "MessageSizeTooBig", message: "The message is too large" };
	}
	const text = fields["text"] ?? "";
	const isFull = text !== "" || Array.isArray(fields["attachments"]);
	if (!isSound(fields, { botId, conversation }) || typeof text !== "string" || !isFull) {
		return { status: 400, code: "BadSyntax", message: "The activity is not as it has to be" };
	}
	return /^(?:a:|19:)/.test(conversation)
		? { conversation, text }
		: { status: 403, code: "BotNotInConversationRoster", message: "The bot is not part of the conversation roster." };
}

const known = ["type", "from", "conversation", "textFormat", "text", "attachments", "replyToId"];

function isSound(fields: Json, { botId, conversation }: { botId: string; conversation: string }): boolean {
	const ids = ["from", "conversation"].map((name) => asObject(fields[name])?.["id"]);
	const isPlain = fields["type"] === "message" && fields["textFormat"] === "plain";
	return isOnly(fields, known) && isPlain && ids[0] === botId && ids[1] === conversation;
}
