import assert from "node:assert/strict";
import test from "node:test";
import { join } from "node:path";
import { readFixtures, type Fixture } from "#test/contract/conformance/fixtures.ts";
import type { RawRequest, StoredService, VerifiedRequest } from "../contract.ts";
import { parse as configOf } from "./form.ts";
import { accountsNamed, accountsOf, ack, handshake, parse, verify } from "./inbound.ts";

const fixtures = new Map(readFixtures(join(import.meta.dirname, "fixtures")).map((one) => [one.name, one]));

function fixture(name: string): Fixture {
	const found = fixtures.get(name);
	assert.ok(found, name);
	return found;
}

type Notification = { value: Record<string, unknown>[]; validationTokens?: unknown };

/** The fixture's request with its body changed. */
function changed(name: string, change: (body: Notification) => void): RawRequest {
	const { raw } = fixture(name);
	const body = JSON.parse(Buffer.from(raw.body).toString("utf8")) as Notification;
	change(body);
	return { ...raw, body: Buffer.from(JSON.stringify(body)) };
}

function judged(raw: RawRequest, name: string, over: Partial<StoredService> = {}): string {
	const { service, now } = fixture(name);
	const verdict = verify(raw, configOf({ ...service, ...over }), now);
	return verdict.ok ? "ok" : verdict.why;
}

const kinds = (raw: RawRequest, name: string) =>
	parse(raw as VerifiedRequest, configOf(fixture(name).service)).map(({ kind }) => kind);

const asked = (query: string, method = "POST") =>
	handshake(
		{ method, url: `https://parley.example/sms/teams/1${query}`, headers: new Headers(), body: new Uint8Array() },
		configOf(fixture("message-in-chat").service),
	);

test("Microsoft's question is answered with what it asked, decoded once", () => {
	const query =
		"?validationToken=Validation%3A%20Testing%20client%20application%20reachability%20for%20subscription%20Request-Id%3A%20abc%2B1";
	const body = "Validation: Testing client application reachability for subscription Request-Id: abc+1";
	assert.deepEqual(asked(query), { status: 200, body, contentType: "text/plain" });
	assert.equal(asked("?validationToken=a%252Bb")?.body, "a%2Bb");
	assert.equal(asked("?validationToken=%3Cscript%3E")?.contentType, "text/plain");
});

test("what is no question of Microsoft's is not answered", () => {
	const bodies = ["", "?validationToken=", "?validationToken=a&validationToken=b", "?x=1", "?validationToken=%00"];
	const long = `?validationToken=${"x".repeat(1025)}`;
	for (const query of [...bodies, long, "?validationToken=a%0d%0aSet-Cookie:x", "?validationToken=%C3%BC"]) {
		assert.equal(asked(query), undefined, query.slice(0, 60));
	}
	assert.equal(asked("?validationToken=a", "GET"), undefined);
	const bot = configOf(fixture("bot-message").service);
	const raw = { ...fixture("bot-message").raw, url: "https://parley.example/sms/teams/1?validationToken=a" };
	assert.equal(handshake(raw, bot), undefined);
});

test("every token has to be good, not only one of them", () => {
	const [bad] = (
		JSON.parse(Buffer.from(fixture("key-unknown").raw.body).toString("utf8")) as { validationTokens: string[] }
	).validationTokens;
	const other = JSON.parse(Buffer.from(fixture("token-of-another-tenant").raw.body).toString("utf8")) as Notification;
	const [stranger] = other.validationTokens as string[];
	for (const [token, why] of [
		[bad, "unready"],
		[stranger, "mismatch"],
		["", "mismatch"],
		["eyJ.eyJ.x", "mismatch"],
		[null, "mismatch"],
		[7, "mismatch"],
	] as const) {
		const raw = changed("message-in-chat", (body) => (body.validationTokens as unknown[]).push(token));
		assert.equal(judged(raw, "message-in-chat"), why, String(token).slice(0, 20));
	}
	for (const tokens of [undefined, [], {}, "token", null]) {
		const raw = changed("message-in-chat", (body) => (body.validationTokens = tokens));
		assert.ok(["missing", "mismatch"].includes(judged(raw, "message-in-chat")), JSON.stringify(tokens));
	}
	const many = changed("message-in-chat", (body) => {
		const [token] = body.validationTokens as string[];
		body.validationTokens = Array.from({ length: 21 }, () => token);
	});
	assert.equal(judged(many, "message-in-chat"), "mismatch");
});

test("content is let in by a token, whatever else is in the POST, and only for its tenant", () => {
	const plain = {
		subscriptionId: "x",
		clientState: "state-5f2c9b7e",
		tenantId: "84bd8158-6d4d-4958-8b9f-9d6445542f95",
	};
	const raw = changed("content-without-token", (body) => body.value.push(plain));
	assert.equal(judged(raw, "content-without-token"), "ok");
	assert.deepEqual(kinds(raw, "content-without-token"), ["foreign", "activity"]);
	const moved = changed("message-in-chat", ({ value }) => {
		value.push({ ...value[0], tenantId: "11111111-2222-4333-8444-555555555555" }, { ...value[0], tenantId: undefined });
	});
	assert.equal(judged(moved, "message-in-chat"), "ok");
	assert.deepEqual(kinds(moved, "message-in-chat"), ["message", "foreign", "foreign"]);
});

test("another tenant than the setting's is none of ours, however well it is signed", () => {
	const { service, raw } = fixture("message-in-chat");
	const settings = { ...service.settings, tenant: "11111111-2222-4333-8444-555555555555" };
	assert.equal(judged(raw, "message-in-chat", { settings }), "mismatch");
	assert.equal(judged(raw, "message-in-chat", { settings: { ...service.settings, tenant: "contoso.example" } }), "ok");
});

test("a client state is compared whole, and one that is not there lets nobody in", () => {
	for (const state of ["", "state-5f2c9b7", "state-5f2c9b7e ", "STATE-5F2C9B7E", null, 7, ["state-5f2c9b7e"], {}]) {
		const raw = changed("message-in-chat", ({ value }) => Object.assign(value[0] ?? {}, { clientState: state }));
		assert.ok(["missing", "mismatch"].includes(judged(raw, "message-in-chat")), JSON.stringify(state));
	}
	const { service, raw } = fixture("message-in-chat");
	for (const secrets of [[], [""]]) {
		const authentications = service.authentications.map((entry) =>
			entry.authenticationId === "webhook" ? { ...entry, secrets } : entry,
		);
		assert.equal(judged(raw, "message-in-chat", { authentications }), "mismatch");
	}
});

test("a certificate of a rotation opens what was encrypted for it, whichever comes first", () => {
	const { service, raw } = fixture("message-in-chat");
	const other = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----";
	const withSecrets = (secrets: (pem: string) => string[]) =>
		configOf({
			...service,
			authentications: service.authentications.map((entry) =>
				entry.authenticationId === "certificate" ? { ...entry, secrets: secrets(entry.secrets[0] ?? "") } : entry,
			),
		});
	for (const config of [withSecrets((pem) => [other, pem]), withSecrets((pem) => [pem, other])]) {
		assert.deepEqual(
			parse(raw as VerifiedRequest, config).map(({ kind }) => kind),
			["message"],
		);
	}
	// A field of one line turned its line breaks into spaces, or dropped them.
	for (const join of [" ", ""]) {
		const config = withSecrets((pem) => [pem.replaceAll("\n", join)]);
		assert.deepEqual(
			parse(raw as VerifiedRequest, config).map(({ kind }) => kind),
			["message"],
		);
	}
});

test("nothing encrypted is opened before its seal was looked at", () => {
	const spoil = (field: string, value: unknown) =>
		changed("message-in-chat", ({ value: [item] }) => {
			assert.ok(item);
			item["encryptedContent"] = { ...(item["encryptedContent"] as object), [field]: value };
		});
	for (const raw of [
		spoil("data", Buffer.alloc(32).toString("base64")),
		spoil("data", "no base64!"),
		spoil("data", undefined),
		spoil("dataSignature", Buffer.alloc(31).toString("base64")),
		spoil("dataKey", Buffer.alloc(256, 1).toString("base64")),
		spoil("dataKey", "AA=="),
		spoil("dataKey", 7),
		changed("message-in-chat", ({ value: [item] }) => Object.assign(item ?? {}, { encryptedContent: null })),
		changed("message-in-chat", ({ value: [item] }) => Object.assign(item ?? {}, { changeType: "__proto__" })),
	]) {
		assert.deepEqual(kinds(raw, "message-in-chat"), ["unreadable"]);
	}
});

test("no event tells a secret, the private key least of all", () => {
	for (const { raw, service } of fixtures.values()) {
		const told = JSON.stringify(parse(raw as VerifiedRequest, configOf(service)));
		const secrets = service.authentications.flatMap(({ secrets: all }) => all);
		for (const secret of secrets.flatMap((text) => text.split("\n")).filter((line) => line.length > 4)) {
			assert.ok(!told.includes(secret), secret.slice(0, 12));
		}
	}
});

test("a call names the subscriptions or the bot that it is about", () => {
	const { raw, service } = fixture("message-in-chat");
	assert.deepEqual(accountsNamed(raw), accountsOf(configOf(service)));
	const bot = fixture("bot-message");
	assert.deepEqual(accountsNamed(bot.raw), accountsOf(configOf(bot.service)));
	assert.deepEqual(accountsNamed({ ...raw, body: Buffer.from("\u0000") }), []);
	assert.deepEqual(ack([], configOf(service)), { status: 202 });
	assert.deepEqual(ack([], configOf(bot.service)), { status: 200, body: "{}", contentType: "application/json" });
});

test("a bot's call is for one address of the Bot Connector, and the token comes in one way", () => {
	const { raw } = fixture("bot-message");
	const token = raw.headers.get("authorization") ?? "";
	const given = (authorization: string) => ({ ...raw, headers: new Headers({ authorization }) });
	for (const other of [
		token.replace("Bearer", "bearer"),
		`${token}, ${token}`,
		token.slice(7),
		"Basic eDp5",
		"Bearer ",
	]) {
		assert.equal(judged(given(other), "bot-message"), "mismatch", other.slice(0, 12));
	}
	for (const change of [{ serviceUrl: "https://evil.example/" }, { serviceUrl: "" }, { channelId: "webchat" }]) {
		const told = changed("bot-message", (body) => Object.assign(body, change));
		assert.equal(judged(told, "bot-message"), "mismatch", JSON.stringify(change));
	}
});
