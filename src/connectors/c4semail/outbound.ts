// Answers. Agents write them in SAP Cloud for Customer, so a message sent here is refused before anything is called; with
// the setting odata (proposed) it becomes an outgoing e-mail activity there, by one deep insert.
// POST …/EMailCollection {"Subject":"…","InitiatorCode":"3","ToEMailURI":"kim@example.com","ExternalID":"parley:…",
//   "EMailNotes":[{"TypeCode":"10002","Text":"…"}]}   201 {"d":{"results":{"ObjectID":"00163E…"}}}

import type { RemoteId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall, Outcome, Tools } from "../contract.ts";
import { markOf } from "../kit/attempt-mark.ts";
import { asObject, outcomeOfSilence, retryAfter } from "../kit/http.ts";
import { quotedWords } from "./asking.ts";
import { sendRule } from "./codes.ts";
import { notes } from "./emails.ts";
import { type C4sConfig, cannotSend } from "./form.ts";
import { type Access, entityIn, headersOf, isDone, objectIdIn, pageIn, question, textLiteral } from "./odata.ts";

/** The request, or the reason why there is none. */
export type Prepared = { ok: true; call: HttpCall; access: Access } | { ok: false; outcome: Outcome };

export async function send(message: OutboundMessage, config: C4sConfig, tools: Tools): Promise<Outcome> {
	const prepared = toRequest(message, config);
	if (!prepared.ok) {
		return prepared.outcome;
	}
	const { call, access } = prepared;
	const first = await tools.http(call);
	if (!demandsToken(first)) {
		return toOutcome(first, tools.now(), { config, message });
	}
	// Nothing was made: the answer says so itself. With the token the same request is sent once more.
	const proof = proofIn(await tools.http(toTokenRequest(access)));
	const second =
		proof === undefined ? undefined : await tools.http({ ...call, headers: { ...call.headers, ...proof } });
	return second === undefined || demandsToken(second)
		? { kind: "retry", code: "credentials", detail: tokenTrouble }
		: toOutcome(second, tools.now(), { config, message });
}

const answeredInC4c =
	"Answers to these e-mails are written in SAP Cloud for Customer; this service only brings them in (setting Answers).";

export function toRequest(message: OutboundMessage, config: C4sConfig): Prepared {
	const { access } = config;
	const obstacle = cannotSend(config);
	if (access === undefined || obstacle !== undefined) {
		return { ok: false, outcome: { kind: "retry", code: "credentials", detail: obstacle ?? "" } };
	}
	if (config.replyMode === "c4c") {
		return refused("config", answeredInC4c);
	}
	if (message.template !== undefined || message.attachments.length > 0) {
		return refused("content", "An answer by SAP Cloud for Customer is a text, without attachments and templates.");
	}
	return message.text === ""
		? refused("content", "The message is empty.")
		: { ok: true, access, call: toCall(message, config, access) };
}

function refused(code: "config" | "content", detail: string): Prepared {
	return { ok: false, outcome: { kind: "rejected", code, detail } };
}

function toCall(message: OutboundMessage, config: C4sConfig, access: Access): HttpCall {
	const { properties, outboundValue, noteTypeCode, mailbox, replySubject, replyProperties } = config;
	const body = {
		...replyProperties,
		[properties.subject]: replySubject,
		[properties.direction]: outboundValue,
		[properties.recipient]: message.contactAddress,
		...(mailbox === "" ? {} : { [properties.sender]: mailbox }),
		[properties.mark]: markOf(message.attemptId),
		[notes]: [{ TypeCode: noteTypeCode, Text: message.text }],
	};
	return {
		method: "POST",
		url: `${access.base}/EMailCollection`,
		headers: { ...headersOf(access), "content-type": "application/json" },
		body: JSON.stringify(body),
	};
}

/** Only users that are no technical ones need such a token; SAP's usual way to say so. */
function demandsToken(answer: HttpAnswer): boolean {
	return (
		answer.kind === "answered" && answer.status === 403 && /^required$/i.test(answer.headers.get("x-csrf-token") ?? "")
	);
}

export function toTokenRequest(access: Access): HttpCall {
	return {
		method: "GET",
		url: `${access.base}/?$format=json`,
		headers: { ...headersOf(access), "x-csrf-token": "fetch" },
	};
}

/** The token counts only together with the cookies that came with it. */
export function proofIn(answer: HttpAnswer): Readonly<Record<string, string>> | undefined {
	const token = isDone(answer) ? (answer.headers.get("x-csrf-token") ?? "") : "";
	if (!isDone(answer) || !/^[\x21-\x7e]{4,500}$/.test(token) || /^(?:required|fetch)$/i.test(token)) {
		return undefined;
	}
	const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]?.trim() ?? "");
	const sent = cookies.filter((cookie) => /^[^=\s]+=[\x21-\x7e]*$/.test(cookie)).join("; ");
	return { "x-csrf-token": token, ...(sent === "" ? {} : { cookie: sent }) };
}

const tokenTrouble =
	"SAP Cloud for Customer demands a CSRF token and gives none that it takes; use a technical user of a communication arrangement.";

type Sent = { config: C4sConfig; message: OutboundMessage };

export function toOutcome(answer: HttpAnswer, now: Date, { config, message }: Sent): Outcome {
	if (answer.kind !== "answered") {
		return outcomeOfSilence(answer);
	}
	const { status, headers, body } = answer;
	if (status >= 200 && status <= 299) {
		const id = objectIdIn(entityIn(body));
		return id === undefined
			? {
					kind: "unknown",
					code: "protocol",
					detail: `SAP Cloud for Customer answered ${status}, but without an ObjectID.`,
				}
			: { kind: "accepted", remoteIds: [id as RemoteId] };
	}
	const { kind, fault, meaning, closesService } = sendRule(status);
	const said = quotedWords(body, config, [message.text]);
	const detail = `SAP Cloud for Customer answered ${status}: ${meaning}${said}.`;
	if (kind === "rejected") {
		return { kind, code: fault, detail, ...(closesService ? { closesService } : {}) };
	}
	const notBefore = kind === "retry" ? retryAfter(headers, now) : undefined;
	return { kind, code: fault, detail, ...(notBefore === undefined ? {} : { notBefore }) };
}

const notFound: Outcome = {
	kind: "unknown",
	code: "unreachable",
	detail: "SAP Cloud for Customer lists no e-mail with our mark; it may still come.",
};

/** None proves nothing: the e-mail may be stored a moment later. */
export async function lookup(
	message: OutboundMessage,
	_attemptedAt: Date,
	config: C4sConfig,
	tools: Tools,
): Promise<Outcome> {
	const { access, properties, replyMode } = config;
	if (access === undefined || replyMode === "c4c") {
		return notFound;
	}
	const $filter = `${properties.mark} eq ${textLiteral(markOf(message.attemptId))}`;
	const answer = await tools.http(question(access, "EMailCollection", { $filter, $select: "ObjectID", $top: "2" }));
	const listed = isDone(answer) ? (pageIn(answer.body)?.entities ?? []) : [];
	const [id] = listed.flatMap((entity) => objectIdIn(asObject(entity)) ?? []);
	return id === undefined ? notFound : { kind: "accepted", remoteIds: [id as RemoteId] };
}
