// A message's id in one spelling. Some providers answer a send in hexadecimal and report in decimal, or the other way round;
// only the administrator can know, for every decimal number is a hexadecimal one too. The answer's spelling is ours.

import type { RemoteId } from "#domain/ids.ts";
import type { MessageIds } from "./form.ts";

const charactersMax = 65; // message_id of SMPP v3.4 section 5.2.23.

export function idOfAnswer(id: string, spelling: MessageIds): RemoteId | undefined {
	const given = id.trim();
	if (given === "" || given.length > charactersMax) {
		return undefined;
	}
	return (spelling === "same" ? given : plain(given)) as RemoteId;
}

export function idOfReceipt(id: string, spelling: MessageIds): RemoteId | undefined {
	const given = id.trim();
	if (spelling === "decimalInReceipts" && /^\d+$/.test(given) && given.length <= charactersMax) {
		return BigInt(given).toString(16) as RemoteId;
	}
	if (spelling === "hexInReceipts" && /^[0-9a-f]+$/i.test(given) && given.length <= charactersMax) {
		return BigInt(`0x${given}`).toString() as RemoteId;
	}
	return idOfAnswer(given, spelling);
}

/** A number without leading zeros, in small letters; another id as it is. */
function plain(id: string): string {
	return /^[0-9a-f]+$/i.test(id) ? id.toLowerCase().replace(/^0+(?=.)/, "") : id;
}
