// Delivery receipts: state and id from the optional parameters where they are, else from the text of SMPP v3.4 appendix B,
// "id:… sub:001 dlvrd:001 submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DELIVRD err:000 text:…".

import type { RemoteId } from "#domain/ids.ts";
import type { ActivityEvent, ChannelEvent, ReceiptEvent } from "#domain/messages.ts";
import { cut } from "../kit/facts.ts";
import { fingerprintOfBytes, keyOf } from "../kit/fingerprint.ts";
import { messageStates, receiptWords } from "./codes.ts";
import type { SmppConfig } from "./form.ts";
import { idOfReceipt } from "./message-ids.ts";
import { type Delivered, firstString, tags } from "./pdu.ts";

const textReadMax = 1000; // What is of use stands in front of "text:", within 150 characters.

export function readReceipt(delivered: Delivered, body: Uint8Array, config: SmppConfig): ChannelEvent {
	const text = wordsOf(delivered);
	const remoteId = idOfReceipt(givenId(delivered, text), config.messageIds);
	const word = wordIn(delivered, text);
	if (remoteId === undefined || word === undefined) {
		const dedupKey = `unreadable:${fingerprintOfBytes(body)}`;
		return { kind: "unreadable", dedupKey, reason: "The receipt lacks the message's id or its state." };
	}
	const done = /done date:\s?(\d{10}(?:\d\d)?)/i.exec(text)?.[1] ?? "";
	const at = timeOf(done);
	const dedupKey = keyOf("receipt", [remoteId, word, done], [remoteId, word, done]);
	return { ...toEvent(word, remoteId, errorIn(delivered, text)), dedupKey, ...(at === undefined ? {} : { at }) };
}

type Said = Omit<ReceiptEvent, "dedupKey"> | Omit<ActivityEvent, "dedupKey">;

function toEvent(word: string, remoteId: RemoteId, error: string | undefined): Said {
	const state = receiptWords.get(word);
	if (state === undefined || state.status === "activity") {
		const facts = { state: word, ...(error === undefined ? {} : { error }) };
		return { kind: "activity", name: "delivery_receipt", remoteId, facts };
	}
	const { status, fault: code, meaning } = state;
	const receipt = { kind: "receipt", target: { by: "remote", remoteId }, status } as const;
	return code === undefined ? receipt : { ...receipt, fault: { code, ...faultText(word, meaning, error) } };
}

function faultText(
	word: string,
	meaning: string,
	error: string | undefined,
): { detail: string; providerCode?: string } {
	const isTold = error !== undefined && !/^0*$/.test(error);
	return {
		detail: `The provider reports ${word}${isTold ? ` with the error ${error}` : ""}: ${meaning}.`,
		...(isTold ? { providerCode: error } : {}),
	};
}

/** ASCII in practice, whatever data_coding says; one that is UCS-2 is read as that. */
function wordsOf({ message, dataCoding }: Delivered): string {
	const text = dataCoding === 8 ? new TextDecoder("utf-16be").decode(message) : Buffer.from(message).toString("latin1");
	return cut(text, textReadMax);
}

function givenId({ tlvs }: Delivered, text: string): string {
	const stated = tlvs.get(tags.receiptedMessageId);
	const inText = /(?:^|\s)id:\s?(\S{1,65})/i.exec(text)?.[1] ?? "";
	return stated === undefined ? inText : (idIn(stated) ?? inText);
}

function errorIn(delivered: Delivered, text: string): string | undefined {
	return /(?:^|\s)err:\s?([0-9A-Za-z]{1,10})/i.exec(text)?.[1] ?? networkError(delivered);
}

/** With its NUL, or without where the provider forgot it. */
function idIn(value: Uint8Array): string | undefined {
	const id = firstString(value) ?? Buffer.from(value).toString("latin1");
	return id.trim() === "" ? undefined : id;
}

function wordIn({ tlvs }: Delivered, text: string): string | undefined {
	const state = tlvs.get(tags.messageState)?.[0];
	const told = state === undefined ? undefined : messageStates[state];
	return told ?? /(?:^|\s)stat:\s?([A-Za-z]{1,20})/i.exec(text)?.[1]?.toUpperCase();
}

/** Its first octet is the kind of network (section 5.3.2.31). */
function networkError({ tlvs }: Delivered): string | undefined {
	const [, high, low] = tlvs.get(tags.networkErrorCode) ?? [];
	return high === undefined || low === undefined ? undefined : String(high * 256 + low);
}

/** In UTC, as most providers mean it. Undefined: no such day. */
function timeOf(digits: string): Date | undefined {
	const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (digits.match(/\d\d/g) ?? []).map(Number);
	const at = new Date(Date.UTC(2000 + year, month - 1, day, hour, minute, second));
	const isSame = at.getUTCMonth() === month - 1 && at.getUTCDate() === day && at.getUTCHours() === hour;
	return isSame ? at : undefined;
}
