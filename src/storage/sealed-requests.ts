// Opens a refused request as the SMS Server sealed it into the quarantine.

import type { SecretBox } from "#platform/secret-box.ts";

export type SealedRequest = {
	method: string;
	/** As the door saw it: the public base URL and the raw path and query. */
	url: string;
	headers: readonly (readonly [name: string, value: string])[];
	body: Uint8Array;
};

/** Throws `SealBroken` when the row was changed or moved, or its data key is not there. */
export function openSealedRequest(box: SecretBox, quarantineId: string, sealed: Uint8Array): SealedRequest {
	const place = { table: "quarantine", column: "sealed", rowId: quarantineId };
	const { method, url, headers, body } = JSON.parse(box.openText(sealed, place)) as {
		method: string;
		url: string;
		headers: [string, string][];
		body: string;
	};
	return { method, url, headers, body: Buffer.from(body, "base64") };
}
