import assert from "node:assert/strict";
import test from "node:test";
import type { HttpAnswer, HttpCall, Tools } from "../contract.ts";
import { check } from "./check.ts";
import type { TwilioConfig } from "./form.ts";

const accountSid = `AC${"1".repeat(32)}`;
const keySid = `SK${"2".repeat(32)}`;
const serviceSid = `MG${"3".repeat(32)}`;
const webhookUrl = "https://parley.example/sms/twilio/1";
const config: TwilioConfig = {
	origin: "https://api.dublin.ie1.twilio.com",
	accountSid,
	user: { id: keySid, secret: "key-secret" },
	signingSecrets: ["auth-token", "previous-token"],
	statusCallbacks: true,
	messagingServiceSid: undefined,
};

const number = (sms_url: string) => ({ phone_number: "+15550100001", capabilities: { sms: true }, sms_url });
const well: Readonly<Record<string, object>> = {
	[`Accounts/${accountSid}`]: { status: "active", type: "Full" },
	Messages: { messages: [] },
	IncomingPhoneNumbers: { incoming_phone_numbers: [number("https://other.example"), number(`${webhookUrl}#rc=5`)] },
	[`Services/${serviceSid}`]: { use_inbound_webhook_on_number: true },
	PhoneNumbers: { phone_numbers: [] },
	AlphaSenders: { alpha_senders: [{ alpha_sender: "Shop" }] },
};

/** By the end of each path; what is not listed is answered by an empty object. */
function toolsOver(answers: Readonly<Record<string, object>>): Tools & { calls: HttpCall[] } {
	const calls: HttpCall[] = [];
	const http = (call: HttpCall): Promise<HttpAnswer> => {
		calls.push(call);
		const path = new URL(call.url).pathname.replace(/\.json$/, "");
		const [, fields = {}] = Object.entries(answers).find(([name]) => path.endsWith(`/${name}`)) ?? [];
		return Promise.resolve({
			kind: "answered",
			status: 200,
			headers: new Headers(),
			body: Buffer.from(JSON.stringify(fields)),
		});
	};
	const none = () => assert.fail("no token is fetched");
	return { http, token: none, dropToken: none, now: () => new Date(0), calls };
}

async function codesOf(changes: Partial<TwilioConfig>, answers = well) {
	const tools = toolsOver(answers);
	const steps = await check({ ...config, ...changes }, { webhookUrl }, tools);
	return { codes: steps.map(({ step, code }) => `${step} ${code}`), calls: tools.calls, steps };
}

test("a key is tried on messages, the auth token on the account; one number that leads to us is enough", async () => {
	const { codes, calls, steps } = await codesOf({});
	assert.deepEqual(codes, ["region ok", "credentials ok", "credentials ok", "sender ok", "webhook ok"]);
	assert.match(steps[0]?.evidence ?? "", /ie1/);
	assert.match(steps.at(-1)?.evidence ?? "", /^1 of 2 /);
	const asked = calls.map(({ url, headers }) => [
		new URL(url).pathname.split("/").at(-1),
		Buffer.from(headers["authorization"]?.slice(6) ?? "", "base64").toString(),
	]);
	assert.deepEqual(asked, [
		["Messages.json", `${keySid}:key-secret`],
		[`${accountSid}.json`, `${accountSid}:auth-token`],
		["IncomingPhoneNumbers.json", `${keySid}:key-secret`],
	]);
	assert.ok(calls.every(({ method, body }) => method === "GET" && body === undefined));
});

test("Messaging Services are asked on their own host of the same region; the first senders found are enough", async () => {
	const { codes, calls } = await codesOf({ messagingServiceSid: serviceSid });
	assert.deepEqual(codes.slice(3), ["sender ok", "webhook ok"]);
	const messaging = calls.filter(({ url }) => url.includes("/v1/"));
	assert.deepEqual([...new Set(messaging.map(({ url }) => new URL(url).host))], ["messaging.dublin.ie1.twilio.com"]);
	assert.deepEqual(
		messaging.map(({ url }) => new URL(url).pathname.split("/").at(-1)),
		[serviceSid, "PhoneNumbers", "ShortCodes", "AlphaSenders"],
	);
});

const hosts: readonly [origin: string, code: string][] = [
	["https://api.twilio.com", "ok"],
	["https://api.ie1.twilio.com", "ok"],
	["https://api.sydney.au1.twilio.com", "ok"],
	["https://proxy.example", "ok"],
	["https://api.dublin.twilio.com", "region_unknown"],
	["https://www.twilio.com", "region_unknown"],
	["https://twilio.com", "region_unknown"],
];

for (const [origin, code] of hosts) {
	test(`the region of ${origin}: ${code}`, async () => {
		const { codes } = await codesOf({ origin });
		assert.equal(codes[0], `region ${code}`);
	});
}

test("short codes count where there is no number, WhatsApp senders where there is neither", async () => {
	const none = { ...well, IncomingPhoneNumbers: { incoming_phone_numbers: [] } };
	const code = { short_codes: [{ short_code: "71630", sms_url: webhookUrl }] };
	const shortCode = await codesOf({}, { ...none, ShortCodes: code });
	assert.deepEqual(shortCode.codes.slice(3), ["sender ok", "webhook webhook_without_retries"]);
	const senders = [{ sender_id: "whatsapp:+15550100001", webhook: { callback_url: "https://other.example/" } }];
	const whatsapp = await codesOf({}, { ...none, "Channels/Senders": { senders } });
	assert.deepEqual(whatsapp.codes.slice(3), ["sender ok", "webhook webhook_elsewhere"]);
	assert.equal(new URL(whatsapp.calls.at(-1)?.url ?? "").searchParams.get("Channel"), "whatsapp");
});

test("a registered address is shown without its credentials", async () => {
	const stray = number("https://user:secret@other.example/hook?key=secret");
	const { steps } = await codesOf({}, { ...well, IncomingPhoneNumbers: { incoming_phone_numbers: [stray] } });
	assert.match(steps.at(-1)?.evidence ?? "", /https:\/\/other\.example\/hook,/);
	assert.doesNotMatch(JSON.stringify(steps), /secret/);
});
