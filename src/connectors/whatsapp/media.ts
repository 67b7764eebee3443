// Files of a message: their id tells where they lie for the next five minutes; both are asked for with the number's token.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/media/media-api, checked 2026-11-26.
//   GET {Service Connection}/<media id>?phone_number_id=…   Authorization: Bearer …
//   200 {"messaging_product":"whatsapp","url":"https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=…",
//        "mime_type":"image/jpeg","sha256":"…","file_size":"303833","id":"<media id>"}

import type { Attachment } from "#domain/messages.ts";
import type { HttpCall, MediaAnswer, Tools } from "../contract.ts";
import { asObject, asText, readJson } from "../kit/http.ts";
import { toMediaAnswer } from "../kit/media.ts";
import { appSecretProof } from "../kit/meta-graph.ts";
import type { WhatsAppConfig } from "./form.ts";

const mediaHost = "lookaside.fbsbx.com";
/** The second one where Service Connection is left empty. */
export const mediaHosts = [mediaHost, "graph.facebook.com"];

export async function fetchMedia(attachment: Attachment, config: WhatsAppConfig, tools: Tools): Promise<MediaAnswer> {
	const question = questionFor(attachment, config);
	if (question === undefined) {
		return { kind: "retry", detail: "The number that it was sent to has no access token." };
	}
	const told = await tools.http(question);
	if (told.kind !== "answered" || told.status !== 200) {
		return toMediaAnswer(told, tools.now());
	}
	const { url, mime_type: contentType } = asObject(readJson(told.body)) ?? {};
	if (typeof url !== "string") {
		return { kind: "retry", detail: "The provider did not say where it lies." };
	}
	const headers = isMeta(url, config) ? question.headers : {};
	const found = toMediaAnswer(await tools.http({ method: "GET", url, headers }), tools.now());
	const type = asText(contentType);
	return found.kind === "fetched" && type !== undefined ? { ...found, contentType: type } : found;
}

const ofMedia = /^[A-Za-z0-9_-]{1,128}\?phone_number_id=([0-9]{1,30})$/;

/** Undefined: nobody may ask, or it is no address of ours; the token opens more than files. */
function questionFor({ url }: Attachment, config: WhatsAppConfig): HttpCall | undefined {
	const base = `${config.serviceConnection}/`;
	const number = url.startsWith(base) ? ofMedia.exec(url.slice(base.length))?.[1] : undefined;
	const token = config.numbers.find(({ phoneNumberId }) => phoneNumberId === number)?.token;
	const question = URL.parse(url);
	return question === null || number === undefined || token === undefined
		? undefined
		: { method: "GET", url: proven(question, token, config), headers: { authorization: `Bearer ${token}` } };
}

/** Who may learn the token. */
function isMeta(url: string, { serviceConnection }: WhatsAppConfig): boolean {
	const origin = URL.parse(url)?.origin ?? "";
	return [`https://${mediaHost}`, URL.parse(serviceConnection)?.origin].includes(origin);
}

function proven(question: URL, token: string, { proveAppSecret, appSecrets }: WhatsAppConfig): string {
	const [appSecret] = appSecrets;
	if (proveAppSecret && appSecret !== undefined) {
		question.searchParams.set("appsecret_proof", appSecretProof(appSecret, token));
	}
	return question.href;
}
