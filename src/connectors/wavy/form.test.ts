// Goal: what an administrator enters is either understood or refused with the place and the next step, and it is clear who
// talks to whom.

import assert from "node:assert/strict";
import test from "node:test";
import type { ServiceId } from "#domain/ids.ts";
import type { StoredAuthentication, StoredService } from "../contract.ts";
import { brokenRules, mendAuthenticationId, whyCannotSend } from "../kit/rules.ts";
import { addressing, destinationOf } from "./addressing.ts";
import { cannotSend, check, form, parse } from "./form.ts";
import { connector } from "./index.ts";

const user: StoredAuthentication = { authenticationId: "wa_shop_br", secrets: ["token-of-the-user"] };

function service(changes: Partial<StoredService> = {}): StoredService {
	return {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: "https://api-messaging.wavy.global",
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: [user],
		...changes,
	};
}

test("one user with its token is enough to send, and a rotation sends with the new token", () => {
	assert.deepEqual(brokenRules(connector.config, service()), []);
	assert.equal(whyCannotSend(connector, service()), undefined);
	const rotating = service({ authentications: [{ ...user, secrets: ["new-token", "old-token"] }] });
	assert.deepEqual(parse(rotating).user, { name: "wa_shop_br", token: "new-token" });
	assert.deepEqual(parse(rotating).tokens, ["new-token", "old-token"], "neither of them may be shown");
});

for (const address of [
	"https://api-messaging.wavy.global",
	"https://api-messaging.wavy.global/",
	"https://API-messaging.wavy.global/v1",
	"https://api-messaging.wavy.global/v1/send-sms",
	"https://api-messaging.wavy.global/v1/whatsapp/send/",
]) {
	test(`the host is read from ${address}`, () => {
		assert.deepEqual(check(service({ serviceConnection: address })), []);
		assert.equal(parse(service({ serviceConnection: address })).origin, "https://api-messaging.wavy.global");
	});
}

test("the older host serves as well, and an empty Service Connection is the newer one", () => {
	const older = service({ serviceConnection: "https://api-messaging.movile.com/v1/send-sms" });
	assert.equal(parse(older).origin, "https://api-messaging.movile.com");
	assert.equal(parse(service({ serviceConnection: "" })).origin, "https://api-messaging.wavy.global");
});

for (const address of [
	"api-messaging.wavy.global",
	"ftp://api-messaging.wavy.global",
	"https://api-messaging.wavy.global/v2/send-sms",
	"https://api-messaging.wavy.global/v1/send-sms?username=a",
	"https://user:pass@api-messaging.wavy.global",
]) {
	test(`${address} is refused with its place, and nothing is sent there`, () => {
		const broken = service({ serviceConnection: address });
		assert.deepEqual(
			check(broken).map(({ pointer }) => pointer),
			["/serviceConnection"],
		);
		assert.match(cannotSend(parse(broken)) ?? "", /Service Connection/);
	});
}

test("a second user, a user name with spaces and a token with a line break are refused with their places", () => {
	const second = { authenticationId: "other", secrets: ["t"] };
	const spaced = { authenticationId: "wa shop", secrets: ["t"] };
	const broken = { ...user, secrets: ["token\r\nx: y"] };
	const pointers = (...authentications: StoredAuthentication[]) =>
		brokenRules(connector.config, service({ authentications })).map(({ pointer }) => pointer);
	assert.deepEqual(pointers(user, second), ["/authentications/1/authenticationId"]);
	assert.deepEqual(pointers(spaced), ["/authentications/0/authenticationId"]);
	assert.deepEqual(pointers(broken), ["/authentications/0/password"]);
	assert.equal(parse(service({ authentications: [broken] })).user?.token, undefined, "it never becomes a header");
	assert.equal(mendAuthenticationId(form, " wa_shop_br ").authenticationId, "wa_shop_br");
});

test("settings of the wrong shape are refused", () => {
	const pointers = (settings: Readonly<Record<string, unknown>>) =>
		brokenRules(connector.config, service({ settings })).map(({ pointer }) => pointer);
	assert.deepEqual(pointers({ shortCode: "28128", whatsappNumber: "+5519900001111", subAccount: "My Shop" }), []);
	assert.deepEqual(pointers({ shortCode: "LA1" }), ["/settings/shortCode"]);
	assert.deepEqual(pointers({ whatsappNumber: "whatsapp:+55" }), ["/settings/whatsappNumber"]);
	assert.deepEqual(pointers({ whatsappNumber: "00000000" }), ["/settings/whatsappNumber"]);
});

test("what is missing is said", () => {
	assert.match(cannotSend(parse(service({ authentications: [] }))) ?? "", /user name/);
	assert.match(cannotSend(parse(service({ authentications: [{ ...user, secrets: [] }] }))) ?? "", /token/);
});

const both = parse(service({ settings: { shortCode: "28128", whatsappNumber: "5519911110000" } }));
const smsOnly = parse(service({ settings: { shortCode: "28128" } }));
const whatsappOnly = parse(service({ settings: { whatsappNumber: "+55 19 91111-0000".replaceAll(/[ -]/g, "") } }));
const neither = parse(service());
const sms = { ok: true, channel: "sms", ourAddress: "28128", contactAddress: "+5519900001111" };
const whatsapp = {
	ok: true,
	channel: "whatsapp",
	ourAddress: "whatsapp:+5519911110000",
	contactAddress: "whatsapp:+5519900001111",
};

test("the channel is what is asked for, else what a prefix or our address says, else the only one that is set up", () => {
	assert.deepEqual(addressing({ to: "5519900001111" }, both), sms);
	assert.deepEqual(addressing({ to: "+55 (19) 90000-1111", channel: "whatsapp" }, both), whatsapp);
	assert.deepEqual(addressing({ to: "WhatsApp:+5519900001111" }, both), whatsapp);
	assert.deepEqual(addressing({ to: "5519900001111", from: "whatsapp:5519911110000" }, neither), whatsapp);
	assert.deepEqual(addressing({ to: "5519900001111", from: "+5519911110000" }, both), whatsapp);
	assert.deepEqual(addressing({ to: "5519900001111" }, whatsappOnly), whatsapp);
	assert.deepEqual(addressing({ to: "sms:5519900001111", from: "28128" }, neither), sms);
	assert.deepEqual(addressing({ to: "5519900001111" }, smsOnly), sms);
});

test("what does not fit together, or nobody can be reached by, is refused with its field", () => {
	const fieldOf = (input: Parameters<typeof addressing>[0], config = both) => {
		const found = addressing(input, config);
		return found.ok ? "none" : found.field;
	};
	assert.equal(fieldOf({ to: "whatsapp:+5519900001111", channel: "sms" }), "channel");
	assert.equal(fieldOf({ to: "+5519900001111", channel: "telegram" }), "channel");
	assert.equal(fieldOf({ to: "whatsapp:Ana" }), "to");
	assert.equal(fieldOf({ to: "Ana" }), "to");
	assert.equal(fieldOf({ to: "+5519900001111" }, neither), "from");
	assert.equal(fieldOf({ to: "+5519900001111", channel: "whatsapp" }, smsOnly), "from");
});

test("an old WhatsApp id that is no phone number can be answered, and Wavy gets digits alone", () => {
	const found = addressing({ to: "whatsapp:+5215512345678" }, both);
	assert.ok(found.ok);
	assert.equal(found.contactAddress, "whatsapp:+5215512345678");
	assert.equal(destinationOf(found.contactAddress), "5215512345678");
	assert.equal(destinationOf("+5519900001111"), "5519900001111");
	assert.equal(destinationOf("28128"), "28128");
});
