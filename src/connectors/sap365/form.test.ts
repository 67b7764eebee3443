// Goal: what an administrator enters is either understood or refused with the place and the next step, in either mode.

import assert from "node:assert/strict";
import test from "node:test";
import type { ServiceId } from "#domain/ids.ts";
import type { StoredService } from "../contract.ts";
import { brokenRules, whyCannotSend } from "../kit/rules.ts";
import { addressing } from "./addressing.ts";
import { cannotSend, parse, tokenClientOf } from "./form.ts";
import { connector } from "./index.ts";

const push = "https://sms-pp.sapmobileservices.com/cmn";
const json = "https://livelink.sapmobileservices.com/api";

function service(changes: Partial<StoredService> = {}): StoredService {
	return {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: push,
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: [{ authenticationId: "acct_demo01", secrets: ["new", "old"] }],
		...changes,
	};
}

function problems(changes: Partial<StoredService>): readonly string[] {
	return brokenRules(connector.config, service(changes)).map(({ pointer }) => pointer);
}

for (const [address, sendUrl] of [
	[push, `${push}/acct_demo01/acct_demo01.sms`],
	[`${push}/`, `${push}/acct_demo01/acct_demo01.sms`],
	["https://sms-pp.sapmobileservices.com", "https://sms-pp.sapmobileservices.com/acct_demo01/acct_demo01.sms"],
	["http://messaging.mobileway.com/a/a.sms", "http://messaging.mobileway.com/a/a.sms"],
] as const) {
	test(`push: messages go to the right address from ${address}`, () => {
		assert.deepEqual(problems({ serviceConnection: address }), []);
		assert.equal(parse(service({ serviceConnection: address })).sendUrl, sendUrl);
	});
}

test("an account with a sign that means something in a path keeps to its step of it", () => {
	const odd = service({ authentications: [{ authenticationId: "a/../b?c", secrets: ["s"] }] });
	assert.equal(parse(odd).sendUrl, `${push}/a%2F..%2Fb%3Fc/a%2F..%2Fb%3Fc.sms`);
});

test("json: base and whole address are the same, and tokens come from beside it or from the Authentication URL", () => {
	for (const serviceConnection of [json, `${json}/v2/sms`, `${json}/`]) {
		const config = parse(service({ serviceConnection, settings: { mode: "json" } }));
		assert.equal(config.sendUrl, `${json}/v2/sms`);
		assert.equal(config.tokenUrl, `${json}/oauth/token`);
	}
	const authenticationUrl = "https://login.example/token";
	const config = parse(
		service({
			serviceConnection: json,
			settings: { mode: "json" },
			authenticationUrl,
			authenticationScope: "livelink:api",
		}),
	);
	const { tokenUrl, scope, expiresIn, clientSecret } = tokenClientOf(config);
	assert.deepEqual(
		{ tokenUrl, scope, expiresIn, clientSecret },
		{ tokenUrl: authenticationUrl, scope: "livelink:api", expiresIn: "milliseconds", clientSecret: "new" },
	);
});

test("an address of the other interface, and what only the other one uses, is told", () => {
	assert.deepEqual(problems({ serviceConnection: `${json}/v2/sms` }), ["/serviceConnection"]);
	assert.deepEqual(problems({ serviceConnection: `${push}/a/a.sms`, settings: { mode: "json" } }), [
		"/serviceConnection",
	]);
	assert.deepEqual(problems({ authenticationUrl: "https://login.example/token" }), ["/authenticationUrl"]);
	assert.deepEqual(problems({ authenticationScope: "s" }), ["/authenticationScope"]);
	assert.deepEqual(problems({ serviceConnection: `${push}?a=b` }), ["/serviceConnection"]);
	assert.deepEqual(problems({ serviceConnection: "ftp://sms-pp.sapmobileservices.com" }), ["/serviceConnection"]);
});

test("settings that contradict each other are told at one of them", () => {
	assert.deepEqual(problems({ settings: { country: "ZZ" } }), ["/settings/country"]);
	assert.deepEqual(problems({ settings: { charset: "iso-8859-1", unicodeTransfer: "raw" } }), [
		"/settings/unicodeTransfer",
	]);
	assert.deepEqual(problems({ settings: { subjectName: "ORDER_ID" } }), ["/settings/subjectName"]);
	assert.deepEqual(problems({ settings: { statusName: "a b" } }), ["/settings/statusName"]);
});

test("one account for each service, without a colon", () => {
	const one = { authenticationId: "acct_demo01", secrets: ["s"] };
	assert.deepEqual(problems({ authentications: [one, { ...one, authenticationId: "acct_demo02" }] }), [
		"/authentications/1/authenticationId",
	]);
	assert.deepEqual(problems({ authentications: [{ ...one, authenticationId: "a:b" }] }), [
		"/authentications/0/authenticationId",
	]);
});

test("a service says what it lacks in the words of its mode", () => {
	assert.equal(whyCannotSend(connector, service()), undefined);
	const bare = { authentications: [{ authenticationId: "acct_demo01", secrets: [] }] };
	assert.equal(cannotSend(parse(service(bare))), "Add the password of acct_demo01.");
	const settings = { mode: "json" };
	assert.equal(cannotSend(parse(service({ ...bare, settings }))), "Add the app secret of acct_demo01.");
	assert.match(cannotSend(parse(service({ authentications: [], settings }))) ?? "", /app key/);
	assert.match(cannotSend(parse(service({ serviceConnection: "nothing" }))) ?? "", /Service Connection/);
});

test("numbers get one spelling, short codes and names stay, and the rest is refused at its field", () => {
	const config = parse(service({ settings: { sender: "71630", country: "GB" } }));
	assert.deepEqual(addressing({ to: "07911 123456" }, config), {
		ok: true,
		channel: "sms",
		ourAddress: "71630",
		contactAddress: "+447911123456",
	});
	const fieldOf = (input: Parameters<typeof addressing>[0], of = config): string => {
		const found = addressing(input, of);
		return found.ok ? "" : found.field;
	};
	assert.equal(fieldOf({ to: "+447911123456", from: "MyBrand" }), "");
	assert.equal(fieldOf({ to: "nobody" }), "to");
	assert.equal(fieldOf({ to: "+447911123456", from: "A name that is too long" }), "from");
	assert.equal(fieldOf({ to: "+447911123456" }, parse(service())), "from");
	assert.equal(fieldOf({ to: "+447911123456", channel: "whatsapp" }), "channel");
});
