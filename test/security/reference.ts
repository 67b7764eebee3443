// The verdicts that ours are compared with: each scheme read anew from its public description, with nothing of the product.
// Meta: https://developers.facebook.com/docs/messenger-platform/webhooks#validate-payloads
// Twilio: https://www.twilio.com/docs/usage/webhooks/webhooks-security
// Sinch: https://developers.sinch.com/docs/conversation/callbacks#validating-callbacks
// Telegram: https://core.telegram.org/bots/api#setwebhook
// HTTP Basic: RFC 7617

import { createHash, createHmac } from "node:crypto";
import { type Wire, publicBase } from "./wire.ts";

/** The combined value of a field (RFC 9110 section 5.2), without the white space that belongs to HTTP. */
function field(wire: Wire, name: string): string | undefined {
	const values = wire.headers.filter(([given]) => given.toLowerCase() === name).map(([, value]) => trimmed(value));
	return values.length === 0 ? undefined : values.join(", ");
}

/** Line ends too: they reach nobody on the wire, and the class that holds the headers here takes them off. */
function trimmed(value: string): string {
	return value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
}

/** `sha256=` and the hex digest of the payload, with the app secret as the key. */
export function metaIsGenuine(wire: Wire, secrets: readonly string[]): boolean {
	const given = field(wire, "x-hub-signature-256");
	if (given?.length !== "sha256=".length + 64) {
		return false;
	}
	return secrets.some((secret) => given === `sha256=${createHmac("sha256", secret).update(wire.body).digest("hex")}`);
}

/** Body, nonce and time with dots between, HMAC-SHA256, base64; the time at most 300 s from ours. */
export function sinchIsGenuine(wire: Wire, secrets: readonly string[], now: Date): boolean {
	const [given, nonce, time, algorithm] = ["", "-nonce", "-timestamp", "-algorithm"].map((ending) =>
		field(wire, `x-sinch-webhook-signature${ending}`),
	);
	if (algorithm !== "HmacSHA256" || nonce === undefined || time === undefined || given?.length !== 44) {
		return false;
	}
	const text = Buffer.concat([wire.body, Buffer.from(`.${nonce}.${time}`, "utf8")]);
	const isSigned = secrets.some((secret) => given === createHmac("sha256", secret).update(text).digest("base64"));
	return isSigned && Math.abs(now.getTime() - Number(time) * 1000) <= 300_000;
}

/** The secret that was given to setWebhook, as it is. */
export function telegramIsGenuine(wire: Wire, secrets: readonly string[]): boolean {
	const given = field(wire, "x-telegram-bot-api-secret-token");
	return given !== undefined && given !== "" && secrets.includes(given);
}

/** The URL and, with a form, its parameters sorted by name; with anything else the body's hash stands in the URL. */
export function twilioIsGenuine(wire: Wire, secrets: readonly string[]): boolean {
	const given = field(wire, "x-twilio-signature");
	const path = wire.path.split("#", 1)[0] ?? "";
	const parameters = given?.length === 28 ? signedParameters(wire, path) : undefined;
	return (
		parameters !== undefined &&
		addresses(wire, path).some((address) =>
			secrets.some(
				(secret) =>
					given ===
					createHmac("sha1", secret)
						.update(address + parameters)
						.digest("base64"),
			),
		)
	);
}

function signedParameters(wire: Wire, path: string): string | undefined {
	if (wire.method === "GET") {
		return "";
	}
	if (wire.method !== "POST") {
		return undefined;
	}
	const essence = (field(wire, "content-type") ?? "").split(";", 1)[0] ?? "";
	if (essence.trim().toLowerCase() === "application/x-www-form-urlencoded") {
		return sortedPairs(new URLSearchParams(Buffer.from(wire.body).toString("utf8")));
	}
	const hash = new URLSearchParams(path.slice(path.indexOf("?") + 1)).get("bodySHA256");
	return hash === createHash("sha256").update(wire.body).digest("hex") ? "" : undefined;
}

/** A name that occurs twice brings each of its different values once, as in Twilio's own library for Node. */
function sortedPairs(form: URLSearchParams): string {
	const pairs = [...form].map(([name, value]) => [name, value] as const);
	const texts = new Map(pairs.map(([name, value]) => [`${name}\u0000${value}`, { name, value }]));
	return [...texts.values()]
		.toSorted((a, b) => compare(a.name, b.name) || compare(a.value, b.value))
		.map(({ name, value }) => name + value)
		.join("");
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

/** With and without the standard port, with and without the HTTP user that stood in the address. */
function addresses(wire: Wire, path: string): readonly string[] {
	const host = publicBase.slice("https://".length);
	const basic = /^basic +(\S+)$/i.exec(field(wire, "authorization") ?? "")?.[1];
	const pair = basic === undefined ? undefined : Buffer.from(basic, "base64").toString("utf8");
	const users = pair === undefined ? [""] : ["", `${pair}@`, `${pair.split(":").map(escaped).join(":")}@`];
	return users.flatMap((user) => ["", ":443"].map((port) => `https://${user}${host}${port}${path}`));
}

function escaped(text: string): string {
	return encodeURIComponent(text.toWellFormed());
}

/** Whether these are the credentials, whatever the base64 looks like: who knows them may come in. */
export function basicIsGenuine(wire: Wire, login: string, password: string): boolean {
	const token = /^basic +([A-Za-z0-9+/]+)={0,2}$/i.exec(field(wire, "authorization") ?? "")?.[1];
	return token !== undefined && Buffer.from(token, "base64").toString("utf8") === `${login}:${password}`;
}
