import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import type { RawRequest, StoredService, VerifiedRequest } from "../contract.ts";
import { parse as parseConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, handshake, parse, verify } from "./inbound.ts";

const folder = new URL("./fixtures/", import.meta.url);
const appSecret = "vec-app-secret-7f3a";
const textOne = fixtureRequest("vector-text-one");
const config = parseConfig(fixture("vector-text-one").service);

type Fixture = { service: StoredService; publicUrl: string; now: string; verdict: string; events: unknown[] };

function fixture(name: string): Fixture {
	return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Fixture;
}

function fixtureRequest(name: string): RawRequest {
	const bytes = readFileSync(new URL(`${name}.http`, folder));
	const end = bytes.indexOf("\n\n");
	const [first = "", ...lines] = bytes.subarray(0, end).toString("utf8").split("\n");
	const [method = "", path = ""] = first.split(" ");
	const headers = new Headers(
		lines.map((line): [string, string] => [line.split(":")[0] ?? "", line.replace(/^[^:]*: /, "")]),
	);
	return { method, url: `${fixture(name).publicUrl}${path}`, headers, body: bytes.subarray(end + 2) };
}

/** Stands for the gateway, which alone mints verified requests. */
function verified(request: RawRequest): VerifiedRequest {
	return request as VerifiedRequest;
}

function signed(body: string | Uint8Array, signature: string): RawRequest {
	const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
	return { ...textOne, headers: new Headers({ "x-hub-signature-256": signature }), body: bytes };
}

function asked(query: string, tokens: readonly string[] = ["vec-verify-token"]) {
	const request = {
		method: "GET",
		url: `https://parley.example/sms/facebook/1${query}`,
		headers: new Headers(),
		body: new Uint8Array(),
	};
	return handshake(request, { ...config, verifyTokens: tokens });
}

const names = readdirSync(folder)
	.filter((name) => name.endsWith(".http"))
	.map((name) => name.replace(/\.http$/, ""));

for (const name of names) {
	test(`fixture ${name}: the verdict and the events are the recorded ones`, () => {
		const { service, now, verdict, events } = fixture(name);
		const request = fixtureRequest(name);
		const parsed = parseConfig(service);
		const told = verify(request, parsed);
		assert.equal(told.ok ? "ok" : told.why, verdict, now);
		const read = told.ok ? parse(verified(request), parsed) : [];
		assert.deepEqual(JSON.parse(JSON.stringify(read)), events);
	});
}

test("the published signatures under the key sesame are accepted", () => {
	const sesame = { ...config, appSecrets: ["sesame"] };
	const first = "sha256=f39034b29165ec6a5104d9aef27266484ab26c8caa7bca8bcb2dd02e8be61b17";
	const second = "sha256=60905fdf409d0b4f721e99f6f25b31567a68a6b45e933d814e17a246be4c5a53";
	assert.deepEqual(verify(signed("hello world", first), sesame), { ok: true });
	assert.deepEqual(verify(signed("hello world2", second), sesame), { ok: true });
	assert.deepEqual(verify(signed("hello world2", first), sesame), { ok: false, why: "mismatch" });
});

test("every flipped byte of the body makes the signature a mismatch", () => {
	for (let index = 0; index < textOne.body.length; index++) {
		const body = Uint8Array.from(textOne.body);
		body[index] = (body[index] ?? 0) ^ 1;
		assert.deepEqual(verify({ ...textOne, body }, config), { ok: false, why: "mismatch" });
	}
});

test("the signature covers the bytes as sent, not the JSON they mean", () => {
	const escaped = fixtureRequest("vector-unicode-escaped");
	const raw = fixtureRequest("vector-unicode-raw");
	assert.deepEqual(JSON.parse(Buffer.from(escaped.body).toString()), JSON.parse(Buffer.from(raw.body).toString()));
	assert.deepEqual(verify({ ...raw, headers: escaped.headers }, config), { ok: false, why: "mismatch" });
});

test("during a rotation both secrets are accepted, afterwards only the new one", () => {
	const rotating = { ...config, appSecrets: ["the-new-secret", appSecret] };
	assert.deepEqual(verify(textOne, rotating), { ok: true });
	assert.deepEqual(verify(textOne, { ...config, appSecrets: ["the-new-secret"] }), { ok: false, why: "mismatch" });
});

test("without an app secret the door is closed, and an empty secret is none", () => {
	assert.deepEqual(verify(textOne, { ...config, appSecrets: [] }), { ok: false, why: "missing" });
	const emptied = parseConfig({
		...fixture("vector-text-one").service,
		authentications: [{ authenticationId: "webhook", secrets: [""] }],
	});
	assert.deepEqual(verify(textOne, emptied), { ok: false, why: "missing" });
});

test("a signature of another shape is a mismatch, an absent one is missing", () => {
	const good = textOne.headers.get("x-hub-signature-256") ?? "";
	const shapes = [
		good.toUpperCase(),
		good.slice(7),
		` ${good}0`,
		good.slice(0, -1),
		good.replace("256", "512"),
		`${good}, ${good}`,
	];
	for (const shape of shapes) {
		assert.deepEqual(verify(signed(textOne.body, shape), config), { ok: false, why: "mismatch" }, shape);
	}
	assert.deepEqual(verify({ ...textOne, headers: new Headers() }, config), { ok: false, why: "missing" });
	assert.deepEqual(verify(signed(textOne.body, ""), config), { ok: false, why: "missing" });
});

const greeting = "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=vec-verify-token";

test("the greeting with our verify token gets its challenge back as plain text", () => {
	assert.deepEqual(asked(greeting), { status: 200, body: "1158201444", contentType: "text/plain" });
	assert.equal(asked(greeting, ["the-new-token", "vec-verify-token"])?.status, 200);
	assert.equal(asked(greeting.replace("1158201444", "%3Cb%3E+%26"))?.body, "<b> &");
});

test("a greeting with a wrong token, another mode or no verify entry is refused without repeating anything", () => {
	const refusals = [
		asked(greeting.replace("vec-verify-token", "vec-verify-tokem")),
		asked(greeting.replace("subscribe", "unsubscribe")),
		asked(greeting, []),
		asked(greeting, [""]),
	];
	for (const reply of refusals) {
		assert.equal(reply?.status, 403);
		assert.doesNotMatch(reply?.body ?? "", /1158201444/);
	}
});

test("a greeting whose parameters are missing, empty or doubled is a bad request", () => {
	const parameters = greeting.slice(1).split("&");
	for (const parameter of parameters) {
		const others = parameters.filter((other) => other !== parameter);
		assert.equal(asked(`?${others.join("&")}`)?.status, 400, parameter);
		assert.equal(asked(`?${[...parameters, parameter].join("&")}`)?.status, 400, parameter);
		assert.equal(asked(`?${[...others, `${parameter.split("=")[0] ?? ""}=`].join("&")}`)?.status, 400, parameter);
	}
	assert.equal(asked("")?.status, 400);
});

test("a challenge that is long or holds control characters is not repeated", () => {
	assert.equal(asked(greeting.replace("1158201444", "7".repeat(256)))?.status, 200);
	assert.equal(asked(greeting.replace("1158201444", "7".repeat(257)))?.status, 400);
	for (const control of ["%0D%0AX:1", "%00", "%7F", "%C2%85"]) {
		assert.equal(asked(greeting.replace("1158201444", `1${control}`))?.status, 400, control);
	}
});

test("a POST is no greeting, even with the parameters of one", () => {
	assert.equal(handshake({ ...textOne, url: `${textOne.url}${greeting}` }, config), undefined);
});

test("the pages that a body names are read without trusting it, each once", () => {
	assert.deepEqual(accountsNamed(fixtureRequest("vector-batch-two-pages")), ["111", "222"]);
	assert.deepEqual(accountsNamed(fixtureRequest("batch-with-bad-updates")), ["111", "222"]);
	assert.deepEqual(accountsNamed(fixtureRequest("not-json")), []);
	assert.deepEqual(accountsOf(config), ["111", "222"]);
});

test("another delivery of the same events has the same keys, whatever its entry time and key order", () => {
	for (const name of names.filter((candidate) => fixture(candidate).verdict === "ok")) {
		const request = fixtureRequest(name);
		const again = Buffer.from(request.body)
			.toString("utf8")
			.replaceAll(/"time":\d+/g, '"time":1800000000000');
		const keys = (body: Uint8Array) => parse(verified({ ...request, body }), config).map((event) => event.dedupKey);
		if (name !== "not-json") {
			assert.deepEqual(keys(Buffer.from(again)), keys(request.body), name);
		}
	}
	const swapped =
		'{"object":"page","entry":[{"messaging":[{"optin":{"b":1,"a":[2]},"sender":{"id":"u1"}}],"id":"111"}]}';
	const plain = '{"object":"page","entry":[{"id":"111","messaging":[{"sender":{"id":"u1"},"optin":{"a":[2],"b":1}}]}]}';
	assert.deepEqual(keysOf(swapped), keysOf(plain));
	assert.notDeepEqual(keysOf(plain.replace("[2]", "[[2]]")), keysOf(plain));
	assert.notDeepEqual(keysOf(plain.replace("[2]", '["2"]')), keysOf(plain));
});

function keysOf(body: string): string[] {
	return parse(verified({ ...textOne, body: Buffer.from(body) }), config).map((event) => event.dedupKey);
}

function eventsOf(...items: unknown[]) {
	const body = JSON.stringify({ object: "page", entry: [{ id: "111", time: 1, messaging: items }] });
	return parse(verified({ ...textOne, body: Buffer.from(body) }), config);
}

test("no bytes make the connector throw, and each bad item costs itself only", () => {
	const deep = `${"[".repeat(50)}${"]".repeat(50)}`;
	const veryDeep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
	const values = ["null", "true", "17", '"text"', "[]", "{}", '{"__proto__":{"id":1}}', '"\\ud800"', deep, veryDeep];
	const families = [
		"message",
		"message_edit",
		"reaction",
		"postback",
		"delivery",
		"read",
		"optin",
		"constructor",
		"__proto__",
	];
	for (const value of values) {
		for (const body of [
			value,
			`{"object":${value}}`,
			`{"object":"page","entry":${value}}`,
			`{"object":"page","entry":[${value}]}`,
		]) {
			assert.ok(Array.isArray(parse(verified({ ...textOne, body: Buffer.from(body) }), config)));
			assert.ok(Array.isArray(accountsNamed({ ...textOne, body: Buffer.from(body) })));
		}
		for (const family of families) {
			const good = '{"sender":{"id":"u1"},"message":{"mid":"m_good","text":"fine"}}';
			const bad = `{"sender":${value},"timestamp":${value},"${family}":${value}}`;
			const nested = `{"sender":{"id":"u1"},"${family}":{"mid":"m","mids":[${value}],"attachments":[${value},{"type":"image","payload":${value}}],"title":${value},"x":${value}}}`;
			const body = `{"object":"page","entry":[{"id":"111","messaging":[${bad},${value},${nested},${good}]}]}`;
			const events = parse(verified({ ...textOne, body: Buffer.from(body) }), config);
			assert.equal(events.at(-1)?.kind, "message", body.slice(0, 200));
			assert.ok(events.length >= 4);
		}
	}
});

test("random bytes are refused or parked, never thrown at", () => {
	let seed = 20_231_114;
	const next = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648);
	for (let round = 0; round < 2000; round++) {
		const body = Uint8Array.from({ length: next() % 200 }, () => next() % 256);
		const events = parse(verified({ ...textOne, body }), config);
		assert.ok(events.every((event) => event.kind === "unreadable"));
		assert.equal(verify({ ...textOne, body }, config).ok, false);
		assert.deepEqual(accountsNamed({ ...textOne, body }), []);
	}
});

test("an attachment that is no web address is a fact, not something to fetch", () => {
	const attachments = ["javascript:alert(1)", "file:///etc/passwd", "//cdn.example/x", "https://"].map((url) => ({
		type: "image",
		payload: { url },
	}));
	const [event] = eventsOf({ sender: { id: "u1" }, message: { mid: "m", attachments } });
	assert.ok(event?.kind === "message");
	assert.deepEqual(event.attachments, []);
	assert.equal(event.metadata?.["attachment.1.payload.url"], "javascript:alert(1)");
});

test("facts are bounded in number, depth and length, and leave out tokens and codes", () => {
	const wide = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key${index}`, "v".repeat(5000)]));
	const [event] = eventsOf({ sender: { id: "u1" }, optin: { token: "secret-1", user_token: "secret-2", ...wide } });
	assert.ok(event?.kind === "activity");
	const facts = Object.entries(event.facts);
	assert.ok(facts.length <= 40);
	assert.ok(
		facts.every(([name, value]) => value.length <= 1000 && !value.includes("secret") && name.startsWith("key")),
	);
	const [deepEvent] = eventsOf({ sender: { id: "u1" }, optin: { a: { b: { c: { d: { e: { f: 1 } } } } } } });
	assert.ok(deepEvent?.kind === "activity");
	assert.deepEqual(deepEvent.facts, {});
});

test("a time is read in milliseconds or seconds, and a senseless one is left out", () => {
	const timeOf = (timestamp: unknown) =>
		eventsOf({ sender: { id: "u1" }, timestamp, message: { mid: "m", text: "x" } })[0]?.at;
	assert.equal(timeOf(1_700_000_000_123)?.toISOString(), "2023-11-14T22:13:20.123Z");
	assert.equal(timeOf(1_700_000_000)?.toISOString(), "2023-11-14T22:13:20.000Z");
	for (const senseless of [0, -1, 1e300, "1700000000000", null, undefined, {}]) {
		assert.equal(timeOf(senseless), undefined);
	}
});

test("a delivery with one id that is no text still settles the others", () => {
	const events = eventsOf({
		sender: { id: "u1" },
		delivery: { mids: ["m_1", 7, "", "m_2"], watermark: 1_700_000_000_000 },
	});
	assert.deepEqual(
		events.map((event) => event.kind),
		["receipt", "unreadable", "unreadable", "receipt"],
	);
});

test("whatever was in it, a stored batch is acknowledged the way Meta asks", () => {
	assert.deepEqual(ack(), { status: 200, body: "EVENT_RECEIVED", contentType: "text/plain" });
});
