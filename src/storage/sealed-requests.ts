// A refused request as it is sealed into the quarantine and opened again: one layout for those who write and who read.

import type { Place, SecretBox } from "#platform/secret-box.ts";

export type SealedRequest = {
	method: string;
	/** As the door saw it: the public base URL and the raw path and query. */
	url: string;
	/** All of them, also those with secrets: a request that is checked again needs them. */
	headers: Readonly<Record<string, string>>;
	body: Uint8Array;
};

export function sealRequest(box: SecretBox, quarantineId: string, request: SealedRequest): Uint8Array {
	const { body, ...rest } = request;
	return box.seal(JSON.stringify({ ...rest, body: Buffer.from(body).toString("base64") }), placeOf(quarantineId));
}

/** Throws `SealBroken` when the row was changed or moved, or its data key is not there. */
export function openRequest(box: SecretBox, quarantineId: string, sealed: Uint8Array): SealedRequest {
	const { body, ...rest } = JSON.parse(box.openText(sealed, placeOf(quarantineId))) as Omit<SealedRequest, "body"> & {
		body: string;
	};
	return { ...rest, body: Buffer.from(body, "base64") };
}

function placeOf(quarantineId: string): Place {
	return { table: "quarantine", column: "sealed", rowId: quarantineId };
}
