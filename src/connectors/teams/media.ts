// Files of a message. Pictures lie in Graph or at the Bot Connector and are had with the access token; a file that somebody
// gives a bot has an address that opens by itself for some minutes; files in SharePoint stay there.
// https://learn.microsoft.com/graph/api/chatmessagehostedcontent-get, checked 2026-11-26. From memory: that a bot's
// pictures are had with its token, and where they lie.
//   GET {Service Connection}/v3/attachments/{id}/views/original

import type { Attachment } from "#domain/messages.ts";
import type { MediaAnswer, Tools } from "../contract.ts";
import { fetchPlainly, toMediaAnswer } from "../kit/media.ts";
import { callWithToken } from "../kit/oauth2.ts";
import { type TeamsConfig, tokenClientOf } from "./form.ts";
import { hostedContentAt } from "./hosted-contents.ts";

export const mediaHosts = ["*.sharepoint.com"];

export async function fetchMedia(attachment: Attachment, config: TeamsConfig, tools: Tools): Promise<MediaAnswer> {
	const { url } = attachment;
	const { base } = config;
	if (base === undefined || URL.parse(url)?.origin !== URL.parse(base)?.origin) {
		return fetchPlainly(attachment, config, tools);
	}
	// The token opens far more than files, and who wrote the message may have named the address.
	if (!isFile(url, base, config)) {
		return {
			kind: "failed",
			why: "not allowed",
			detail: "It lies at Microsoft's interface, but is no file of a message.",
		};
	}
	const call = { method: "GET", url, headers: { accept: "*/*" } } as const;
	const answered = await callWithToken(call, tokenClientOf(config), tools, config.hidden);
	return answered.ok
		? toMediaAnswer(answered.answer, tools.now())
		: { kind: "retry", detail: "There is no access token for it just now." };
}

/** In our own spelling only: nothing in it is left to be resolved by anybody. The tenant stands in newer addresses. */
const ofBot = /^\/(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/)?v3\/attachments\/[\w~-]+\/views\/[\w~-]+$/;

function isFile(url: string, base: string, { mode }: TeamsConfig): boolean {
	return mode === "graph"
		? hostedContentAt(url, base)?.url === url
		: url.startsWith(`${base}/`) && ofBot.test(url.slice(base.length));
}
