// Delivery notifications: a GET or POST with parameters whose names are settings, because nobody documents their spelling, or
// a JSON object of Live Link 365. The status is a word, a code, or a sentence in which both hide.
// …?orderId=1403184264&status=Message+1+of+orderid+1403184264+for+number+%2B44…+has+been+sent…&nmMessage=1&subject=parley:…

import type { AttemptId, RemoteId } from "#domain/ids.ts";
import type { ChannelEvent, ReceiptEvent, ReceiptTarget } from "#domain/messages.ts";
import { attemptOf } from "../kit/attempt-mark.ts";
import { cut, factsOf } from "../kit/facts.ts";
import { fingerprint, keyOf } from "../kit/fingerprint.ts";
import { timeOf } from "../kit/sap-messaging.ts";
import { type Fields, type Parameters, parametersIn } from "./calls.ts";
import { notificationCodes, notificationSentences, notificationWords, type Stage } from "./codes.ts";
import { isOfAnother, type Sap365Config } from "./form.ts";
import { countName, isBeforeLast } from "./parts.ts";
import { parameterNames, type Settings } from "./settings.ts";

type Notification = {
	orderId: string | undefined;
	/** A word, a code or a sentence. */
	status: string | undefined;
	/** The code that stands by itself. */
	code: string | undefined;
	isFinal: boolean | undefined;
	part: string | undefined;
	/** How many SMS the text became, as far as we said so ourselves. */
	count: number;
	subject: string | undefined;
	account: string | undefined;
	at: Date | undefined;
	all: Parameters["all"];
};

export function accountInParameters(parameters: Parameters, name: string): string | undefined {
	const account = parameters.at(name)?.trim() ?? "";
	return /^[\x21-\x7e]{1,100}$/.test(account) ? account : undefined;
}

/** What the address of the call says. */
export type Addressed = { attemptId: AttemptId | undefined; count: number };

export function readParameters(
	parameters: Parameters,
	{ attemptId, count }: Addressed,
	config: Sap365Config,
): ChannelEvent | string {
	const { settings } = config;
	if (parameters.twice([...parameterNames.map((name) => settings[name]), "attempt", "proof", countName])) {
		return "A parameter that is read occurs twice.";
	}
	const sentence = parameters.at(settings.statusName);
	const notification = {
		orderId: asWord(parameters.at(settings.orderIdName)) ?? orderIn(sentence),
		status: sentence,
		code: parameters.at(settings.codeName),
		isFinal: truthOf(parameters.at(settings.finalName)),
		part: asWord(parameters.at(settings.partName)),
		count,
		subject: parameters.at(settings.subjectName),
		account: accountInParameters(parameters, settings.accountName),
		at: timeOf(parameters.at(settings.dateName), parameters.at(settings.timeName)),
		all: parameters.all,
	};
	return toEvent(notification, attemptId, settings);
}

export function readJsonNotification(
	fields: Fields,
	{ attemptId, count }: Addressed,
	{ settings }: Sap365Config,
): ChannelEvent | string {
	const parameters = parametersIn(fields);
	const names = ["messageId", "orderId", "status", "message", "internalStatusId", "internalStatus", "final", "subject"];
	if (parameters.twice(names)) {
		return "A field that is read occurs in two spellings.";
	}
	const sentence = parameters.at("message");
	const notification = {
		orderId: asWord(parameters.at("messageId") ?? parameters.at("orderId")) ?? orderIn(sentence),
		status: parameters.at("status") ?? sentence,
		code: parameters.at("internalStatusId") ?? parameters.at("internalStatus"),
		isFinal: truthOf(parameters.at("final") ?? parameters.at("finalStatusIndicator")),
		part: partIn(sentence),
		count,
		subject: parameters.at("subject"),
		account: undefined,
		at: undefined,
		all: parameters.all,
	};
	return toEvent(notification, attemptId, settings);
}

/** The event, or why there is none. */
function toEvent(notification: Notification, marked: AttemptId | undefined, settings: Settings): ChannelEvent | string {
	const { orderId, status, code, account, subject, all } = notification;
	if (status === undefined && code === undefined) {
		return "The call is neither a message of a contact nor a delivery notification with a status.";
	}
	if (account !== undefined && isOfAnother(account, settings)) {
		return { kind: "foreign", dedupKey: `foreign:${fingerprint(all)}`, account };
	}
	const bySubject = attemptOf(subject);
	if (marked !== undefined && bySubject !== undefined && marked !== bySubject) {
		return "The delivery notification speaks about another message than its address.";
	}
	const target = targetOf(orderId as RemoteId | undefined, marked ?? bySubject);
	return target === undefined
		? "The delivery notification does not say which message it is about."
		: toReceipt(notification, target, settings);
}

function toReceipt(notification: Notification, target: ReceiptTarget, settings: Settings): ChannelEvent {
	const { orderId, part, isFinal, at, all } = notification;
	const { stage, code } = stageOf(notification);
	const about = target.by === "attempt" ? target.attemptId : orderId;
	const ids = [about, orderId, part, code, stage?.stage, String(isFinal ?? ""), fingerprint(notification.status)];
	const base = { dedupKey: keyOf("receipt", ids, ids), ...(at === undefined ? {} : { at }) };
	const status = stage === undefined ? undefined : statusOfText(stage, notification, settings);
	if (stage === undefined || status === undefined) {
		const name = stage === undefined ? "delivery_status" : "provider_tries_again";
		const order = orderId === undefined ? {} : { remoteId: orderId as RemoteId };
		return { kind: "activity", ...base, name, ...order, facts: factsOf(all) };
	}
	const receipt = { kind: "receipt", ...base, target } as const;
	return status === "failed" ? { ...receipt, status, fault: faultOf(stage, code) } : { ...receipt, status };
}

/** A text of several SMS is not delivered while one of them is still to be told of. */
function statusOfText(
	stage: Stage,
	{ isFinal, part, count }: Notification,
	settings: Settings,
): ReceiptEvent["status"] | undefined {
	const status = statusOf(stage, isFinal, settings);
	return status === "delivered" && isBeforeLast(part, count) ? "sent" : status;
}

/** Undefined: SAP tries again by itself, so the message stays as it is, and nobody sends it a second time. */
function statusOf(
	{ stage }: Stage,
	isFinal: boolean | undefined,
	{ handsetReceipts }: Settings,
): ReceiptEvent["status"] | undefined {
	switch (stage) {
		case "accepted":
			return "sent";
		case "network":
			return isFinal === true || !handsetReceipts ? "delivered" : "sent";
		case "handset":
			return "delivered";
		case "failed":
			return isFinal === false ? undefined : "failed";
		case "retrying":
			return undefined;
	}
}

function faultOf(stage: Stage, code: string | undefined): NonNullable<ReceiptEvent["fault"]> {
	const { fault, meaning } =
		stage.stage === "failed" ? stage : ({ fault: "unreachable", meaning: "it failed" } as const);
	const detail = `SAP reports that ${meaning}${code === undefined ? "" : ` (${code})`}.`;
	return code === undefined ? { code: fault, detail } : { code: fault, detail, providerCode: code };
}

function targetOf(remoteId: RemoteId | undefined, attemptId: AttemptId | undefined): ReceiptTarget | undefined {
	const named = remoteId === undefined ? undefined : ({ by: "remote", remoteId } as const);
	return attemptId === undefined
		? named
		: { by: "attempt", attemptId, ...(remoteId === undefined ? {} : { remoteId }) };
}

type Told = { stage: Stage | undefined; code: string | undefined };

/** A failure is told apart by the code that stands by itself; otherwise the status decides, where it can be read. */
function stageOf({ status = "", code = "" }: Pick<Notification, "status" | "code">): Told {
	const told = stageInStatus(status);
	const [digits] = codesIn(code);
	const beside = { stage: notificationCodes.get(digits ?? ""), code: digits };
	const isFiner = beside.stage?.stage === "failed" || beside.stage?.stage === "retrying";
	if (told.stage === undefined) {
		return isOneWord(status) ? told : beside;
	}
	return told.stage.stage === "failed" && isFiner ? beside : told;
}

/** One word is known or not, whatever else is there; in a sentence a code says most. */
function stageInStatus(status: string): Told {
	const [code] = codesIn(status);
	const word = isOneWord(status) ? notificationWords.get(status.trim().toUpperCase()) : undefined;
	const sentence = notificationSentences.find(([shape]) => shape.test(status))?.[1];
	return { stage: word ?? notificationCodes.get(code ?? "") ?? sentence, code };
}

function isOneWord(status: string): boolean {
	return /^\S+$/.test(status.trim());
}

/** Those that are known: four hexadecimal digits, with `0x` or without; a letter o has been seen in place of the zero. */
function codesIn(words: string): readonly string[] {
	const others = cut(words, 1000).replaceAll(/\border(?:\s*id)?\s+\S+/gi, ""); // The order's own digits are no code.
	const found = others.matchAll(/(?<![\w+-])(?:[0oO]x)?([0-9A-F]{4})(?![\w-])/gi);
	return [...found].map(([, digits = ""]) => digits.toUpperCase()).filter((code) => notificationCodes.has(code));
}

function orderIn(sentence: string | undefined): string | undefined {
	return /\border(?:\s*id)?\s+(\d{4,40})\b/i.exec(cut(sentence ?? "", 1000))?.[1];
}

function partIn(sentence: string | undefined): string | undefined {
	return /^\s*Message\s+(\d{1,4})\s+of\b/i.exec(sentence ?? "")?.[1];
}

function truthOf(text: string | undefined): boolean | undefined {
	const word = text?.trim().toLowerCase() ?? "";
	return ["true", "yes", "y", "1", "final"].includes(word)
		? true
		: ["false", "no", "n", "0"].includes(word)
			? false
			: undefined;
}

/** An id as SAP gives it: short, printable, without spaces. */
function asWord(text: string | undefined): string | undefined {
	const word = text?.trim() ?? "";
	return /^[\x21-\x7e]{1,200}$/.test(word) ? word : undefined;
}
