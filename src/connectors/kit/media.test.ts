import assert from "node:assert/strict";
import test from "node:test";
import type { ServiceId } from "#domain/ids.ts";
import { isMediaAddress } from "#domain/media-hosts.ts";
import type { HttpAnswer, HttpCall, StoredService, Tools } from "../contract.ts";
import type { C4sConfig } from "../c4semail/form.ts";
import { fetchMedia as fromC4c } from "../c4semail/media.ts";
import { fetchMedia as fromTelegram, mediaHosts as fromTelegramHosts } from "../telegram/media.ts";
import { parse as telegramConfig } from "../telegram/form.ts";
import { fetchMedia as fromTwilio } from "../twilio/media.ts";
import { parse as twilioConfig } from "../twilio/form.ts";
import { fetchMedia as fromWhatsApp, mediaHosts as fromWhatsAppHosts } from "../whatsapp/media.ts";
import { parse as whatsAppConfig } from "../whatsapp/form.ts";
import { fetchPlainly, toMediaAnswer } from "./media.ts";

const now = new Date("2026-11-24T12:00:00.000Z");
const bytes = new Uint8Array([1, 2, 3]);

function answered(status: number, body: Uint8Array | object = bytes, headers: Record<string, string> = {}): HttpAnswer {
	const content = body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body));
	return { kind: "answered", status, headers: new Headers(headers), body: content };
}

/** Answers in order; notes who was asked with what. */
function toolsWith(...answers: HttpAnswer[]): Tools & { calls: HttpCall[] } {
	const calls: HttpCall[] = [];
	return {
		calls,
		http(call) {
			calls.push(call);
			return Promise.resolve(answers.shift() ?? { kind: "notSent", why: "blocked" });
		},
		token: () => assert.fail("no token is asked for"),
		dropToken: () => undefined,
		now: () => now,
	};
}

function stored(serviceConnection: string, entries: Record<string, string>, settings = {}): StoredService {
	return {
		id: "S".repeat(32) as ServiceId,
		serviceConnection,
		authenticationUrl: null,
		authenticationScope: null,
		settings,
		authentications: Object.entries(entries).map(([authenticationId, secret]) => ({
			authenticationId,
			secrets: [secret],
		})),
	};
}

test("one GET, and what its answer means", async () => {
	const tools = toolsWith(answered(200, bytes, { "content-type": "image/png" }));
	const found = await fetchPlainly({ url: "https://m.example/1" }, undefined, tools);
	assert.deepEqual(found, { kind: "fetched", body: bytes, contentType: "image/png" });
	assert.deepEqual(tools.calls, [{ method: "GET", url: "https://m.example/1", headers: {} }]);
	const rows: [HttpAnswer, string][] = [
		[answered(302, bytes, { location: "https://m.example/2" }), "failed not allowed"],
		[answered(204), "retry"],
		[answered(400), "retry"],
		[answered(410), "failed gone"],
		[{ kind: "notSent", why: "tls" }, "retry"],
		[{ kind: "notSent", why: "blocked" }, "failed not allowed"],
		[{ kind: "unclear", why: "too large" }, "failed too large"],
	];
	for (const [answer, says] of rows) {
		const end = toMediaAnswer(answer, now);
		assert.equal("why" in end ? `${end.kind} ${end.why}` : end.kind, says);
	}
	const throttled = toMediaAnswer(answered(429, bytes, { "retry-after": "30" }), now);
	assert.deepEqual(throttled, {
		kind: "retry",
		detail: "The provider answered 429.",
		notBefore: new Date(now.getTime() + 30_000),
	});
});

const accountSid = `AC${"1".repeat(32)}`;
const twilio = twilioConfig(stored("https://api.twilio.com", { [accountSid]: "auth token" }));
const basic = { authorization: `Basic ${Buffer.from(`${accountSid}:auth token`).toString("base64")}` };

test("Twilio: credentials to the account's resource at the API, none to where it sends us, and one step only", async () => {
	const url = `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages/MM1/Media/ME1`;
	const cdn = "https://mms.twiliocdn.com/1?Signature=x";
	const tools = toolsWith(answered(307, bytes, { location: cdn }), answered(200));
	assert.equal((await fromTwilio({ url }, twilio, tools)).kind, "fetched");
	assert.deepEqual(tools.calls, [
		{ method: "GET", url, headers: basic },
		{ method: "GET", url: cdn, headers: {} },
	]);
	const further = toolsWith(answered(307, bytes, { location: cdn }), answered(307, bytes, { location: cdn }));
	assert.equal((await fromTwilio({ url }, twilio, further)).kind, "failed");
	assert.equal(further.calls.length, 2);
	for (const other of [
		`https://api.twilio.com/2010-04-01/Accounts/AC${"2".repeat(32)}/Messages/MM1/Media/ME1`,
		`https://api.twilio.com/${accountSid}/x`,
		`https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages.json`,
		`https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages/MM1/Media/ME1/../../../../Keys.json`,
		`${url}/../../../Recordings.json`,
		`${url}.json?PageSize=1000`,
		`${url}?x=1`,
		`https://mms.twiliocdn.com/2010-04-01/Accounts/${accountSid}/x`,
		`https://lookup.twilio.com/2010-04-01/Accounts/${accountSid}/x`,
		`https://api.twilio.com.evil.example/2010-04-01/Accounts/${accountSid}/x`,
	]) {
		const others = toolsWith(answered(200));
		await fromTwilio({ url: other }, twilio, others);
		assert.deepEqual(others.calls[0]?.headers, {}, other);
	}
	const regional = toolsWith(answered(200));
	await fromTwilio({ url: url.replace("api.", "api.dublin.ie1.") }, twilio, regional);
	assert.deepEqual(regional.calls[0]?.headers, basic);
});

const numberId = "106540352242922";
const graph = "https://graph.facebook.com/v25.0";
const whatsApp = whatsAppConfig(stored(graph, { [numberId]: "token" }, { proveAppSecret: false }));

test("WhatsApp: the token asks where it lies, then goes to Meta's host and to no other", async () => {
	const attachment = { url: `${graph}/1234?phone_number_id=${numberId}`, contentType: "image/jpeg" };
	const place = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1";
	const tools = toolsWith(answered(200, { url: place, mime_type: "image/jpeg" }), answered(200));
	assert.deepEqual(await fromWhatsApp(attachment, whatsApp, tools), {
		kind: "fetched",
		body: bytes,
		contentType: "image/jpeg",
	});
	const headers = { authorization: "Bearer token" };
	assert.deepEqual(tools.calls, [
		{ method: "GET", url: attachment.url, headers },
		{ method: "GET", url: place, headers },
	]);
	for (const elsewhere of [
		"https://evil.example/1",
		"http://lookaside.fbsbx.com/1",
		"https://lookaside.fbsbx.com.evil.example/",
	]) {
		const others = toolsWith(answered(200, { url: elsewhere }), answered(200));
		await fromWhatsApp(attachment, whatsApp, others);
		assert.deepEqual(others.calls[1]?.headers, {}, elsewhere);
	}
	const nobody = toolsWith();
	for (const url of [
		`${graph}/1?phone_number_id=1`,
		`${graph}/me/accounts?phone_number_id=${numberId}`,
		`${graph}/1234?fields=x&phone_number_id=${numberId}`,
		`${graph}/../1234?phone_number_id=${numberId}`,
		`https://lookaside.fbsbx.com/1234?phone_number_id=${numberId}`,
	]) {
		assert.equal((await fromWhatsApp({ url }, whatsApp, nobody)).kind, "retry", url);
	}
	assert.equal(nobody.calls.length, 0);
	assert.equal((await fromWhatsApp(attachment, whatsApp, toolsWith(answered(200, {})))).kind, "retry");
});

test("WhatsApp: the question is proven where the app demands it", async () => {
	const config = whatsAppConfig(
		stored(graph, { [numberId]: "token", webhook: "app secret" }, { proveAppSecret: true }),
	);
	const tools = toolsWith(answered(404));
	await fromWhatsApp({ url: `${graph}/1234?phone_number_id=${numberId}` }, config, tools);
	assert.match(tools.calls[0]?.url ?? "", /&appsecret_proof=[0-9a-f]{64}$/);
});

test("files are asked for where Service Connection is left empty, too", () => {
	const rows = [
		[fromTelegramHosts, telegramConfig(stored("", { acme_support_bot: "8123:AAE" })).serviceConnection],
		[fromWhatsAppHosts, whatsAppConfig(stored("", { [numberId]: "token" })).serviceConnection],
	] as const;
	for (const [hosts, base] of rows) {
		assert.ok(isMediaAddress(`${base}/1`, { serviceConnection: "", hosts }), base);
	}
});

test("C4C: the technical user asks the tenant's own service, and nobody else learns the password", async () => {
	const base = "https://my123456.crm.ondemand.com/sap/c4c/odata/v1/c4codataapi";
	const config = { access: { base, user: "_TECH", password: "secret" } } as C4sConfig;
	const url = `${base}/EMailAttachmentFolderCollection('00163E')/Binary/$value`;
	const tools = toolsWith(answered(200));
	assert.equal((await fromC4c({ url }, config, tools)).kind, "fetched");
	const authorization = `Basic ${Buffer.from("_TECH:secret").toString("base64")}`;
	assert.deepEqual(tools.calls, [{ method: "GET", url, headers: { authorization, accept: "*/*" } }]);
	const others = toolsWith();
	for (const elsewhere of [`${base}evil/x`, "https://my123456.crm.ondemand.com/x", "https://evil.example/1"]) {
		assert.equal((await fromC4c({ url: elsewhere }, config, others)).kind, "retry");
	}
	assert.equal((await fromC4c({ url }, { ...config, access: undefined }, others)).kind, "retry");
	assert.deepEqual(others.calls, []);
});

test("Telegram: the id tells a path, which is a path below the bot's files and nothing else", async () => {
	const config = telegramConfig(stored("https://api.telegram.org", { acme_support_bot: "8123:AAE" }));
	const attachment = { url: "https://api.telegram.org/getFile?file_id=AwAC_-1" };
	const tools = toolsWith(answered(200, { ok: true, result: { file_path: "photos/file_1.jpg" } }), answered(200));
	assert.equal((await fromTelegram(attachment, config, tools)).kind, "fetched");
	assert.deepEqual(
		tools.calls.map(({ url }) => url),
		[
			"https://api.telegram.org/bot8123:AAE/getFile?file_id=AwAC_-1",
			"https://api.telegram.org/file/bot8123:AAE/photos/file_1.jpg",
		],
	);
	for (const file_path of [
		"../../bot1/x",
		"/etc/passwd",
		"a//b",
		"a?b",
		"https://evil.example/",
		"a/..",
		"",
		5,
		undefined,
	]) {
		const others = toolsWith(answered(200, { ok: true, result: { file_path } }), answered(200));
		assert.equal((await fromTelegram(attachment, config, others)).kind, "retry", String(file_path));
		assert.equal(others.calls.length, 1);
	}
});
