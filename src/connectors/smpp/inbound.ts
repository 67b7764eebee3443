// What the SMSC says over the line: its answers, its questions, messages of contacts and receipts. By HTTP nothing comes, so
// that door lets nobody in. SMPP v3.4 sections 4.6, 5.2.12 and 5.3.2 (https://smpp.org/SMPP_v3_4_Issue1_2.pdf, checked
// 2026-11-24).

import type { RemoteId } from "#domain/ids.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import type { HeardFrame, Reply, Verdict } from "../contract.ts";
import { cut, valueCharactersMax } from "../kit/facts.ts";
import { fingerprintOfBytes, keyOf } from "../kit/fingerprint.ts";
import { fromSmpp } from "./addressing.ts";
import { decodeText } from "./encoding.ts";
import type { SmppConfig } from "./form.ts";
import { idOfAnswer } from "./message-ids.ts";
import {
	commands,
	type Delivered,
	deliverSmResp,
	firstString,
	isAnswer,
	type Pdu,
	readDeliverSm,
	readPdu,
	tags,
	writePdu,
} from "./pdu.ts";
import { readReceipt } from "./receipts.ts";

const invalidCommand = 0x03;
/** Redelivery is asked for: the message could not be stored just now (section 5.1.3). */
const temporaryError = 0x64;

export function verify(): Verdict {
	return { ok: false, why: "missing" };
}

export function accountsNamed(): readonly string[] {
	return [];
}

export function accountsOf({ user }: SmppConfig): readonly string[] {
	return user === undefined ? [] : [user.systemId];
}

/** Whatever a door that only observes lets in: nothing of it is the provider's. */
export function parse(): readonly ChannelEvent[] {
	return [];
}

export function ack(): Reply {
	return { status: 200 };
}

export function hear(frame: Uint8Array, config: SmppConfig, opening: string): HeardFrame {
	const pdu = readPdu(frame);
	if (pdu === undefined) {
		return { kind: "noise" };
	}
	if (isAnswer(pdu)) {
		return { kind: "answer", number: pdu.number };
	}
	switch (pdu.command) {
		case commands.deliverSm:
			return {
				kind: "told",
				events: [readDelivered(pdu, config, opening)],
				taken: deliverSmResp(pdu.number),
				refused: deliverSmResp(pdu.number, temporaryError),
			};
		case commands.enquireLink:
			return { kind: "asked", reply: writePdu(commands.enquireLinkResp, pdu.number) };
		case commands.unbind:
			return { kind: "over", reply: writePdu(commands.unbindResp, pdu.number) };
		case commands.outbind:
		case commands.alertNotification:
			return { kind: "noise" };
		default:
			return { kind: "asked", reply: writePdu(commands.genericNack, pdu.number, [], invalidCommand) };
	}
}

const typeBits = 0x3c;
const receiptTypes: readonly number[] = [0x04, 0x20]; // A receipt, and a notification on the way.
const hasHeader = 0x40;

function readDelivered({ body, number }: Pdu, config: SmppConfig, opening: string): ChannelEvent {
	const delivered = readDeliverSm(body);
	if (delivered === undefined) {
		return unreadable("The deliver_sm is shorter than it says.", body);
	}
	return receiptTypes.includes(delivered.esmClass & typeBits)
		? readReceipt(delivered, body, config)
		: readMessage(delivered, { body, number, opening }, config);
}

function unreadable(reason: string, body: Uint8Array): ChannelEvent {
	return { kind: "unreadable", dedupKey: `unreadable:${fingerprintOfBytes(body)}`, reason };
}

type Place = { body: Uint8Array; number: number; opening: string };

function readMessage(delivered: Delivered, place: Place, config: SmppConfig): ChannelEvent {
	const { source, destination, dataCoding, esmClass, tlvs } = delivered;
	const from = fromSmpp(source, config.country);
	const to = fromSmpp(destination, config.country);
	const content = (esmClass & hasHeader) === 0 ? withoutHeader(delivered.message) : splitHeader(delivered.message);
	if (from === undefined || to === undefined || content === undefined) {
		return unreadable("The message lacks an address, or its user data header is longer than the message.", place.body);
	}
	const text = decodeText(content.octets, dataCoding, config.alphabet);
	const facts = {
		...concatFacts(content.concat ?? sarOf(tlvs)),
		...(text === undefined ? binaryFacts(content.octets, dataCoding) : {}),
	};
	return {
		kind: "message",
		...idsOf(delivered, place),
		channel: "sms",
		ourAddress: to,
		contact: { address: from },
		text: text ?? "",
		attachments: [],
		...(Object.keys(facts).length === 0 ? {} : { metadata: facts }),
	};
}

/**
 * SMPP gives a contact's message no id. Some providers put one where a receipt has it; else the frame's number on this
 * opening of the line is one: the same frame again on it is the same message, and what comes again on another is not known.
 */
function idsOf({ tlvs }: Delivered, { body, number, opening }: Place): { dedupKey: string; remoteId: RemoteId } {
	const stated = firstString(tlvs.get(tags.receiptedMessageId) ?? new Uint8Array());
	const remoteId = idOfAnswer(stated ?? "", "same") ?? (`${opening}:${number}` as RemoteId);
	return { remoteId, dedupKey: keyOf("message", [remoteId, fingerprintOfBytes(body).slice(0, 32)], [remoteId]) };
}

type Concat = { reference: number; of: number; part: number };
type Content = { octets: Uint8Array; concat?: Concat | undefined };

function withoutHeader(octets: Uint8Array): Content {
	return { octets };
}

/** The user data header (3GPP TS 23.040 section 9.2.3.24): its length, then elements of an id, a length and a value. */
function splitHeader(octets: Uint8Array): Content | undefined {
	const length = octets[0] ?? 0;
	if (length + 1 > octets.length) {
		return undefined;
	}
	const header = octets.subarray(1, length + 1);
	return { octets: octets.subarray(length + 1), concat: concatIn(header) };
}

function concatIn(header: Uint8Array): Concat | undefined {
	for (let at = 0; at + 2 <= header.length; at += 2 + (header[at + 1] ?? 0)) {
		const value = header.subarray(at + 2, at + 2 + (header[at + 1] ?? 0));
		const [first = 0, second = 0, third = 0, fourth = 0] = value;
		if (header[at] === 0x00 && value.length === 3) {
			return { reference: first, of: second, part: third };
		}
		if (header[at] === 0x08 && value.length === 4) {
			return { reference: first * 256 + second, of: third, part: fourth };
		}
	}
	return undefined;
}

function sarOf(tlvs: Delivered["tlvs"]): Concat | undefined {
	const [high, low] = tlvs.get(tags.sarMsgRefNum) ?? [];
	const of = tlvs.get(tags.sarTotalSegments)?.[0];
	const part = tlvs.get(tags.sarSegmentSeqnum)?.[0];
	return high === undefined || low === undefined || of === undefined || part === undefined
		? undefined
		: { reference: high * 256 + low, of, part };
}

function concatFacts(concat: Concat | undefined): Readonly<Record<string, string>> {
	return concat === undefined
		? {}
		: { concatReference: String(concat.reference), concatParts: String(concat.of), concatPart: String(concat.part) };
}

function binaryFacts(octets: Uint8Array, dataCoding: number): Readonly<Record<string, string>> {
	return {
		dataCoding: String(dataCoding),
		octets: cut(Buffer.from(octets).toString("hex"), valueCharactersMax) || "-",
	};
}
