// Files of a message. Pictures lie in Graph or at the Bot Connector and are had with the access token; a file that somebody
// gives a bot has an address that opens by itself for some minutes; files in SharePoint stay there.
// https://learn.microsoft.com/graph/api/chatmessagehostedcontent-get, checked 2026-11-26. From memory: that a bot's
// pictures are had with its token.

import type { Attachment } from "#domain/messages.ts";
import type { MediaAnswer, Tools } from "../contract.ts";
import { fetchPlainly, toMediaAnswer } from "../kit/media.ts";
import { callWithToken } from "../kit/oauth2.ts";
import { type TeamsConfig, tokenClientOf } from "./form.ts";

export const mediaHosts = ["*.sharepoint.com"];

export async function fetchMedia(attachment: Attachment, config: TeamsConfig, tools: Tools): Promise<MediaAnswer> {
	const { url } = attachment;
	if (config.base === undefined || !url.startsWith(`${config.base}/`)) {
		return fetchPlainly(attachment, config, tools);
	}
	const call = { method: "GET", url, headers: { accept: "*/*" } } as const;
	const answered = await callWithToken(call, tokenClientOf(config), tools, config.hidden);
	return answered.ok
		? toMediaAnswer(answered.answer, tools.now())
		: { kind: "retry", detail: "There is no access token for it just now." };
}
