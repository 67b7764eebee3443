// Going out: the bind, a submit_sm for each part, and what their answers mean.
// SMPP v3.4 sections 4.1 and 4.4 (https://smpp.org/SMPP_v3_4_Issue1_2.pdf, checked 2026-11-24).

import type { OutboundMessage } from "#domain/messages.ts";
import type { GreetingRefusal, Line, LineAnswer, Outcome, Tools } from "../contract.ts";
import { toSmpp } from "./addressing.ts";
import { shownStatus, statusRule } from "./codes.ts";
import { encodeText } from "./encoding.ts";
import { cannotSend, type DeliveryReports, type SmppConfig } from "./form.ts";
import { hear } from "./inbound.ts";
import { idOfAnswer } from "./message-ids.ts";
import {
	bindTransceiver,
	commands,
	firstString,
	frameLength,
	readPdu,
	type Submit,
	submitSm,
	writePdu,
} from "./pdu.ts";

const keepAliveMs = 30_000; // Sinch asks for an enquire_link every 60 s; twice as often survives one that is lost.

export const line: Line<SmppConfig> = {
	greeting: ({ user, systemType }, number) =>
		bindTransceiver(number, { systemId: user?.systemId ?? "", password: user?.password ?? "", systemType }),
	greeted,
	farewell: (number) => writePdu(commands.unbind, number),
	keepAlive: { everyMs: keepAliveMs, frame: (number) => writePdu(commands.enquireLink, number) },
	window: ({ window }) => window,
	frameLength,
	hear,
};

/** An SMSC before 3.4 has no bind_transceiver, and does not know the command. */
const bindRefusals: ReadonlyMap<number, GreetingRefusal> = new Map([
	[0x03, "version_refused"],
	[0x05, "too_many_lines"],
	[0x0e, "password_refused"],
	[0x0f, "user_refused"],
	[0x58, "greeting_throttled"],
]);

/** Words of the bind's refusal; a code of the provider's own is most often about who we are or where we come from. */
function greeted(answer: Uint8Array): ReturnType<Line<SmppConfig>["greeted"]> {
	const pdu = readPdu(answer);
	if (pdu === undefined || ![commands.bindTransceiverResp, commands.genericNack].some((id) => id === pdu.command)) {
		return { ok: false, code: "protocol", detail: "The provider answered the bind with something else." };
	}
	if (pdu.status === 0) {
		return pdu.command === commands.bindTransceiverResp
			? { ok: true }
			: { ok: false, code: "protocol", detail: "The provider did not understand the bind." };
	}
	const { fault, meaning } = statusRule(pdu.status);
	const code = ["credentials", "config"].includes(fault) ? fault : "unreachable";
	const detail = `The provider refused the bind with ${shownStatus(pdu.status)}: ${meaning}.`;
	const finding = bindRefusals.get(pdu.status);
	return { ok: false, code, detail, ...(finding === undefined ? {} : { finding }) };
}

export async function send(message: OutboundMessage, config: SmppConfig, tools: Tools): Promise<Outcome> {
	const obstacle = cannotSend(config);
	if (obstacle !== undefined) {
		return { kind: "retry", code: "credentials", detail: obstacle };
	}
	const submit = toSubmit(message, config, tools.now());
	if ("kind" in submit) {
		return submit;
	}
	const answer = await tools.line?.ask({
		name: "submit_sm",
		frame: (number) => submitSm(number, submit),
		shown: (frame) => shownAnswer(frame),
	});
	return toOutcome(answer ?? { kind: "notSent", why: "closed", detail: "There is no line here." }, config);
}

const shortMessageMax = 254; // Section 5.2.22.
const partsMax = 255; // The header has one octet for each of number and total.

/** The frame's fields, or what need not be asked, because no answer could be a yes. */
export function toSubmit(message: OutboundMessage, config: SmppConfig, now: Date): Submit | Outcome {
	const { text, attachments, template, validUntil, part } = message;
	if (attachments.length > 0 || template !== undefined || text === "") {
		return rejected("content", "An SMS carries a text, and neither attachments nor a template.");
	}
	const { dataCoding, octets } = encodeText(text, config.alphabet);
	const header = part === undefined ? new Uint8Array() : concatHeader(message.messageId, part);
	const shortMessage = Buffer.concat([header, octets]);
	if (shortMessage.length > shortMessageMax || (part?.of ?? 1) > partsMax) {
		return rejected("content", "The text is longer than a short message, or has more than 255 parts.");
	}
	return {
		source: toSmpp(message.ourAddress),
		destination: toSmpp(message.contactAddress),
		esmClass: part === undefined ? 0 : 0x40,
		validityPeriod: config.namesValidity ? relativeTime(validUntil.getTime() - now.getTime()) : "",
		registeredDelivery: registeredDelivery[config.deliveryReports],
		dataCoding,
		shortMessage,
	};
}

/** Section 5.2.17: the final outcome, and intermediate ones. */
const registeredDelivery: Readonly<Record<DeliveryReports, number>> = { final: 0x01, all: 0x11, none: 0x00 };

function rejected(code: "content", detail: string): Outcome {
	return { kind: "rejected", code, detail };
}

/** Concatenation with a reference of 8 bits (3GPP TS 23.040 section 9.2.3.24.1): the same for all parts of a message. */
function concatHeader(messageId: string, { number, of }: { number: number; of: number }): Uint8Array {
	const reference = Number.parseInt(messageId.slice(-2), 16) || 0;
	return Uint8Array.of(5, 0, 3, reference, of, number);
}

/** `YYMMDDhhmmss000R` (section 7.1.1.2): needs no clock that agrees. Days only, since months differ in length. */
export function relativeTime(ms: number): string {
	const seconds = Math.max(1, Math.floor(ms / 1000));
	const pieces = [seconds / 86_400, (seconds / 3600) % 24, (seconds / 60) % 60, seconds % 60];
	const digits = pieces.map((piece) => String(Math.min(99, Math.floor(piece))).padStart(2, "0")).join("");
	return `0000${digits}000R`;
}

export function toOutcome(answer: LineAnswer, config: SmppConfig): Outcome {
	switch (answer.kind) {
		case "notSent":
			return { kind: "retry", code: answer.why === "full" ? "throttled" : "unreachable", detail: answer.detail };
		case "unclear":
			return {
				kind: "unknown",
				code: "unreachable",
				detail:
					answer.why === "timeout"
						? "The provider did not answer the message in time."
						: "The line to the provider broke before the message was answered.",
			};
		case "answered":
			return ofAnswer(answer.frame, config);
	}
}

const unreadableAnswer: Outcome = {
	kind: "unknown",
	code: "protocol",
	detail: "The provider answered the message with something that nobody can read.",
};

function ofAnswer(frame: Uint8Array, config: SmppConfig): Outcome {
	const pdu = readPdu(frame);
	if (pdu === undefined || ![commands.submitSmResp, commands.genericNack].some((id) => id === pdu.command)) {
		return unreadableAnswer;
	}
	if (pdu.status !== 0) {
		const { kind, fault, meaning } = statusRule(pdu.status);
		return { kind, code: fault, detail: `The provider answered ${shownStatus(pdu.status)}: ${meaning}.` };
	}
	const id = pdu.command === commands.submitSmResp ? firstString(pdu.body) : undefined;
	const remoteId = id === undefined ? undefined : idOfAnswer(id, config.messageIds);
	return remoteId === undefined ? unreadableAnswer : { kind: "accepted", remoteIds: [remoteId] };
}

/** For the trace: the status and the id, as the provider spelled it. */
function shownAnswer(frame: Uint8Array): string {
	const pdu = readPdu(frame);
	if (pdu === undefined) {
		return "unreadable";
	}
	const id = pdu.command === commands.submitSmResp ? (firstString(pdu.body) ?? "") : "";
	return `command_status ${shownStatus(pdu.status)}${id === "" ? "" : `, message_id ${id}`}`;
}
