// Our messages as batches of one recipient, and what the REST API makes of them.
// As documented at https://developers.sinch.com/docs/sms/api-reference/sms/batches, checked 2026-11-24, for example
// POST /xms/v1/<service plan>/batches {"type":"mt_text","from":"12015555555","to":["+12017777777"],"body":"Hi",…}
// answers 201 {"id":"01W4FFL35P4NC4K35SMSBATCH1","created_at":"2024-06-06T09:22:14.304Z",…}

import type { OutboundMessage } from "#domain/messages.ts";
import type { RemoteId } from "#domain/ids.ts";
import type { HttpAnswer, HttpCall, Outcome } from "../contract.ts";
import { markOf } from "../kit/attempt-mark.ts";
import { asArray, asObject, asText, readJson } from "../kit/http.ts";
import { withoutPlus } from "../kit/phone.ts";
import { xmsRule } from "./codes.ts";
import type { SinchSmsConfig } from "./form.ts";
import { outcomeOf } from "./answers.ts";
import { ownAddress } from "../kit/own-address.ts";

const lifeMaxMs = 3 * 86_400_000; // `expire_at` is at most three days after the batch is sent.

export function toRequest(message: OutboundMessage, config: SinchSmsConfig, now: Date): HttpCall {
	const expireAt = Math.min(message.validUntil.getTime(), now.getTime() + lifeMaxMs);
	const { account, deliveryReport } = config;
	const reports = deliveryReport !== "none" && config.namesCallbackUrl;
	const body = {
		type: "mt_text",
		from: withoutPlus(message.ourAddress),
		to: [message.contactAddress],
		body: message.text,
		delivery_report: deliveryReport,
		expire_at: new Date(expireAt).toISOString(),
		client_reference: markOf(message.attemptId),
		...(reports ? { callback_url: ownAddress(message, account?.secret) } : {}),
	};
	return {
		method: "POST",
		url: config.sendUrl ?? "",
		headers: { ...headersOf(config), "content-type": "application/json" },
		body: JSON.stringify(body),
	};
}

export function headersOf({ account }: SinchSmsConfig): Readonly<Record<string, string>> {
	return { authorization: `Bearer ${account?.secret ?? ""}`, accept: "application/json" };
}

/** `hidden`: texts that must not be quoted, whatever the answer says. */
export function toOutcome(answer: HttpAnswer, now: Date, hidden: readonly string[] = []): Outcome {
	return outcomeOf(answer, {
		now,
		hidden,
		accepted: ({ body }) => acceptanceOf(asObject(readJson(body))),
		ruleOf: ({ status }, words) => xmsRule(status, words.code),
	});
}

type Fields = Readonly<Record<string, unknown>>;

function acceptanceOf(batch: Fields | undefined): Outcome | undefined {
	const id = asText(batch?.["id"]);
	if (id === undefined) {
		return undefined;
	}
	const at = new Date(asText(batch?.["created_at"]) ?? Number.NaN);
	const accepted = { kind: "accepted", remoteIds: [id as RemoteId] } as const;
	return Number.isNaN(at.getTime()) ? accepted : { ...accepted, at };
}

const hourMs = 3_600_000; // Their clock may be behind ours; the reference alone finds the batch.

export function toLookup(message: OutboundMessage, attemptedAt: Date, config: SinchSmsConfig): HttpCall {
	const query = new URLSearchParams({
		client_reference: markOf(message.attemptId),
		start_date: new Date(attemptedAt.getTime() - hourMs).toISOString(),
		page_size: "10",
	});
	return { method: "GET", url: `${config.sendUrl ?? ""}?${query.toString()}`, headers: headersOf(config) };
}

const notFound: Outcome = {
	kind: "unknown",
	code: "unreachable",
	detail: "The list of batches at Sinch does not settle it: none that fits, or more than one.",
};

/** None proves nothing: nobody says how soon a batch is listed. */
export function readLookup(answer: HttpAnswer, message: OutboundMessage): Outcome {
	const list = answer.kind === "answered" && answer.status === 200 ? asObject(readJson(answer.body)) : undefined;
	const matches = asArray(list?.["batches"])
		.map(asObject)
		.filter((batch) => batch?.["client_reference"] === markOf(message.attemptId) && batch["body"] === message.text);
	const [only, ...others] = matches;
	return only === undefined || others.length > 0 ? notFound : (acceptanceOf(only) ?? notFound);
}
