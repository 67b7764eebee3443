// Goal: what an administrator enters is either understood or refused with the place and the next step.

import assert from "node:assert/strict";
import test from "node:test";
import type { ServiceId } from "#domain/ids.ts";
import type { AuthenticationRule, StoredAuthentication, StoredService } from "../contract.ts";
import { addressing, channelOf } from "./addressing.ts";
import { cannotSend, check, form, parse } from "./form.ts";

const accountSid = "AC33333333333333333333333333333333";
const otherSid = "AC44444444444444444444444444444444";
const keySid = "SK55555555555555555555555555555555";
const account: StoredAuthentication = { authenticationId: accountSid, secrets: ["token"] };
const key: StoredAuthentication = { authenticationId: keySid, secrets: ["key-secret"] };
const webhook: StoredAuthentication = { authenticationId: "webhook", secrets: ["token", "old-token"] };
const fullUrl = `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages.json`;

function service(
	authentications: readonly StoredAuthentication[],
	serviceConnection = "https://api.twilio.com",
	settings: Readonly<Record<string, unknown>> = {},
): StoredService {
	return {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection,
		authenticationUrl: null,
		authenticationScope: null,
		settings,
		authentications,
	};
}

function pointers(stored: StoredService): readonly string[] {
	return check(stored).map(({ pointer }) => pointer);
}

test("one account is enough: it sends and its token proves webhooks", () => {
	const stored = service([{ ...account, secrets: ["token", "old-token", ""] }]);
	assert.deepEqual(check(stored), []);
	assert.deepEqual(parse(stored), {
		origin: "https://api.twilio.com",
		accountSid,
		user: { id: accountSid, secret: "token" },
		signingSecrets: ["token", "old-token"],
		statusCallbacks: true,
		messagingServiceSid: undefined,
	});
	assert.equal(cannotSend(parse(stored)), undefined);
});

test("with an API key the account comes from the settings or from Service Connection, the token from webhook", () => {
	for (const stored of [service([key, webhook], undefined, { accountSid }), service([key, webhook], fullUrl)]) {
		assert.deepEqual(check(stored), []);
		const config = parse(stored);
		assert.equal(config.accountSid, accountSid);
		assert.deepEqual(config.user, { id: keySid, secret: "key-secret" });
		assert.deepEqual(config.signingSecrets, ["token", "old-token"], "the key's secret never proves a webhook");
		assert.equal(cannotSend(config), undefined);
	}
	assert.deepEqual(pointers(service([key])), ["/settings/accountSid"]);
});

test("Service Connection is the base, a part of the path or the whole address", () => {
	const good = ["", "/", "/2010-04-01", "/2010-04-01/", `/2010-04-01/Accounts/${accountSid}`];
	for (const path of [...good, `/2010-04-01/Accounts/${accountSid}/Messages.json`]) {
		assert.deepEqual(check(service([account], `https://api.twilio.com${path}`)), [], path);
	}
	assert.equal(parse(service([account], "http://127.0.0.1:9123")).origin, "http://127.0.0.1:9123");
	const bad = [
		"",
		"api.twilio.com",
		"ftp://api.twilio.com",
		"https://u:p@api.twilio.com",
		"https://api.twilio.com/v2",
		"https://api.twilio.com/?x=1",
	];
	for (const address of bad) {
		assert.deepEqual(pointers(service([account], address)), ["/serviceConnection"], address);
		assert.ok(cannotSend(parse(service([account], address)))?.startsWith("Enter the address"), address);
	}
});

test("two sets of credentials are one too many, and two accounts contradict each other", () => {
	assert.deepEqual(pointers(service([account, { ...key }])), ["/authentications/1/authenticationId"]);
	assert.deepEqual(pointers(service([account], fullUrl.replace(accountSid, otherSid))), ["/serviceConnection"]);
	assert.deepEqual(pointers(service([account], undefined, { accountSid: otherSid })), ["/settings/accountSid"]);
	const capitals = `AC${"AB".repeat(16)}`;
	const spelled = service([{ ...account, authenticationId: capitals }], undefined, {
		accountSid: capitals.toLowerCase(),
	});
	assert.deepEqual(check({ ...spelled, settings: { accountSid: `AC${"ab".repeat(16)}` } }), []);
});

test("the webhook entry beside an account adds a token and breaks no rule", () => {
	const stored = service([account, webhook]);
	assert.deepEqual(check(stored), []);
	assert.deepEqual(parse(stored).signingSecrets, ["token", "token", "old-token"]);
});

test("what is missing for sending is said with the next step", () => {
	const say = (stored: StoredService): string => cannotSend(parse(stored)) ?? "";
	assert.match(say(service([])), /^Add the Account SID with its auth token/);
	assert.match(say(service([{ ...account, secrets: [] }])), /^Add the auth token of AC/);
	assert.match(say(service([{ ...key, secrets: [] }, webhook], fullUrl)), /^Add the secret of SK/);
	assert.match(say(service([key, webhook])), /^Add the Account SID that the API key belongs to/);
	assert.match(say(service([webhook])), /^Add the Account SID with its auth token/);
});

function ruleOf(role: string): AuthenticationRule {
	const rule = form.authentications.find((candidate) => candidate.role === role);
	assert.ok(rule !== undefined);
	return rule;
}

test("each kind of entry has its shape, and what is obviously meant is mended with a note", () => {
	for (const rule of form.authentications) {
		assert.match(rule.idExample, new RegExp(rule.idPattern));
		assert.equal(rule.max, 1);
		assert.deepEqual(rule.normalise?.(rule.idExample), { authenticationId: rule.idExample });
	}
	const mended = ruleOf("account").normalise?.(` ac${"AB".repeat(16)} `);
	assert.equal(mended?.authenticationId, `AC${"ab".repeat(16)}`);
	assert.ok(mended?.note !== undefined);
	assert.equal(ruleOf("webhook").normalise?.("Webhook")?.authenticationId, "webhook");
	assert.deepEqual(
		form.authentications.map(({ direction }) => direction),
		["both", "outgoing", "incoming"],
	);
});

test("every setting has a title, a description and a default", () => {
	const properties = form.settings["properties"] as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
	assert.deepEqual(Object.keys(properties), ["accountSid", "messagingServiceSid", "statusCallbacks"]);
	for (const [name, schema] of Object.entries(properties)) {
		assert.ok(
			["title", "description", "default"].every((keyword) => keyword in schema),
			name,
		);
	}
	assert.equal(form.settings["additionalProperties"], false);
});

const config = parse(service([account]));
const messagingServiceSid = "MG9752274e9e519418a7406176694466fa";

test("an address keeps its channel's prefix, and both sides are on one channel", () => {
	assert.deepEqual(addressing({ from: "+1 (555) 010-0001", to: "+1-555-010-0002" }, config), {
		ok: true,
		channel: "sms",
		ourAddress: "+15550100001",
		contactAddress: "+15550100002",
	});
	const whatsapp = {
		ok: true,
		channel: "whatsapp",
		ourAddress: "whatsapp:+14155238886",
		contactAddress: "whatsapp:+5511999990000",
	};
	assert.deepEqual(addressing({ from: "+14155238886", to: "WhatsApp:+5511999990000" }, config), whatsapp);
	assert.deepEqual(addressing({ from: "+14155238886", to: "+5511999990000", channel: "whatsapp" }, config), whatsapp);
	assert.equal(addressing({ from: "whatsapp:+14155238886", to: "whatsapp:US.1234" }, config).ok, true);
	assert.equal(addressing({ from: "messenger:111", to: "messenger:222" }, config).ok, true);
	assert.equal(addressing({ from: "Acme Shop", to: "+15550100002" }, config).ok, true, "a sender's name");
	assert.equal(addressing({ from: "12345", to: "+15550100002" }, config).ok, true, "a short code");
});

test("a Messaging Service may be the sender, and is when the message names none", () => {
	const withService = { ...config, messagingServiceSid };
	const chosen = addressing({ to: "+15550100002" }, withService);
	assert.ok(chosen.ok && chosen.ourAddress === messagingServiceSid);
	const named = addressing({ from: messagingServiceSid, to: "whatsapp:+5511999990000" }, config);
	assert.ok(named.ok && named.ourAddress === messagingServiceSid && named.channel === "whatsapp");
});

test("an address that does not fit is refused with the field that is wrong", () => {
	const refused = (input: Parameters<typeof addressing>[0]): string => {
		const result = addressing(input, config);
		return result.ok ? "none" : result.field;
	};
	assert.equal(refused({ to: "+15550100002" }), "from");
	assert.equal(refused({ from: "", to: "+15550100002" }), "from");
	assert.equal(refused({ from: "whatsapp:+14155238886", to: "+15550100002" }), "from");
	assert.equal(refused({ from: "+15550100001", to: "5550100002x" }), "to");
	assert.equal(refused({ from: "+15550100001", to: "" }), "to");
	assert.equal(refused({ from: "+15550100001", to: "carrier-pigeon:7" }), "to");
	assert.equal(refused({ from: "+15550100001", to: "+15550100002", channel: "fax" }), "channel");
	assert.equal(refused({ from: "+15550100001", to: "whatsapp:+15550100002", channel: "sms" }), "channel");
});

test("a channel that Twilio adds later is still named by its prefix", () => {
	assert.equal(channelOf("+15550100002"), "sms");
	assert.equal(channelOf("viber:abc"), "viber");
	assert.equal(channelOf(":abc"), undefined);
	assert.equal(channelOf("two words:abc"), undefined);
});
