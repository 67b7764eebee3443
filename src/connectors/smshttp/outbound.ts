// Our messages as requests by the administrator's templates. Pure but for `send`, which is glue; `answers.ts` reads what
// comes back.

import { isGsm7 } from "#domain/text-splitting.ts";
import type { AttemptId, MessageId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import type { HttpCall, Outcome, Tools } from "../contract.ts";
import { ownAddress } from "../kit/own-address.ts";
import { withoutPlus } from "../kit/phone.ts";
import { channel } from "./addressing.ts";
import { toOutcome } from "./answers.ts";
import { type Charset, render, type Values } from "./encoding.ts";
import { cannotSend, type SmsHttpConfig } from "./form.ts";
import type { Settings } from "./settings.ts";
import type { Placeholder } from "./template.ts";

type Request = { ok: true; call: HttpCall } | { ok: false; outcome: Outcome };

export function toRequest(message: OutboundMessage, config: SmsHttpConfig): Request {
	const { templates, settings } = config;
	if (templates === undefined) {
		return { ok: false, outcome: { kind: "retry", code: "config", detail: cannotSend(config) ?? unreadable } };
	}
	const values = valuesOf(message, config);
	const parts = [templates.url, templates.body ?? [], ...templates.headers.map(({ value }) => value)];
	const rendered = parts.map((template) => render(template, values, settings.charset));
	const unfit = rendered.find((part) => !part.ok);
	if (unfit?.ok === false) {
		return { ok: false, outcome: outcomeOfUnfit(unfit.unfit) };
	}
	const [url = "", body = "", ...headerValues] = rendered.map((part) => (part.ok ? part.text : ""));
	const headers = templates.headers.map(({ name }, index) => [name.toLowerCase(), headerValues[index] ?? ""] as const);
	const call = { method: settings.method, url, headers: Object.fromEntries(headers) };
	return { ok: true, call: templates.body === undefined ? call : withBody(call, body, settings) };
}

const unreadable = "The templates of the service cannot be read.";

const types: Readonly<Record<Settings["bodyFormat"], string>> = {
	form: "application/x-www-form-urlencoded",
	json: "application/json",
	xml: "application/xml",
	text: "text/plain",
	none: "",
};

/** JSON has no charset (RFC 8259 section 11); with the small set its escapes leave ASCII only. */
function withBody(call: HttpCall, body: string, { bodyFormat, charset }: Settings): HttpCall {
	const type = types[bodyFormat] + (bodyFormat === "json" ? "" : `; charset=${charset}`);
	return { ...call, headers: { ...call.headers, "content-type": type }, body: inCharset(body, charset) };
}

function inCharset(body: string, charset: Charset): string | Uint8Array {
	return charset === "utf-8" ? body : Buffer.from(body, "latin1");
}

function valuesOf(message: OutboundMessage, { settings, user }: SmsHttpConfig): Values {
	const { text, contactAddress, ourAddress, attemptId } = message;
	const isGsm = isGsm7(text);
	const [name, password] = [user?.id ?? "", user?.passwords[0] ?? ""];
	return {
		text: isGsm || settings.unicodeText === "characters" ? text : hexOf(text),
		textHexUcs2: hexOf(text),
		to: contactAddress,
		toNoPlus: withoutPlus(contactAddress),
		to00: with00(contactAddress),
		from: ourAddress,
		fromNoPlus: withoutPlus(ourAddress),
		from00: with00(ourAddress),
		id: attemptId,
		encoding: isGsm ? settings.gsmWord : settings.unicodeWord,
		dlrUrl: ownAddress(message, user?.passwords[0]),
		user: name,
		password,
		basic: Buffer.from(`${name}:${password}`, "utf8").toString("base64"),
	};
}

function with00(address: string): string {
	return address.replace(/^\+(?=\d)/, "00");
}

/** UCS-2 code units, the high byte first. */
function hexOf(text: string): string {
	return Buffer.from(text, "utf16le").swap16().toString("hex").toUpperCase();
}

const faultOfUnfit: Partial<Record<Placeholder, "recipient" | "config" | "credentials">> = {
	to: "recipient",
	toNoPlus: "recipient",
	to00: "recipient",
	from: "config",
	fromNoPlus: "config",
	from00: "config",
	user: "credentials",
	password: "credentials",
};

/** Nothing was sent. Credentials can be mended, the rest is this message's own. */
function outcomeOfUnfit(name: Placeholder): Outcome {
	const code = faultOfUnfit[name] ?? "content";
	const detail = `The value of {{${name}}} has a character that cannot be written where the template puts it.`;
	return code === "credentials" ? { kind: "retry", code, detail } : { kind: "rejected", code, detail };
}

export async function send(message: OutboundMessage, config: SmsHttpConfig, tools: Tools): Promise<Outcome> {
	const obstacle = cannotSend(config);
	if (obstacle !== undefined) {
		return { kind: "retry", code: "credentials", detail: obstacle };
	}
	const request = toRequest(message, config);
	if (!request.ok) {
		return request.outcome;
	}
	const answer = await tools.http(request.call);
	return toOutcome(answer, config.rules, message.attemptId, tools.now());
}

/** The request of an invented message, for comparing the templates with the gateway's manual. */
export function example(config: SmsHttpConfig, webhookUrl: string): HttpCall | undefined {
	const request = toRequest(exampleMessage(config, webhookUrl), config);
	return request.ok ? request.call : undefined;
}

export function exampleMessage({ settings }: SmsHttpConfig, webhookUrl: string): OutboundMessage {
	return {
		messageId: "0".repeat(32) as MessageId,
		attemptId: "0".repeat(32) as AttemptId,
		channel,
		ourAddress: settings.ourAddress === "" ? "+15550100001" : settings.ourAddress,
		contactAddress: "+15550100002",
		text: "Example: 5 + 5 & more",
		attachments: [],
		validUntil: new Date(0),
		webhookUrl,
	};
}
