// A refused request as it lies in the quarantine: sealed by the SMS Server, opened by it again and for a person.

import type { Place, SecretBox } from "#platform/secret-box.ts";

export type SealedRequest = {
	method: string;
	/** As the door saw it: the public base URL and the raw path and query. */
	url: string;
	headers: readonly (readonly [name: string, value: string])[];
	body: Uint8Array;
};

function placeOf(quarantineId: string): Place {
	return { table: "quarantine", column: "sealed", rowId: quarantineId };
}

export function sealRequest(box: SecretBox, quarantineId: string, request: SealedRequest): Uint8Array {
	const { method, url, headers, body } = request;
	const clear = JSON.stringify({ method, url, headers, body: Buffer.from(body).toString("base64") });
	return box.seal(clear, placeOf(quarantineId));
}

/** Throws `SealBroken` when the row was changed or moved, or its data key is not there. */
export function openSealedRequest(box: SecretBox, quarantineId: string, sealed: Uint8Array): SealedRequest {
	const { method, url, headers, body } = JSON.parse(box.openText(sealed, placeOf(quarantineId))) as {
		method: string;
		url: string;
		headers: [string, string][];
		body: string;
	};
	return { method, url, headers, body: Buffer.from(body, "base64") };
}
