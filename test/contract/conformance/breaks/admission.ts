// Connectors that let in who should stay out, or keep out who should get in.

import { createHmac } from "node:crypto";
import type { RawRequest } from "#connectors/contract.ts";
import {
	bot,
	type Breaks,
	facebook,
	judging,
	receiving,
	refusesBut,
	sinch,
	teams,
	throwing,
	twilio,
	verifying,
	withSecretIn,
} from "./breaking.ts";

function header(raw: RawRequest, name: string, change: (value: string) => string): RawRequest {
	const headers = new Headers([...raw.headers]);
	const value = headers.get(name);
	if (value !== null) {
		headers.set(name, change(value));
	}
	return { ...raw, headers };
}

function signedWithNothing(raw: RawRequest): boolean {
	const mac = createHmac("sha256", "").update(raw.body).digest("hex");
	return raw.headers.get("x-hub-signature-256") === `sha256=${mac}`;
}

const signature = "x-hub-signature-256";
const sinchSignature = "x-sinch-webhook-signature";

function has(raw: RawRequest, text: string): boolean {
	return Buffer.from(raw.body).toString("utf8").includes(text);
}

export const admissionBreaks: Breaks = {
	"every fixture gets its stated verdict": [
		{
			what: "lets everybody in",
			subject: verifying(facebook, () => () => ({ ok: true })),
			says: /is ok, stated is mismatch/,
		},
		{
			what: "lets nobody in",
			subject: verifying(twilio, () => () => ({ ok: false, why: "mismatch" })),
			says: /stated is ok/,
		},
		{ what: "has no fixtures", subject: { ...sinch, fixtures: [] }, says: /there is no fixture/ },
		{
			what: "has an unexplained open door",
			subject: receiving(sinch, { auth: { kind: "none", because: "" } }),
			says: /why it is open/,
		},
	],
	"no proof is no entry": [
		{
			what: "does not look at the header",
			subject: verifying(
				facebook,
				refusesBut((raw) => !raw.headers.has(signature)),
			),
			says: /no header is missed/,
		},
		{
			what: "lets in what has no headers",
			subject: verifying(
				sinch,
				refusesBut((raw) => [...raw.headers].length === 0),
			),
			says: /without any header the verdict is ok/,
		},
		{
			what: "takes a request that lacks a part of its proof",
			subject: judging(
				teams,
				refusesBut((raw) => !has(raw, 'validationTokens":["ey')),
			),
			says: /: 2 of 3 requests that lack a part of the proof are not refused/,
		},
		{
			what: "has a proof in parts, and no fixture that names them",
			subject: { ...teams, fixtures: teams.fixtures.map((fixture) => ({ ...fixture, proof: undefined })) },
			says: /no part of it is named as its proof/,
		},
	],
	"one flipped bit in the body or the proof is refused": [
		{
			what: "does not compare the client state",
			subject: judging(
				teams,
				refusesBut((raw) => has(raw, "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0xIn0.")),
			),
			says: /flipped bytes of the proof are not refused/,
		},
		{
			what: "signs the body without its last byte",
			subject: verifying(facebook, (verify) => (raw, config, now) => {
				const body = Uint8Array.from(raw.body);
				body[body.length - 1] = 0x7d;
				return verify({ ...raw, body }, config, now);
			}),
			says: /: 1 of \d+ flipped bytes are not refused/,
		},
		{
			what: "says that its signature covers nothing",
			subject: withSecretIn(facebook, signature),
			says: /said to cover nothing, but it covers the body/,
		},
		{
			what: "names a header that proves nothing",
			subject: withSecretIn(facebook, "user-agent"),
			says: /the header user-agent is said to hold the secret, and is not missed/,
		},
		{
			what: "compares only the start of the signature",
			subject: verifying(
				twilio,
				refusesBut((raw) => raw.headers.get("x-twilio-signature")?.endsWith("=") === true),
			),
			says: /flipped bytes of the proof are not refused/,
		},
		{
			what: "throws on a signature of another shape",
			subject: verifying(facebook, (verify) => (raw, config, now) => {
				const verdict = verify(raw, config, now);
				return verdict.ok || verdict.why === "missing" ? verdict : throwing();
			}),
			says: /thrown: TypeError/,
		},
	],
	"a proof in another spelling is refused": [
		{
			what: "reads hex in any case",
			subject: verifying(
				facebook,
				(verify) => (raw, config, now) =>
					verify(
						header(raw, signature, (value) => value.toLowerCase()),
						config,
						now,
					),
			),
			says: /other spellings of the proof are not refused/,
		},
		{
			what: "compares decoded base64",
			subject: verifying(
				sinch,
				(verify) => (raw, config, now) =>
					verify(
						header(raw, sinchSignature, (value) => Buffer.from(value, "base64").toString("base64")),
						config,
						now,
					),
			),
			says: /other spellings of the proof are not refused/,
		},
		{
			what: "ignores white space",
			subject: verifying(
				twilio,
				(verify) => (raw, config, now) =>
					verify(
						header(raw, "x-twilio-signature", (value) => value.replaceAll(/\s/g, "")),
						config,
						now,
					),
			),
			says: /other spellings of the proof are not refused/,
		},
	],
	"only the secret decides, the old one too while a rotation lasts": [
		{
			what: "takes a token while it has no keys",
			subject: judging(bot, (verify) => (raw, config, now) => {
				const verdict = verify(raw, config, now);
				return !verdict.ok && verdict.why === "unready" ? { ok: true } : verdict;
			}),
			says: /with no public keys the verdict is ok/,
		},
		{
			what: "is open while no secret is set",
			subject: verifying(
				facebook,
				refusesBut((_raw, config) => (config as { appSecrets: string[] }).appSecrets.length === 0),
			),
			says: /with no secret the verdict is ok/,
		},
		{
			what: "takes the empty secret",
			subject: verifying(facebook, refusesBut(signedWithNothing)),
			says: /with a forgery and no secret the verdict is ok/,
		},
		{
			what: "knows only the first secret",
			subject: verifying(sinch, (verify) => (raw, config, now) => {
				const known = config as { webhookSecrets: readonly string[] };
				return verify(raw, { ...known, webhookSecrets: known.webhookSecrets.slice(0, 1) }, now);
			}),
			says: /with the old secret beside a new one the verdict is mismatch/,
		},
		{
			what: "asks for no secret",
			subject: verifying(
				twilio,
				refusesBut((raw) => raw.headers.has("x-twilio-signature")),
			),
			says: /with another secret the verdict is ok/,
		},
	],
	"an old request is stale": [
		{
			what: "believes the time that the request tells",
			subject: verifying(sinch, (verify) => (raw, config) => {
				const seconds = Number(raw.headers.get("x-sinch-webhook-signature-timestamp"));
				return verify(raw, config, new Date(seconds * 1000));
			}),
			says: /s later the verdict is ok/,
		},
		{
			what: "calls an old request forged",
			subject: verifying(sinch, (verify) => (raw, config, now) => {
				const verdict = verify(raw, config, now);
				return verdict.ok || verdict.why !== "stale" ? verdict : { ok: false, why: "mismatch" };
			}),
			says: /later the verdict is mismatch/,
		},
	],
};
