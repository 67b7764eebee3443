// Calls of the older API: GETs in which Sinch has put its values for the %-escapes of an address. Delivery reports come to
// the address that `basic-sends.ts` names, messages of contacts to the one that an administrator gave Sinch.
// As documented at https://developers.sinch.com/docs/sms/other/sms-other-http-basic, checked 2026-11-24, for example
// …?attempt=…&proof=…&type=1&state=DELIVRD&error=000&id=12c306e85bc5d9e4e52211c741e21277
// …?from=46700123456&to=71630&time=1764158400&udh=&text=Hello+world

import { createHash } from "node:crypto";
import type { ChannelEvent, ReceiptTarget } from "#domain/messages.ts";
import type { AttemptId, RemoteId } from "#domain/ids.ts";
import type { RawRequest } from "../contract.ts";
import { cut, factsOf, valueCharactersMax } from "../kit/facts.ts";
import { keyOf } from "../kit/fingerprint.ts";
import { fromSinch } from "./addressing.ts";
import { basicReportTypes, basicStates, faultOf } from "./codes.ts";

type Fields = ReadonlyMap<string, string>;

/** As `basic-sends.ts` names them; `dr-msg` is that of the published example. */
const reportFields = ["type", "state", "dr-msg"];

export function isBasicReport(req: RawRequest): boolean {
	const { fields } = fieldsOf(req);
	return req.method === "GET" && !fields.has("text") && reportFields.some((name) => fields.has(name));
}

export function readBasicCall(req: RawRequest, attemptId: AttemptId | undefined): ChannelEvent {
	const { fields, twice } = fieldsOf(req);
	const key = createHash("sha256").update(`${req.method} ${req.url}\n`).update(req.body).digest("hex");
	if (req.method !== "GET" || twice !== undefined) {
		return unreadable(twice === undefined ? "The call is not a GET." : `The parameter ${twice} occurs twice.`, key);
	}
	return isBasicReport(req) ? readReport(fields, attemptId, key) : readMessage(fields, attemptId, key);
}

function unreadable(reason: string, key: string): ChannelEvent {
	return { kind: "unreadable", dedupKey: `unreadable:${key}`, reason };
}

function readMessage(fields: Fields, attemptId: AttemptId | undefined, key: string): ChannelEvent {
	const [from = "", to = "", text] = ["from", "to", "text"].map((name) => fields.get(name));
	if (from.trim() === "" || to.trim() === "" || text === undefined || attemptId !== undefined) {
		return unreadable("The call is neither a message with from, to and text nor a delivery report.", key);
	}
	const time = fields.get("time") ?? "";
	if (!/^\d{9,10}$/.test(time)) {
		return unreadable("The message has no time; add time=%T to the address that Sinch was given.", key);
	}
	const udh = fields.get("udh") ?? "";
	// The older API gives messages no id. The same text at the same second is the same message.
	const remoteId = createHash("sha256")
		.update(JSON.stringify([time, from, to, udh, text]))
		.digest("hex");
	return {
		kind: "message",
		dedupKey: `message:${remoteId}`,
		at: new Date(Number(time) * 1000),
		remoteId: remoteId as RemoteId,
		channel: "sms",
		ourAddress: fromSinch(to),
		contact: { address: fromSinch(from) },
		text,
		attachments: [],
		...(udh === "" ? {} : { metadata: { udh: cut(Buffer.from(udh, "latin1").toString("hex"), valueCharactersMax) } }),
	};
}

/** `id:… sub:001 dlvrd:001 … stat:DELIVRD err:000 text:…`, joined by spaces or by plus signs (SMPP 3.4, appendix B). */
function ofMessage(fields: Fields, name: string): string {
	return new RegExp(`(?:^|[ +])${name}:([^ +]+)`, "i").exec(fields.get("dr-msg") ?? "")?.[1] ?? "";
}

type Report = {
	remoteId: RemoteId | undefined;
	/** `DELIVRD` and the like; may be empty. */
	word: string;
	state: "sent" | "delivered" | "failed" | "activity";
	code: number | undefined;
};

function reportIn(fields: Fields): Report {
	const valueOf = (name: string, inMessage: string): string => fields.get(name) || ofMessage(fields, inMessage);
	const id = valueOf("id", "id");
	const word = valueOf("state", "stat");
	const error = valueOf("error", "err");
	return {
		remoteId: /^[\x21-\x7e]{1,100}$/.test(id) ? (id as RemoteId) : undefined,
		word: cut(word, valueCharactersMax),
		state: basicReportTypes.get(fields.get("type") ?? "") ?? basicStates.get(word) ?? "activity",
		code: /^\d{1,6}$/.test(error) ? Number(error) : undefined,
	};
}

function readReport(fields: Fields, attemptId: AttemptId | undefined, key: string): ChannelEvent {
	const { remoteId, word, state, code } = reportIn(fields);
	const target = targetOf(remoteId, attemptId);
	if (target === undefined) {
		return unreadable("The delivery report does not say which message it is about.", key);
	}
	const dedupKey = keyOf("receipt", [attemptId ?? remoteId, remoteId, word, state, String(code ?? "")], [...fields]);
	if (state === "activity") {
		const named = remoteId === undefined ? {} : { remoteId };
		return { kind: "activity", dedupKey, name: "delivery_status", ...named, facts: factsOf({ state: word }) };
	}
	const receipt = { kind: "receipt", dedupKey, target } as const;
	return state === "failed"
		? { ...receipt, status: state, fault: faultOf(basicStates.has(word) ? word : "UNDELIV", code) }
		: { ...receipt, status: state };
}

function targetOf(remoteId: RemoteId | undefined, attemptId: AttemptId | undefined): ReceiptTarget | undefined {
	const named = remoteId === undefined ? undefined : ({ by: "remote", remoteId } as const);
	return attemptId === undefined
		? named
		: { by: "attempt", attemptId, ...(remoteId === undefined ? {} : { remoteId }) };
}

/** Every parameter; `twice`: one that is there more than once, so that nobody can say which one counts. */
function fieldsOf(req: RawRequest): { fields: Fields; twice: string | undefined } {
	const fields = new Map<string, string>();
	let twice: string | undefined;
	for (const pair of (/\?([^#]*)/.exec(req.url)?.[1] ?? "").split("&")) {
		const [name = "", ...rest] = pair.split("=");
		const known = decode(name);
		if (fields.has(known)) {
			twice ??= cut(known, 40);
		}
		fields.set(known, decode(rest.join("=")));
	}
	return { fields, twice };
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder("latin1");

/** The bytes as UTF-8, else as ISO-8859-1: which one is meant is not documented for messages of contacts. */
function decode(escaped: string): string {
	const binary = escaped
		.replaceAll("+", " ")
		.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
	if (/[\u0100-\uFFFF]/.test(binary)) {
		return binary.toWellFormed(); // Not escaped at all; no provider writes that.
	}
	const bytes = Buffer.from(binary, "latin1");
	try {
		return utf8.decode(bytes);
	} catch (error) {
		if (error instanceof TypeError) {
			return latin1.decode(bytes);
		}
		throw error;
	}
}
