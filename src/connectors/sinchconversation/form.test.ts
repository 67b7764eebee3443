import assert from "node:assert/strict";
import test from "node:test";

import type { ServiceId } from "#domain/ids.ts";

import type { Addressing, AddressingInput, StoredService } from "../contract.ts";
import { addressing, channels, channelOfCode, fromAddress, toAddress } from "./addresses.ts";
import { cannotSend, check, form, parse } from "./form.ts";

const sendUrl = "https://eu.conversation.api.sinch.com/v1/projects/c36f3d3d-1523-4edd-ae42-11995557ff61/messages:send";
const appId = "01EB37HMH1M6SV18ABNS3G135H";

const service: StoredService = {
	id: "0193A6C0F0E07C00800000000000000B" as ServiceId,
	serviceConnection: sendUrl,
	authenticationUrl: null,
	authenticationScope: null,
	settings: {},
	authentications: [
		{ authenticationId: `key-1@${appId}`, secrets: ["key-secret"] },
		{ authenticationId: "webhook", secrets: ["webhook-secret", "previous-secret"] },
	],
};

function pointersOf(change: Partial<StoredService>): string[] {
	return check({ ...service, ...change }).map(({ pointer }) => pointer);
}

test("a complete service breaks no rule and is understood", () => {
	assert.deepEqual(check(service), []);
	assert.deepEqual(parse(service), {
		sendUrl,
		projectId: "c36f3d3d-1523-4edd-ae42-11995557ff61",
		tokenUrl: "https://auth.sinch.com/oauth2/token",
		apps: [{ keyId: "key-1", appId, keySecret: "key-secret" }],
		webhookSecrets: ["webhook-secret", "previous-secret"],
		smsSender: undefined,
		processingMode: "DISPATCH",
	});
});

test("Service Connection must be the complete send URL of a region, or one on another host", () => {
	for (const good of [
		"",
		sendUrl.replace("eu.", "us."),
		sendUrl.replace("eu.", "br."),
		"http://127.0.0.1:9123/v1/projects/p/messages:send",
		"https://proxy.example/sinch/v1/projects/p/messages:send",
	]) {
		assert.deepEqual(pointersOf({ serviceConnection: good }), [], good);
	}
	for (const bad of [
		"eu",
		"https://eu.conversation.api.sinch.com",
		"https://eu.conversation.api.sinch.com/v1/projects/[project ID]/messages:send",
		"https://conversation.api.sinch.com/v1/projects/p/messages:send",
		"https://fr.conversation.api.sinch.com/v1/projects/p/messages:send",
		"http://eu.conversation.api.sinch.com/v1/projects/p/messages:send",
		"ftp://127.0.0.1/v1/projects/p/messages:send",
		"https://key:secret@proxy.example/v1/projects/p/messages:send",
		`${sendUrl}?token=1`,
		`${sendUrl}/`,
	]) {
		assert.deepEqual(pointersOf({ serviceConnection: bad }), ["/serviceConnection"], bad);
	}
});

test("Authentication URL is a web address or empty, Authentication Scope is empty", () => {
	assert.deepEqual(pointersOf({ authenticationUrl: "", authenticationScope: "" }), []);
	assert.deepEqual(pointersOf({ authenticationUrl: "http://127.0.0.1:9123/oauth2/token" }), []);
	assert.deepEqual(pointersOf({ authenticationUrl: "https://key:secret@auth.example/" }), ["/authenticationUrl"]);
	assert.deepEqual(pointersOf({ authenticationUrl: "auth", authenticationScope: "all" }), [
		"/authenticationUrl",
		"/authenticationScope",
	]);
	const other = parse({ ...service, authenticationUrl: "https://eu.auth.sinch.com/oauth2/token" });
	assert.equal(other.tokenUrl, "https://eu.auth.sinch.com/oauth2/token");
});

test("an app has one entry, and no secret has a space at its ends", () => {
	const twice = [...service.authentications, { authenticationId: `key-2@${appId}`, secrets: ["x "] }];
	assert.deepEqual(pointersOf({ authentications: twice }), [
		"/authentications/2/authenticationId",
		"/authentications/2/password",
	]);
});

test("no message of a broken rule repeats a secret", () => {
	const authentications = [{ authenticationId: `key-1@${appId}`, secrets: [" key-secret "] }];
	assert.ok(!JSON.stringify(check({ ...service, authentications })).includes("key-secret"));
});

const [webhookRule, appRule] = form.authentications;

test("the App ID is put into capitals with a note, the Key ID is left as it is", () => {
	assert.ok(appRule?.normalise !== undefined);
	const mended = appRule.normalise(`Key-1@${appId.toLowerCase()}`);
	assert.equal(mended.authenticationId, `Key-1@${appId}`);
	assert.match(mended.note ?? "", /capital/);
	assert.deepEqual(appRule.normalise(`Key-1@${appId}`), { authenticationId: `Key-1@${appId}` });
	assert.match(appRule.idExample, new RegExp(appRule.idPattern, "u"));
	assert.match(mended.authenticationId, new RegExp(appRule.idPattern, "u"));
});

test("the webhook entry is the literal word, mended from another case, and nothing else becomes it", () => {
	assert.ok(webhookRule?.normalise !== undefined);
	assert.deepEqual([webhookRule.min, webhookRule.max], [1, 1]);
	assert.equal(webhookRule.normalise(" Webhook").authenticationId, "webhook");
	assert.deepEqual(webhookRule.normalise("webhooks"), { authenticationId: "webhooks" });
	assert.doesNotMatch(`webhook@${appId}`, new RegExp(webhookRule.idPattern, "u"));
});

test("each setting has a title, a description and a default, and the stored ones are understood", () => {
	const properties = form.settings["properties"] as Record<string, Record<string, unknown>>;
	assert.deepEqual(Object.keys(properties), ["smsSender", "processingMode"]);
	for (const schema of Object.values(properties)) {
		assert.ok(schema["title"] && schema["description"] && schema["default"] !== undefined);
	}
	assert.equal(form.settings["additionalProperties"], false);
	const { smsSender, processingMode } = parse({
		...service,
		settings: { smsSender: "12345", processingMode: "CONVERSATION" },
	});
	assert.deepEqual([smsSender, processingMode], ["12345", "CONVERSATION"]);
});

test("a service says in one sentence what it lacks for sending", () => {
	const withEntries = (authentications: StoredService["authentications"]): string | undefined =>
		cannotSend(parse({ ...service, authentications }));
	assert.equal(withEntries(service.authentications), undefined);
	assert.match(withEntries([]) ?? "", /^Add an authentication/);
	assert.match(withEntries([{ authenticationId: `key-1@${appId}`, secrets: [] }]) ?? "", /^Add the key secret/);
	assert.match(cannotSend(parse({ ...service, serviceConnection: "" })) ?? "", /Service Connection/);
});

const config = parse(service);
const whatsapp = `${appId}@whatsapp.sinchconversation.com`;

function addressed(input: AddressingInput): Addressing {
	return addressing(input, config);
}

test("every channel has one word, and an address of ours survives printing and parsing", () => {
	for (const row of [...channels, channelOfCode("HOLO_CHAT")]) {
		assert.ok(row !== undefined);
		const address = toAddress({ appId, row });
		assert.deepEqual(fromAddress(address.toLowerCase()), { appId, row });
	}
	assert.equal(new Set(channels.map(({ word }) => word)).size, channels.length);
});

test("numbers lose their plus and separators, so that an answer finds its conversation", () => {
	for (const to of ["+46 73 200 00 00", "0046732000000", "(46) 732-000.000", "46732000000"]) {
		assert.deepEqual(addressed({ from: whatsapp, to }), {
			ok: true,
			channel: "whatsapp",
			ourAddress: whatsapp,
			contactAddress: "46732000000",
		});
	}
});

test("the address may be given whole, as an App ID, or not at all when there is one app", () => {
	for (const input of [
		{ from: whatsapp.toLowerCase() },
		{ from: appId.toLowerCase(), channel: "WHATSAPP" },
		{ channel: "whatsapp" },
	]) {
		const found = addressed({ ...input, to: "46732000000" });
		assert.equal(found.ok ? found.ourAddress : found.message, whatsapp);
	}
});

test("app-scoped identities carry the app as their scope", () => {
	const found = addressed({ channel: "messenger", to: "2742085512340733" });
	assert.deepEqual(found, {
		ok: true,
		channel: "messenger",
		ourAddress: `${appId}@facebook.sinchconversation.com`,
		contactAddress: "2742085512340733",
		scope: appId,
	});
});

test("what cannot be an address is refused at the field that is wrong", () => {
	const table: [AddressingInput, string][] = [
		[{ to: "46732000000" }, "channel"],
		[{ channel: "no channel!", to: "46732000000" }, "channel"],
		[{ from: whatsapp, channel: "sms", to: "46732000000" }, "channel"],
		[{ from: "someone@example.com", to: "46732000000" }, "from"],
		[{ from: "OTHERAPP", channel: "sms", to: "46732000000" }, "from"],
		[{ channel: "sms", to: "0732000000" }, "to"],
		[{ channel: "sms", to: "Astrid" }, "to"],
		[{ channel: "telegram", to: "two words" }, "to"],
		[{ channel: "telegram", to: "" }, "to"],
	];
	for (const [input, field] of table) {
		const found = addressed(input);
		assert.equal(found.ok ? "ok" : found.field, field, JSON.stringify(input));
	}
});

test("with several apps the sender must be named, with none the next step is told", () => {
	const several = parse({
		...service,
		authentications: [...service.authentications, { authenticationId: "key-1@OTHERAPP", secrets: ["s"] }],
	});
	const input = { channel: "sms", to: "46732000000" };
	const unnamed = addressing(input, several);
	assert.equal(unnamed.ok ? "ok" : unnamed.field, "from");
	assert.ok(addressing({ ...input, from: "otherapp" }, several).ok);
	const none = addressing(input, { ...several, apps: [] });
	assert.match(none.ok ? "" : none.message, /add an authentication/);
});
