// Goal: only Twilio is let in, and what it tells becomes the right events. Every fixture is a request as received with
// the events expected; the signatures in them come from Twilio's own library or from published vectors.

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import type { RawRequest, StoredService, Verdict, VerifiedRequest } from "../contract.ts";
import { messageStatuses } from "./codes.ts";
import { parse as parseConfig, type TwilioConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, parse } from "./inbound.ts";
import { readParameters, verify } from "./signature.ts";

const accountSid = "AC33333333333333333333333333333333";
const folder = new URL("fixtures/", import.meta.url);

type Expected = { service: StoredService; publicUrl: string; now: string; verdict: string; events: unknown };
type Fixture = { name: string; raw: RawRequest; config: TwilioConfig; expected: Expected };

function readFixture(name: string): Fixture {
	const bytes = readFileSync(new URL(`${name}.http`, folder));
	const expected = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Expected;
	const end = bytes.indexOf("\n\n");
	const [start = "", ...lines] = bytes.subarray(0, end).toString("utf8").split("\n");
	const [method = "", path = ""] = start.split(" ");
	const headers = new Headers(
		lines.map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
	);
	const raw = { method, url: expected.publicUrl + path, headers, body: bytes.subarray(end + 2) };
	return { name, raw, config: parseConfig(expected.service), expected };
}

const fixtures = readdirSync(folder)
	.filter((file) => file.endsWith(".http"))
	.map((file) => readFixture(file.slice(0, -".http".length)));

function said(verdict: Verdict): string {
	return verdict.ok ? "ok" : verdict.why;
}

function plain(value: unknown): unknown {
	return JSON.parse(JSON.stringify(value));
}

for (const { name, raw, config, expected } of fixtures) {
	test(`the fixture ${name} is judged and read as expected`, () => {
		assert.equal(said(verify(raw, config)), expected.verdict);
		if (expected.verdict === "ok") {
			assert.deepEqual(plain(parse(raw as VerifiedRequest, config)), expected.events);
		}
	});
}

test("a genuine request with one changed byte, another token or no signature is refused", () => {
	for (const { name, raw, config, expected } of fixtures.filter((fixture) => fixture.expected.verdict === "ok")) {
		for (let index = 0; index < raw.body.length; index += 7) {
			const body = Uint8Array.from(raw.body);
			body[index] = (body[index] ?? 0) ^ 0x01;
			assert.equal(said(verify({ ...raw, body }, config)), "mismatch", `${name}, byte ${index}`);
		}
		assert.equal(said(verify({ ...raw, url: `${raw.url}&x=1` }, config)), "mismatch", name);
		assert.equal(said(verify(raw, { ...config, signingSecrets: ["other", ""] })), "mismatch", name);
		const headers = new Headers([...raw.headers]);
		headers.delete("x-twilio-signature");
		assert.equal(said(verify({ ...raw, headers }, config)), "missing", name);
		assert.equal(expected.verdict, "ok");
	}
});

const config = parseConfig({
	id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as StoredService["id"],
	serviceConnection: "https://api.twilio.com",
	authenticationUrl: null,
	authenticationScope: null,
	settings: {},
	authentications: [{ authenticationId: accountSid, secrets: ["12345"] }],
});

function form(parameters: Readonly<Record<string, string>> | string, extra: Partial<RawRequest> = {}): VerifiedRequest {
	return {
		method: "POST",
		url: "https://gw.example.com/sms/twilio/1",
		headers: new Headers({ "content-type": "application/x-www-form-urlencoded" }),
		body: new TextEncoder().encode(new URLSearchParams(parameters).toString()),
		...extra,
	} as VerifiedRequest;
}

function signed(raw: RawRequest, signature: string, more: Readonly<Record<string, string>> = {}): RawRequest {
	const headers = new Headers([...raw.headers, ...Object.entries(more), ["x-twilio-signature", signature]]);
	return { ...raw, headers };
}

// Vectors of Twilio's libraries: twilio-node spec/validation.spec.js, twilio-go client/request_validator_test.go.
const published = {
	CallSid: "CA1234567890ABCDE",
	Caller: "+14158675309",
	Digits: "1234",
	From: "+14158675309",
	To: "+18005551212",
};
const publishedUrl = "https://mycompany.com/myapp.php?foo=1&bar=2";

test("the signatures that Twilio's libraries publish are accepted: plain, with a user, with a port", () => {
	const raw = form(published, { url: publishedUrl });
	const user = { authorization: `Basic ${Buffer.from("user:pass").toString("base64")}` };
	assert.deepEqual(verify(signed(raw, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), config), { ok: true });
	assert.deepEqual(verify(signed(raw, "kvajT1Ptam85bY51eRf/AJRuM3w="), config), { ok: true });
	assert.deepEqual(verify(signed(raw, "CukzLTc1tT5dXEDIHm/tKBanW10=", user), config), { ok: true });
	assert.equal(said(verify(signed(raw, "CukzLTc1tT5dXEDIHm/tKBanW10="), config)), "mismatch", "without the user");
});

test("a port in our own URL may be missing from the signed one, and a fragment never counts", () => {
	const withPort = form(published, { url: "https://mycompany.com:443/myapp.php?foo=1&bar=2#rc=5" });
	assert.deepEqual(verify(signed(withPort, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), config), { ok: true });
	assert.deepEqual(verify(signed(withPort, "kvajT1Ptam85bY51eRf/AJRuM3w="), config), { ok: true });
});

function sign(url: string, parameters: string, secret = "12345"): string {
	return createHmac("sha1", secret)
		.update(url + parameters)
		.digest("base64");
}

test("repeated names count once with sorted values, and names are sorted by code unit", () => {
	const url = "https://gw.example.com/sms/twilio/1";
	const repeated = form("Digits=5678&Digits=1234&Digits=1234&ReasonConferenceEnded=a&Reason=b&aa=1&Z=2", { url });
	const expected = sign(url, "Digits1234Digits5678ReasonbReasonConferenceEndedaZ2aa1");
	assert.deepEqual(verify(signed(repeated, expected), config), { ok: true });
});

test("a user with special characters may stand in the address in clear or with escapes", () => {
	const authorization = `Basic ${Buffer.from("gw user:p@ss").toString("base64")}`;
	for (const userInfo of ["gw user:p@ss@", "gw%20user:p%40ss@", ""]) {
		const signature = sign(`https://${userInfo}gw.example.com/sms/twilio/1`, "Bodyx");
		assert.deepEqual(verify(signed(form({ Body: "x" }), signature, { authorization }), config), { ok: true }, userInfo);
	}
});

test("either auth token is accepted while a rotation lasts", () => {
	const raw = signed(form(published, { url: publishedUrl }), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
	assert.deepEqual(verify(raw, { ...config, signingSecrets: ["new-token", "12345"] }), { ok: true });
	assert.equal(said(verify(raw, { ...config, signingSecrets: ["new-token"] })), "mismatch");
	assert.equal(said(verify(raw, { ...config, signingSecrets: [] })), "mismatch", "no secret is a closed door");
});

test("a signature of another shape is refused, even when it decodes to the same bytes", () => {
	const raw = form(published, { url: publishedUrl });
	for (const given of [
		"RSOYDt4T1cUTdK1PDd93/VVr8B9=",
		"RSOYDt4T1cUTdK1PDd93/VVr8B8",
		"RSOYDt4T1cUTdK1PDd93_VVr8B8=",
		"",
	]) {
		assert.equal(said(verify(signed(raw, given), config)), "mismatch", given);
	}
	assert.equal(said(verify(signed(signed(raw, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), "x"), config)), "mismatch", "twice");
});

test("a JSON body needs its own hash in the URL, once", () => {
	const body = new TextEncoder().encode("{}");
	const hash = createHash("sha256").update(body).digest("hex");
	const judge = (query: string): string => {
		const url = `https://gw.example.com/e${query}`;
		const headers = new Headers({ "content-type": "application/json" });
		return said(verify(signed({ method: "POST", url, headers, body }, sign(url, "")), config));
	};
	assert.equal(judge(`?bodySHA256=${hash}`), "ok");
	assert.equal(judge(`?bodySHA256=${hash.replace(/.$/, "g")}`), "mismatch");
	assert.equal(judge(`?bodySHA256=${hash}&bodySHA256=${hash}`), "mismatch");
	assert.equal(judge(`?bodySHA256=${hash.toUpperCase()}`), "mismatch");
	assert.equal(judge(""), "mismatch");
});

test("a form is not read more kindly than it is signed", () => {
	assert.deepEqual(readParameters("a=1+2&b=%2B&c="), [
		["a", "1 2"],
		["b", "+"],
		["c", ""],
	]);
	assert.deepEqual(readParameters(""), []);
	for (const broken of ["a=%zz", "a=%ff", "a=1&&b=2", "a=1&", "=1", "&"]) {
		assert.equal(readParameters(broken), undefined, broken);
	}
});

test("only GET and POST can be genuine", () => {
	for (const method of ["PUT", "DELETE", "HEAD", "get"]) {
		const raw = form(published, { url: publishedUrl, method });
		assert.equal(said(verify(signed(raw, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), config)), "mismatch", method);
	}
});

const status = { AccountSid: accountSid, MessageSid: "SM1", From: "+15550100001", To: "+15550100002" };
const incoming = {
	AccountSid: accountSid,
	MessageSid: `SM${"1".repeat(32)}`,
	From: "+15550100002",
	To: "+15550100001",
	Body: "x",
	NumMedia: "0",
};

test("every status word that Twilio documents has a meaning, with and without our attempt id", () => {
	const attempt = "0197F3A2B4C57E6F8091A0B1C2D3E4F6";
	for (const [word, meaning] of messageStatuses) {
		const url = `https://gw.example.com/sms/twilio/1?attempt=${attempt}`;
		const [event] = parse(form({ ...status, MessageStatus: word }, { url }), config);
		if (meaning === "incoming") {
			assert.equal(event?.kind, "activity", word);
		} else {
			assert.ok(event?.kind === "receipt", word);
			assert.equal(event.status, meaning, word);
			assert.deepEqual(event.target, { by: "attempt", attemptId: attempt, remoteId: "SM1" }, word);
			assert.equal(event.fault !== undefined, meaning === "failed", word);
		}
	}
});

test("an attempt id that is not one of ours is ignored", () => {
	for (const query of ["?attempt=x", "?attempt=0197f3a2b4c57e6f8091a0b1c2d3e4f6", "?attempt=", "", "?other=1"]) {
		const url = `https://gw.example.com/sms/twilio/1${query}`;
		const [event] = parse(form({ ...status, MessageStatus: "sent" }, { url }), config);
		assert.ok(event?.kind === "receipt");
		assert.deepEqual(event.target, { by: "remote", remoteId: "SM1" });
	}
});

test("two deliveries of one receipt have one key, another status or error has another", () => {
	const keyOf = (parameters: Readonly<Record<string, string>>): string =>
		parse(form({ ...status, ...parameters }), config)[0]?.dedupKey ?? "";
	const delivered = keyOf({ MessageStatus: "delivered", RawDlrDoneDate: "2611241206" });
	assert.equal(keyOf({ RawDlrDoneDate: "2611241206", MessageStatus: "delivered" }), delivered);
	assert.notEqual(keyOf({ MessageStatus: "delivered" }), delivered);
	assert.notEqual(keyOf({ MessageStatus: "failed", ErrorCode: "30003" }), keyOf({ MessageStatus: "failed" }));
});

test("a name that we read twice makes the request unreadable, one that we do not read does not", () => {
	const text = `${new URLSearchParams({ ...status, Body: "x" }).toString()}`;
	assert.equal(parse(form(`${text}&Body=x`), config)[0]?.kind, "unreadable");
	assert.equal(parse(form(`${text}&MediaUrl0=a&MediaUrl0=b`), config)[0]?.kind, "unreadable");
	const whole = new URLSearchParams(incoming).toString();
	assert.equal(parse(form(`${whole}&Novelty=1&Novelty=2`), config)[0]?.kind, "message");
	const url = "https://gw.example.com/sms/twilio/1?attempt=a&attempt=b";
	assert.equal(parse(form(text, { url }), config)[0]?.kind, "unreadable");
});

test("another account's request is foreign, in whatever spelling our own is given", () => {
	assert.equal(parse(form({ ...status, AccountSid: "AC1" }), config)[0]?.kind, "foreign");
	assert.equal(parse(form({ ...status, Body: "x" }), { ...config, accountSid: undefined })[0]?.kind, "foreign");
	const capital = parseConfig({
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as StoredService["id"],
		serviceConnection: "https://api.twilio.com",
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: [{ authenticationId: `AC${"AB".repeat(16)}`, secrets: ["12345"] }],
	});
	const lower = `AC${"ab".repeat(16)}`;
	assert.equal(parse(form({ ...incoming, AccountSid: lower }), capital)[0]?.kind, "message");
	assert.deepEqual(accountsNamed(form({ AccountSid: lower })), accountsOf(capital));
});

test("the accounts named are found in a form, a query and JSON, and nothing is named twice", () => {
	assert.deepEqual(accountsNamed(form(status)), [accountSid]);
	assert.deepEqual(accountsNamed(form(`AccountSid=${accountSid}&AccountSid=${accountSid}`)), [accountSid]);
	const get = form("", { method: "GET", url: `https://gw.example.com/?AccountSid=${accountSid}` });
	assert.deepEqual(accountsNamed(get), [accountSid]);
	const events = [{ data: { accountSid } }, { data: { accountSid: "AC1" } }, null];
	const body = new TextEncoder().encode(JSON.stringify(events));
	assert.deepEqual(accountsNamed(form("", { body, headers: new Headers() })), [accountSid, "AC1"]);
});

test("a list of events that is too long is kept whole for a person, not cut", () => {
	const headers = new Headers({ "content-type": "application/json" });
	const eventsOf = (count: number) => {
		const list = Array.from({ length: count }, (_, index) => ({ id: `EZ${index}`, type: "t", data: {} }));
		return parse(form("", { headers, body: new TextEncoder().encode(JSON.stringify(list)) }), config);
	};
	assert.equal(eventsOf(1000).length, 1000);
	assert.deepEqual(
		eventsOf(1001).map(({ kind }) => kind),
		["unreadable"],
	);
	assert.deepEqual(
		eventsOf(0).map(({ kind }) => kind),
		["unreadable"],
	);
});

test("metadata is bounded in number and length", () => {
	const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`P${index}`, "x".repeat(5000)]));
	const [event] = parse(form({ ...incoming, ...many, ["__proto__"]: "y" }), config);
	assert.ok(event?.kind === "message");
	assert.equal(Object.keys(event.metadata ?? {}).length, 50);
	assert.ok(Object.values(event.metadata ?? {}).every((value) => value.length <= 500));
});

test("a location outside the globe is left out", () => {
	const [event] = parse(form({ ...incoming, Latitude: "91", Longitude: "0" }), config);
	assert.ok(event?.kind === "message");
	assert.equal(event.location, undefined);
});

test("a message that lacks what Twilio always tells, or tells it in another shape, is kept for a person", () => {
	const broken: readonly Readonly<Record<string, string | undefined>>[] = [
		{ NumMedia: undefined },
		{ Body: undefined, Bodyh: "ello" },
		{ MessageSid: undefined, SmsMessageSid: incoming.MessageSid },
		{ MessageSid: `${incoming.MessageSid}NumMedia0` },
		{ From: undefined },
		{ From: "+15550100002FromCityBERLIN" },
		{ To: "whatsapp:+15550100001WaId1", From: "whatsapp:+15550100002" },
		{ NumMedia: "many" },
		{ NumMedia: "1" },
		{ NumMedia: "1", MediaUrl0: "https://api.twilio.com/a", MediaContentType0: undefined },
		{ ButtonPayloadc: "onfirm" },
		{ ProfileNam: "eAna" },
	];
	for (const change of broken) {
		const fields = Object.entries({ ...incoming, ...change }).flatMap(([name, value]) =>
			value === undefined ? [] : [[name, value] as [string, string]],
		);
		const [event] = parse(form(new URLSearchParams(fields).toString()), config);
		assert.equal(event?.kind, "unreadable", JSON.stringify(change));
	}
	for (const From of ["+15550100002", "12345", "Parley", "266696687", "AT&T info"]) {
		assert.equal(parse(form({ ...incoming, From }), config)[0]?.kind, "message", From);
	}
});

test("nothing that arrives makes the connector throw", () => {
	let seed = 7;
	const next = (below: number): number => {
		seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
		return seed % below;
	};
	const deep = `${"[".repeat(50)}${"]".repeat(50)}`;
	const bodies = [
		deep,
		"[".repeat(100_000),
		`{"type":7,"data":[]}`,
		"null",
		"[]",
		"AccountSid",
		"%",
		"\ud800",
		"a=1&a=2",
	];
	const random = Array.from({ length: 500 }, () => Uint8Array.from({ length: next(200) }, () => next(256)));
	const contentTypes = ["application/x-www-form-urlencoded", "application/json", "text/plain", ""];
	for (const [index, body] of [...bodies.map((text) => new TextEncoder().encode(text)), ...random].entries()) {
		for (const method of ["POST", "GET", "PUT"]) {
			const headers = new Headers({ "content-type": contentTypes[index % 4] ?? "", authorization: "Basic /w==" });
			const url = `https://gw.example.com/x?${Buffer.from(body).toString("latin1").slice(0, 50)}`;
			const raw = signed({ method, url, headers, body }, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
			assert.equal(said(verify(raw, config)), "mismatch");
			assert.ok(Array.isArray(accountsNamed(raw)));
			assert.ok(parse(raw as VerifiedRequest, config).length > 0);
		}
	}
});

test("the answer is TwiML that says nothing", () => {
	const reply = { status: 200, contentType: "text/xml", body: '<?xml version="1.0" encoding="UTF-8"?><Response/>' };
	assert.deepEqual(ack(), reply);
});
