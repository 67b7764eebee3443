// Attachments of e-mails: the raw value of the property Binary, asked for as the technical user.
// OData V2, https://www.odata.org/documentation/odata-version-2-0/uri-conventions/ ($value), checked 2026-11-26.

import type { Attachment } from "#domain/messages.ts";
import type { MediaAnswer, Tools } from "../contract.ts";
import { toMediaAnswer } from "../kit/media.ts";
import type { C4sConfig } from "./form.ts";
import { headersOf } from "./odata.ts";

/** Only below the tenant's own OData service, where its addresses were made by us. */
export async function fetchMedia({ url }: Attachment, { access }: C4sConfig, tools: Tools): Promise<MediaAnswer> {
	if (access === undefined || !url.startsWith(`${access.base}/`)) {
		return { kind: "retry", detail: "The technical user has no password, or the tenant is another one now." };
	}
	const headers = { ...headersOf(access), accept: "*/*" };
	return toMediaAnswer(await tools.http({ method: "GET", url, headers }), tools.now());
}
