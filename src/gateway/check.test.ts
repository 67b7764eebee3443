import assert from "node:assert/strict";
import test from "node:test";
import type { CheckStep, HttpAnswer } from "#connectors/contract.ts";
import { silentLog } from "#platform/log.ts";
import { testClock } from "#test/scene.ts";
import { checkService } from "./check.ts";
import type { OpenService } from "./open-service.ts";
import { tokenShelf } from "./tools.ts";

const clock = testClock();
const secret = "a-very-secret-token";

function service(over: object = {}, webhookUrl = "https://parley.example/sms/x/1"): OpenService {
	return {
		id: "1",
		type: "x",
		stored: {
			serviceConnection: "https://api.example/v1",
			authenticationUrl: null,
			authentications: [{ authenticationId: "a", secrets: [secret] }],
		},
		webhookUrl,
		isLocked: false,
		cannotSend: () => undefined,
		check: undefined,
		...over,
	} as unknown as OpenService;
}

const answered = (headers: Record<string, string> = {}, status = 404): HttpAnswer => ({
	kind: "answered",
	status,
	headers: new Headers({ date: clock.now().toUTCString(), ...headers }),
	body: new Uint8Array(),
});

const askedUrls: string[] = [];

/** What each host answers; the provider and our own public URL are well unless told otherwise. */
async function check(one: OpenService, answers: Readonly<Record<string, HttpAnswer>> = {}): Promise<CheckStep[]> {
	const well: Readonly<Record<string, HttpAnswer>> = {
		"api.example": answered(),
		"parley.example": answered({ "correlation-id": "1" }),
	};
	askedUrls.length = 0;
	const request = ({ url }: { url: string }) => {
		askedUrls.push(url);
		return Promise.resolve({ ...well, ...answers }[new URL(url).host] ?? ({ kind: "notSent", why: "dns" } as const));
	};
	const deps = {
		clock,
		log: silentLog,
		tokens: tokenShelf(clock),
		wayOut: { request, close: () => Promise.resolve() },
	};
	const steps: CheckStep[] = [];
	await checkService(one, deps, (step) => {
		steps.push(step);
		return Promise.resolve();
	});
	return steps;
}

const codesOf = (steps: readonly CheckStep[]) => steps.filter(({ code }) => code !== "ok").map(({ code }) => code);
const notSent = (why: "blocked" | "dns" | "refused" | "tls" | "timeout"): HttpAnswer => ({ kind: "notSent", why });
const connection = (serviceConnection: string) => service({ stored: { ...service().stored, serviceConnection } });

test("where everything is well, every step says so, in order", async () => {
	const steps = await check(
		service({
			check: () =>
				Promise.resolve([{ step: "credentials", ok: true, code: "ok", evidence: `Knows ${secret}.`, advice: null }]),
		}),
	);
	assert.deepEqual(
		steps.map(({ step, ok }) => [step, ok]),
		["address", "dns", "tls", "clock", "credentials", "publicUrl"].map((step) => [step, true]),
	);
	assert.doesNotMatch(JSON.stringify(steps), new RegExp(secret));
	assert.ok(!askedUrls.includes(service().webhookUrl), "a call of the door would count as refused");
});

const faults: readonly [code: string, service: OpenService, answers?: Record<string, HttpAnswer>][] = [
	["address_unreadable", connection("api.example/v1")],
	["address_blocked", connection("https://10.0.0.1/v1"), { "10.0.0.1": notSent("blocked") }],
	["dns_failed", service(), { "api.example": notSent("dns") }],
	["connection_refused", service(), { "api.example": notSent("refused") }],
	["tls_failed", service(), { "api.example": notSent("tls") }],
	["connection_timeout", service(), { "api.example": notSent("timeout") }],
	["connection_reset", service(), { "api.example": { kind: "unclear", why: "reset" } }],
	["not_encrypted", connection("http://api.example/v1")],
	[
		"clock_skew",
		service(),
		{ "api.example": answered({ date: new Date(clock.now().getTime() + 90_000).toUTCString() }) },
	],
	["incomplete", service({ cannotSend: () => "A token is missing." })],
	["secrets_locked", service({ isLocked: true })],
	["check_failed", service({ check: () => Promise.reject(new Error("a bug")) })],
	["public_url_private", service({}, "https://127.0.0.1:8443/sms/x/1")],
	["public_url_not_https", service({}, "http://parley.example/sms/x/1")],
	["public_url_elsewhere", service(), { "parley.example": answered() }],
	["public_url_unreachable", service(), { "parley.example": notSent("dns") }],
];

for (const [code, one, answers = {}] of faults) {
	test(`a fault is named: ${code} (${one.webhookUrl}, ${one.stored.serviceConnection})`, async () => {
		const steps = await check(one, answers);
		assert.deepEqual(codesOf(steps), [code]);
		const found = steps.find((step) => step.code === code);
		assert.notEqual(found?.advice, null, "a fault comes with advice");
	});
}

test("a provider in the own network calls back there, and plain HTTP does", async () => {
	const inside = { stored: { ...service().stored, serviceConnection: "http://10.0.0.7/send" } };
	const one = service(inside, "http://10.0.0.1:8080/sms/x/1");
	const ours = answered({ "correlation-id": "1" });
	const ends = async (answers: Readonly<Record<string, HttpAnswer>>) =>
		(await check(one, { "10.0.0.7": answered(), ...answers })).filter(({ step }) => step === "publicUrl");
	const brief = (steps: readonly CheckStep[]) => steps.map(({ ok, code }) => [ok, code]);
	assert.deepEqual(brief(await ends({ "10.0.0.1:8080": ours })), [[true, "ok"]]);
	assert.deepEqual(brief(await ends({ "10.0.0.1:8080": answered() })), [[false, "public_url_elsewhere"]]);
	assert.deepEqual(brief(await ends({ "10.0.0.1:8080": notSent("refused") })), [[false, "public_url_unreachable"]]);
	assert.deepEqual(brief(await ends({ "10.0.0.1:8080": notSent("blocked") })), [[true, "public_url_untried"]]);
	const nobody = service(inside, "https://parley.example/sms/x/1");
	assert.deepEqual(codesOf(await check(nobody, { "10.0.0.7": answered() })), []);
});

test("what cannot be reached is asked nothing more", async () => {
	const steps = await check(service({ check: () => Promise.reject(new Error("asked all the same")) }), {
		"api.example": notSent("refused"),
	});
	assert.deepEqual(codesOf(steps), ["connection_refused"]);
});

test("the steps to two hosts come in order, and one host is asked once", async () => {
	const { stored } = service();
	const codes = async (authenticationUrl: string, answers: Readonly<Record<string, HttpAnswer>>) =>
		(await check(service({ stored: { ...stored, authenticationUrl } }), answers)).map(({ step, code }) =>
			code === "ok" ? step : code,
		);
	const way = ["address", "dns", "tls", "clock"];
	assert.deepEqual(await codes("https://api.example/token", {}), [...way, "publicUrl"]);
	assert.deepEqual(await codes("https://auth.example/token", { "auth.example": answered() }), [
		...way.flatMap((step) => [step, step]),
		"publicUrl",
	]);
	assert.deepEqual(await codes("https://auth.example/token", {}), ["dns_failed"]);
});
