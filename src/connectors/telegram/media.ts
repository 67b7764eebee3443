// Files of a message: their id tells a path that works for an hour. https://core.telegram.org/bots/api#getfile, checked
// 2026-11-27. Bots get files of up to 20 MB.
//   GET {Service Connection}/bot<token>/getFile?file_id=…   200 {"ok":true,"result":{"file_id":"…","file_path":"photos/file_1.jpg"}}
//   GET {Service Connection}/file/bot<token>/photos/file_1.jpg

import type { Attachment } from "#domain/messages.ts";
import type { MediaAnswer, Tools } from "../contract.ts";
import { asObject, asText, readJson } from "../kit/http.ts";
import { toMediaAnswer } from "../kit/media.ts";
import type { TelegramConfig } from "./form.ts";

/** Where Service Connection is left empty. */
export const mediaHosts = ["api.telegram.org"];

export async function fetchMedia({ url }: Attachment, config: TelegramConfig, tools: Tools): Promise<MediaAnswer> {
	const id = URL.parse(url)?.searchParams.get("file_id") ?? "";
	const { bot, serviceConnection } = config;
	if (bot?.token === undefined) {
		return { kind: "retry", detail: "The bot has no token." };
	}
	const question = `${serviceConnection}/bot${bot.token}/getFile?file_id=${encodeURIComponent(id)}`;
	const told = await tools.http({ method: "GET", url: question, headers: { accept: "application/json" } });
	if (told.kind !== "answered" || told.status !== 200) {
		return toMediaAnswer(told, tools.now());
	}
	const path = asText(asObject(asObject(readJson(told.body))?.["result"])?.["file_path"]) ?? "";
	if (!/^[\w-]+(?:\/[\w-]+)*(?:\.[\w.-]+)?$/.test(path) || path.includes("..")) {
		return { kind: "retry", detail: "The provider did not say where it lies." };
	}
	const place = `${serviceConnection}/file/bot${bot.token}/${path}`;
	return toMediaAnswer(await tools.http({ method: "GET", url: place, headers: {} }), tools.now());
}
