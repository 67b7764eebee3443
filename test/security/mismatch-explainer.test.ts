// Goal: whoever looks at a refused call is told the cause: each known one, put in on purpose, is called by its name, and
// where nothing fits nothing is claimed.
// Method: requests signed here as the providers do it, then changed the way a proxy, an administrator or a clock changes
// them, and judged by the connectors' own checks.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";
import type { ServiceId } from "#domain/ids.ts";
import type { RawRequest, StoredService } from "#connectors/contract.ts";
import { explainMismatch, type Judge, type MismatchCause, type Suspects } from "#connectors/kit/explain.ts";
import { connectorOf } from "#connectors/registry.ts";
import { facebookBody, metaSigned, sinchBody, sinchSigned } from "#test/doors.ts";

const at = new Date("2026-01-02T12:00:00.000Z");
const sid = `AC${"1".repeat(32)}`;
const webhookUrl = "https://parley.example/contact/sms/twilio/00000000000000000000000000000001";

function judgeWith(type: string, entries: Readonly<Record<string, string>>): Judge {
	const connector = connectorOf(type);
	assert.ok(connector);
	const { auth } = connector.inbound;
	assert.equal(auth.kind, "signature");
	const stored: StoredService = {
		id: "1".padStart(32, "0") as ServiceId,
		serviceConnection: connector.config.form.serviceConnection.example,
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: Object.entries(entries).map(([authenticationId, secret]) => ({
			authenticationId,
			secrets: [secret],
		})),
	};
	const config = connector.config.parse(stored);
	return (request, when) =>
		auth.kind === "signature" ? auth.verify(request, config, when) : { ok: false, why: "missing" };
}

function suspects(now: Judge, more: Partial<Suspects> = {}): Suspects {
	return { now, before: [], others: [], webhookUrl, ...more };
}

function request(url: string, body: string | Uint8Array, headers: Readonly<Record<string, string>>): RawRequest {
	const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
	return { method: "POST", url, headers: new Headers(headers), body: bytes };
}

const form = new URLSearchParams({ AccountSid: sid, MessageSid: "SM1", From: "+15550100002", Body: "hi" }).toString();

/** As Twilio signs: the address, then every parameter by name. */
function twilioSigned(signedUrl: string, secret = "token-now"): Record<string, string> {
	const parameters = [...new URLSearchParams(form)]
		.toSorted(([one], [other]) => (one < other ? -1 : 1))
		.flat()
		.join("");
	const signature = createHmac("sha1", secret)
		.update(signedUrl + parameters)
		.digest("base64");
	return { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature };
}

const query = "?b=2&a=x%20y&c=%2Fz";
const twilio = suspects(judgeWith("twilio", { [sid]: "token-now" }));

/** The address as Twilio has it, where it arrives at `webhookUrl`. */
const addresses: readonly [cause: MismatchCause, signed: string, arrived?: string, headers?: Record<string, string>][] =
	[
		["scheme", webhookUrl.replace("https:", "http:")],
		["host", webhookUrl.replace("parley.example", "old.example"), webhookUrl, { host: "old.example" }],
		[
			"host",
			webhookUrl.replace("parley.example", "in.example:9000"),
			webhookUrl,
			{ "x-forwarded-host": "in.example:9000" },
		],
		["port", webhookUrl.replace("parley.example", "parley.example:8443")],
		["path_prefix", webhookUrl.replace("/contact/", "/")],
		["path_prefix", webhookUrl, webhookUrl.replace("/contact/", "/")],
		["path_prefix", webhookUrl.replace("/contact/", "/hub/contact/"), webhookUrl, { "x-forwarded-prefix": "/hub" }],
		["trailing_slash", `${webhookUrl}/`],
		["trailing_slash", webhookUrl, `${webhookUrl}/`],
		["query_order", `${webhookUrl}${query}`, `${webhookUrl}?a=x%20y&b=2&c=%2Fz`],
		["query_lost", webhookUrl, `${webhookUrl}?utm=1`],
		["query_encoding", `${webhookUrl}?a=x%20y`, `${webhookUrl}?a=x+y`],
		["query_encoding", `${webhookUrl}?a=%2fz`, `${webhookUrl}?a=%2Fz`],
		// Two at once: the inner side of a proxy.
		["scheme", webhookUrl.replace("https:", "http:").replace("example", "example:8080")],
	];

for (const [cause, signed, arrived = webhookUrl, headers = {}] of addresses) {
	test(`${cause}: signed ${signed.slice(0, 60)}, arrived ${arrived.slice(0, 60)}`, () => {
		const given = request(arrived, form, { ...twilioSigned(signed), ...headers });
		assert.equal(twilio.now(given, at).ok, false, "it has to be refused to be explained");
		const found = explainMismatch(given, twilio, at);
		assert.equal(found?.cause, cause);
		assert.doesNotMatch(`${found?.says} ${found?.advice}`, /\{tells\}|token-now/);
	});
}

const page = { 1048576: "page-token", webhook: "app-secret-now" };
const facebook = judgeWith("facebook", page);
const spoken = facebookBody({ "1048576": "m_1" }).replace('"hi"', '"grüß dich / ciao 😀"');
const escaped = spoken.replaceAll(
	/[\u0080-\uFFFF]/g,
	(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
);
const pretty = JSON.stringify(JSON.parse(spoken), null, 2);

const bodies: readonly [cause: MismatchCause, how: string, signed: string, arrived: string][] = [
	["body_reserialised", "compact became pretty", spoken, pretty],
	["body_reserialised", "pretty became compact", pretty, spoken],
	["body_reserialised", "four spaces became compact", JSON.stringify(JSON.parse(spoken), null, 4), spoken],
	["body_reserialised", "the spaces of Python went", spoken.replaceAll('":', '": ').replaceAll(',"', ', "'), spoken],
	["body_reserialised", "escapes were resolved", escaped, spoken],
	["body_reserialised", "escaped slashes were resolved", escaped.replaceAll("/", "\\/"), spoken],
	["body_reencoded", "LF became CRLF", pretty, pretty.replaceAll("\n", "\r\n")],
	["body_reencoded", "CRLF became LF", pretty.replaceAll("\n", "\r\n"), pretty],
	["body_reencoded", "a line end was added", spoken, `${spoken}\n`],
	["body_reencoded", "a line end went", `${spoken}\n`, spoken],
	["body_reencoded", "a byte order mark was added", spoken, `\uFEFF${spoken}`],
];

for (const [cause, how, signed, arrived] of bodies) {
	test(`${cause}: ${how}`, () => {
		const given = request(webhookUrl, arrived, metaSigned("app-secret-now", signed));
		assert.equal(facebook(given, at).ok, false);
		assert.equal(explainMismatch(given, suspects(facebook), at)?.cause, cause);
	});
}

test("body_reencoded: the character set was changed", () => {
	const latin = spoken.replace(" 😀", "");
	const signature = createHmac("sha256", "app-secret-now").update(Buffer.from(latin, "latin1")).digest("hex");
	const headers = { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` };
	const given = request(webhookUrl, latin, headers);
	assert.equal(explainMismatch(given, suspects(facebook), at)?.cause, "body_reencoded");
});

test("secrets: the one before, and another service's", () => {
	const old = request(webhookUrl, spoken, metaSigned("app-secret-before", spoken));
	const before = [judgeWith("facebook", { ...page, webhook: "app-secret-before" })];
	assert.equal(explainMismatch(old, suspects(facebook, { before }), at)?.cause, "previous_secret");
	const strange = request(webhookUrl, spoken, metaSigned("shop-secret", spoken));
	const others = [{ name: "Shop page", judge: judgeWith("facebook", { ...page, webhook: "shop-secret" }) }];
	const found = explainMismatch(strange, suspects(facebook, { others }), at);
	assert.equal(found?.cause, "other_service_secret");
	assert.match(found?.says ?? "", /Shop page/);
});

test("clock_skew, key_unknown and header_missing are told as what they are", () => {
	const sinch = judgeWith("sinchconversation", { "k1@APP1": "key-secret", webhook: "hook-secret" });
	const body = sinchBody("m1");
	const late = request(webhookUrl, body, sinchSigned("hook-secret", body, new Date(at.getTime() - 3_600_000)));
	assert.equal(explainMismatch(late, suspects(sinch), at)?.cause, "clock_skew");
	assert.equal(explainMismatch(request(webhookUrl, spoken, {}), suspects(facebook), at)?.cause, "header_missing");
	const unready: Judge = () => ({ ok: false, why: "unready" });
	assert.equal(explainMismatch(request(webhookUrl, spoken, {}), suspects(unready), at)?.cause, "key_unknown");
});

test("where no known cause fits, nothing is claimed; and a genuine request needs no excuse", () => {
	const forged = request(webhookUrl, spoken, metaSigned("guessed", spoken));
	assert.equal(explainMismatch(forged, suspects(facebook), at), undefined);
	assert.equal(explainMismatch(request(webhookUrl, form, twilioSigned(webhookUrl, "guessed")), twilio, at), undefined);
	const genuine = request(webhookUrl, form, twilioSigned(webhookUrl));
	assert.equal(explainMismatch(genuine, twilio, at), undefined);
});
