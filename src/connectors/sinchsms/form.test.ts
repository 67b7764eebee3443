// Goal: what an administrator enters is taken, mended or explained, and the configuration says where to send and with what.

import assert from "node:assert/strict";
import test from "node:test";
import { brokenRules, mendAuthenticationId } from "#connectors/kit/rules.ts";
import type { ServiceId } from "#domain/ids.ts";
import type { StoredService } from "../contract.ts";
import { addressing } from "./addressing.ts";
import { cannotSend, check, form, parse } from "./form.ts";

const plan = { authenticationId: "CappyPremiumPlan", secrets: ["HappyCappyToken"] };
const user = { authenticationId: "clx.user@shop", secrets: ["pass word"] };
const webhook = { authenticationId: "webhook", secrets: ["signing secret"] };

function serviceWith(over: Partial<StoredService> = {}): StoredService {
	return {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: "https://eu.sms.api.sinch.com",
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: [plan],
		...over,
	};
}

const brokenFields = (over: Partial<StoredService>) =>
	brokenRules({ form, check }, serviceWith(over)).map(({ pointer }) => pointer);

test("every region, and the whole address of the batches, lead to the batches of the service plan", () => {
	for (const region of ["us", "eu", "au", "br", "ca"]) {
		const origin = `https://${region}.sms.api.sinch.com`;
		for (const rest of ["", "/", "/xms/v1", "/xms/v1/CappyPremiumPlan", "/xms/v1/CappyPremiumPlan/batches"]) {
			const serviceConnection = origin + rest;
			assert.deepEqual(brokenFields({ serviceConnection }), []);
			assert.equal(parse(serviceWith({ serviceConnection })).sendUrl, `${origin}/xms/v1/CappyPremiumPlan/batches`);
		}
	}
});

test("what cannot be right is explained at its field", () => {
	const connections = [
		"eu.sms.api.sinch.com",
		"ftp://eu.sms.api.sinch.com",
		"https://me:secret@eu.sms.api.sinch.com",
		"https://zt.eu.sms.api.sinch.com",
		"https://eu.sms.api.sinch.com/xms/v2",
		"https://eu.sms.api.sinch.com/?x=1",
		"https://eu.sms.api.sinch.com/sendsms",
	];
	for (const serviceConnection of connections) {
		assert.deepEqual(brokenFields({ serviceConnection }), ["/serviceConnection"], serviceConnection);
		assert.equal(parse(serviceWith({ serviceConnection })).sendUrl, undefined);
	}
	const otherPlan = "https://eu.sms.api.sinch.com/xms/v1/OtherPlan/batches";
	const entry = "/authentications/0/authenticationId";
	assert.deepEqual(brokenFields({ serviceConnection: otherPlan }), [entry]);
	assert.deepEqual(brokenFields({ authentications: [user] }), [entry]);
	assert.deepEqual(brokenFields({ authentications: [plan, { ...plan, authenticationId: "Second" }] }), [
		"/authentications/1/authenticationId",
	]);
	assert.deepEqual(brokenFields({ settings: { country: "XX" } }), ["/settings/country"]);
	assert.deepEqual(brokenFields({ settings: { mode: "smpp" } }), ["/settings/mode"]);
});

test("the mode basic takes a user name, the address of /sendsms, and no secret for signatures", () => {
	const basic = { serviceConnection: "https://http-eu1.clxcommunications.com:3801", settings: { mode: "basic" } };
	assert.deepEqual(brokenFields({ ...basic, authentications: [user] }), []);
	const config = parse(serviceWith({ ...basic, authentications: [webhook, user] }));
	assert.equal(config.sendUrl, "https://http-eu1.clxcommunications.com:3801/sendsms");
	assert.deepEqual([config.account, config.webhookSecrets], [{ id: "clx.user@shop", secret: "pass word" }, []]);
	assert.deepEqual(brokenFields({ ...basic, authentications: [webhook, user] }), [
		"/authentications/0/authenticationId",
	]);
	assert.deepEqual(brokenFields({ ...basic, serviceConnection: "https://x.example/xms/v1", authentications: [user] }), [
		"/serviceConnection",
	]);
});

test("the word webhook in any case is kept as it must be, and spaces around an id go", () => {
	assert.equal(mendAuthenticationId(form, " Webhook ").authenticationId, "webhook");
	assert.equal(mendAuthenticationId(form, " CappyPremiumPlan\n").authenticationId, "CappyPremiumPlan");
});

test("what is missing for sending is said", () => {
	const whys = [
		{ authentications: [] },
		{ authentications: [webhook] },
		{ authentications: [{ ...plan, secrets: [] }] },
		{ authentications: [{ ...plan, secrets: [""] }] },
		{ authentications: [{ ...plan, secrets: ["tökén"] }] },
		{ serviceConnection: "" },
	].map((over) => cannotSend(parse(serviceWith(over))));
	assert.deepEqual(
		whys.map((why) => /service plan ID|API token|Service Connection/.exec(why ?? "")?.[0]),
		["service plan ID", "service plan ID", "API token", "API token", "API token", "Service Connection"],
	);
	assert.equal(cannotSend(parse(serviceWith())), undefined);
});

test("addresses come out in one spelling, and what is none is refused at its field", () => {
	const config = parse(serviceWith({ settings: { sender: "71630", country: "GB" } }));
	assert.deepEqual(addressing({ to: "07911 123456" }, config), {
		ok: true,
		channel: "sms",
		ourAddress: "71630",
		contactAddress: "+447911123456",
	});
	const named = addressing({ from: "Shop 24", to: "0046731234567", channel: "SMS" }, config);
	assert.ok(named.ok);
	assert.deepEqual([named.ourAddress, named.contactAddress], ["Shop 24", "+46731234567"]);
	const bare = parse(serviceWith());
	const refusals = [
		addressing({ from: "71630", to: "07911 123456" }, bare),
		addressing({ to: "+447911123456" }, bare),
		addressing({ from: "A name that is too long", to: "+447911123456" }, bare),
		addressing({ from: "71630", to: "+447911123456", channel: "whatsapp" }, bare),
	];
	assert.deepEqual(
		refusals.map((refusal) => !refusal.ok && refusal.field),
		["to", "from", "from", "channel"],
	);
});
