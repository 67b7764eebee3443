// Fields of the deliver_sm by which the simulated SMSC tells of a contact's message or of a receipt.

import type { WebhookManners } from "./simulator.ts";
import type { Fields } from "./smpp-sessions.ts";

type ReceiptKind = WebhookManners["receipts"][number];

export function sides(from: string, to: string): Fields {
	return {
		source_addr_ton: from.startsWith("+") ? 1 : /^\d+$/.test(from) ? 2 : 5,
		source_addr_npi: 1,
		source_addr: from.replace("+", ""),
		dest_addr_ton: 1,
		dest_addr_npi: 1,
		destination_addr: to.replace("+", ""),
	};
}

const shortMessageMax = 254;

export function contentOf(words: string): Fields {
	const isPlain = /^[A-Za-z0-9 .,:;!?'()+*/-]*$/.test(words);
	const octets = isPlain ? Buffer.from(words, "ascii") : Buffer.from(words, "utf16le").swap16();
	const place = octets.length > shortMessageMax ? "message_payload" : "short_message";
	return { data_coding: isPlain ? 0 : 8, [place]: octets };
}

const states: Readonly<Record<Exclude<ReceiptKind, "read">, readonly [state: number, word: string, error: string]>> = {
	sent: [1, "ENROUTE", "000"],
	delivered: [2, "DELIVRD", "000"],
	failed: [5, "UNDELIV", "012"],
};

export function receiptFields(kind: ReceiptKind, id: string, now: Date): Fields {
	const [state, word, error] = states[kind === "read" ? "delivered" : kind];
	const date = now.toISOString().replaceAll(/[-T:]/g, "").slice(2, 12);
	const words = `id:${id} sub:001 dlvrd:001 submit date:${date} done date:${date} stat:${word} err:${error} text:`;
	return {
		esm_class: kind === "sent" ? 0x20 : 0x04,
		data_coding: 0,
		short_message: Buffer.from(words, "ascii"),
		receipted_message_id: id,
		message_state: state,
	};
}
