// Signs requests as the providers do, under any secret: the right one, a stranger's, none at all.

import { createHash, createHmac } from "node:crypto";
import { type Wire, publicBase, withHeader } from "./wire.ts";

/** What a forger may get wrong on purpose. */
export type Slip = { algorithm?: "sha1" | "sha256" | "md5" | "sha512"; encoding?: "hex" | "base64"; prefix?: string };

export type Sign = (wire: Wire, secret: string, slip?: Slip) => Wire;

export const signMeta: Sign = (wire, secret, { algorithm = "sha256", encoding = "hex", prefix = "sha256=" } = {}) =>
	withHeader(wire, "x-hub-signature-256", prefix + createHmac(algorithm, secret).update(wire.body).digest(encoding));

export const signSinch: Sign = (wire, secret, { algorithm = "sha256", encoding = "base64", prefix = "" } = {}) => {
	const [nonce = "", time = ""] = ["-nonce", "-timestamp"].map(
		(ending) => wire.headers.find(([name]) => name === `x-sinch-webhook-signature${ending}`)?.[1],
	);
	const mac = createHmac(algorithm, secret).update(wire.body).update(`.${nonce}.${time}`);
	return withHeader(wire, "x-sinch-webhook-signature", prefix + mac.digest(encoding));
};

/** The secret itself, whatever is sent. */
export const signTelegram: Sign = (wire, secret, { prefix = "" } = {}) =>
	withHeader(wire, "x-telegram-bot-api-secret-token", prefix + secret);

export const signTwilio: Sign = (wire, secret, { algorithm = "sha1", encoding = "base64", prefix = "" } = {}) => {
	const isForm = wire.headers.some(([, value]) => value.startsWith("application/x-www-form-urlencoded"));
	const hash = createHash("sha256").update(wire.body).digest("hex");
	const path = isForm ? wire.path : wire.path.replace(/(bodySHA256=)[^&]*/, `$1${hash}`);
	const form = isForm ? [...new URLSearchParams(Buffer.from(wire.body).toString("utf8"))] : [];
	const sorted = form.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => name + value);
	const mac = createHmac(algorithm, secret).update(publicBase + path + sorted.join(""));
	return withHeader({ ...wire, path }, "x-twilio-signature", prefix + mac.digest(encoding));
};
