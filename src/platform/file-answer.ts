// The headers of an answer that is a file of somebody else's making: nothing in it may run or be rendered as a page.

import { isShownInPlace, typeShownBy } from "#domain/file-types.ts";
import type { HeaderTable } from "./security-headers.ts";

/** @param bytes the content, which has to show that it is an image before a browser may show it as one */
export function fileHeaders(contentType: string, filename: string, bytes: Uint8Array): HeaderTable {
	const isImage = isShownInPlace(contentType) && typeShownBy(bytes) === contentType;
	return {
		"content-type": contentType,
		"content-disposition": `${isImage ? "inline" : "attachment"}; ${namedAs(filename)}`,
		"content-security-policy":
			"sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
		"x-content-type-options": "nosniff",
		"cache-control": "private, no-store",
		"x-robots-tag": "noindex",
	};
}

/** In plain letters, and whole (RFC 6266 section 4.3, RFC 8187). */
function namedAs(filename: string): string {
	const plain = filename.replaceAll(/[^A-Za-z0-9._ -]/g, "_");
	const whole = encodeURIComponent(filename.toWellFormed()).replaceAll(
		/['()*!]/g,
		(sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
	);
	return whole === plain ? `filename="${plain}"` : `filename="${plain}"; filename*=UTF-8''${whole}`;
}
