// Goal: what an administrator enters about a gateway is either understood or refused, with the field and the rule.

import assert from "node:assert/strict";
import test from "node:test";
import type { ServiceId } from "#domain/ids.ts";
import type { StoredAuthentication, StoredService } from "../contract.ts";
import { brokenRules } from "../kit/rules.ts";
import { addressing } from "./addressing.ts";
import { cannotSend, check, form, parse } from "./form.ts";
import { secretPlaces } from "./secrets.ts";

const user: StoredAuthentication = { authenticationId: "gateway-user", secrets: ["s3cret"] };
const send = "https://sms.example.com/send";

function service(
	settings: Readonly<Record<string, unknown>> = {},
	serviceConnection = send,
	authentications: readonly StoredAuthentication[] = [user],
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

function problemsOf(settings: Readonly<Record<string, unknown>>, serviceConnection = send): readonly string[] {
	return brokenRules({ form, check }, service(settings, serviceConnection)).map(
		({ pointer, message }) => `${pointer} ${message}`,
	);
}

const query = `${send}?u={{user}}&p={{password}}&to={{toNoPlus}}&text={{text}}`;
const get = { method: "GET", bodyFormat: "none", headers: [] };

test("the defaults and the usual ways to describe a gateway keep the rules", () => {
	assert.deepEqual(problemsOf({}), []);
	assert.deepEqual(problemsOf(get, query), []);
	assert.deepEqual(problemsOf({ bodyFormat: "json", body: '{"to":"{{to}}","text":"{{text}}"}' }), []);
	assert.deepEqual(problemsOf({ bodyFormat: "xml", body: "<sms to='{{to}}'>{{text}}</sms>" }), []);
	assert.deepEqual(problemsOf({ bodyFormat: "text", body: "{{text}}" }, `${send}/{{toNoPlus}}`), []);
	assert.deepEqual(problemsOf({ headers: ["X-Key: {{password}}", "Accept: application/json"] }), []);
	assert.deepEqual(problemsOf({ idFrom: "ours", successPattern: "^0: Accepted" }), []);
	assert.deepEqual(problemsOf({ idFrom: "expression", idAt: "(?i)^OK ([0-9]+)$" }), []);
	assert.deepEqual(problemsOf({ errors: ["retry throttled: (?i)too many", "rejected recipient: ERR 21[12]"] }), []);
});

test("whoever chooses GET can choose that there is no body, as the rule says", () => {
	assert.match(problemsOf({ method: "GET" }).join(), /set Body to none/);
	assert.equal(form.layout.showIf?.["bodyFormat"], undefined, "the field Body is on the screen with every method");
});

const broken: readonly (readonly [settings: Readonly<Record<string, unknown>>, pointer: string, says: RegExp])[] = [
	[{ idFrom: "nowhere" }, "/settings/idFrom", /must be one of/],
	[{ body: "to={{too}}&text={{text}}" }, "/settings/body", /\{\{too\}\}, which does not exist/],
	[{ body: "to={{to}}&text={{text" }, "/settings/body", /is not closed by \}\}/],
	[{ body: "{{to}}={{text}}" }, "/settings/body", /not the value behind a name/],
	[{ bodyFormat: "json" }, "/settings/bodyFormat", /outside of a JSON text/],
	[{ bodyFormat: "json", body: '{"text": {{text}}}' }, "/settings/body", /outside of a JSON text/],
	[{ bodyFormat: "xml", body: "<a>{{text}}</b>" }, "/settings/body", /no well-formed XML/],
	[{ method: "GET" }, "/settings/method", /GET, which has no body/],
	[{ headers: ["X-Key {{password}}"] }, "/settings/headers/0", /must be Name: value/],
	[{ headers: ["Host: evil.example"] }, "/settings/headers/0", /follows from the address/],
	[{ headers: ["Content-Type: text/plain"] }, "/settings/headers/0", /follows from the address/],
	[{ headers: ["X-A: 1", "X-Text: {{text}}"] }, "/settings/headers/1", /\{\{text\}\} in the wrong place/],
	[{ headers: ["X-A: 1", "x-a: 2"] }, "/settings/headers/1", /is there already/],
	[{ headers: ["X-Basic: {{basic}}"] }, "/settings/headers/0", /in another header than Authorization/],
	[{ headers: ["X-A: 1\r\nX-B: 2"] }, "/settings/headers/0", /plain ASCII in one line/],
	[{ headers: ["X-Api-Key: sk-live-51H"] }, "/settings/headers/0", /credential written out/],
	[{ headers: ["Authorization: Bearer abc"] }, "/settings/headers/0", /credential written out/],
	[{ body: "to={{to}}&text={{text}}&id={{id}}&password=abc" }, "/settings/body", /credential written out/],
	[
		{ bodyFormat: "json", body: '{"to":"{{to}}","text":"{{text}}","id":"{{id}}","apiKey": "abc"}' },
		"/settings/body",
		/credential written out/,
	],
	[
		{ bodyFormat: "xml", body: "<sms token='abc'><to>{{to}}</to><text>{{text}}</text></sms>" },
		"/settings/body",
		/credential written out/,
	],
	[{ bodyFormat: "xml", body: "<sms><key>abc</key><text>{{text}}</text></sms>" }, "/settings/body", /written out/],
	[{ successPattern: "(a+" }, "/settings/successPattern", /bracket that is not closed/],
	[{ successPattern: "(?=a)" }, "/settings/successPattern", /looks ahead/],
	[{ successPattern: "(a*)*" }, "/settings/successPattern", /repeats a group that captures/],
	[{ successPath: "status", successWords: [] }, "/settings/successWords", /must have a word/],
	[{ idAt: "a..b" }, "/settings/idAt", /path of a field/],
	[{ idFrom: "expression", idAt: "OK" }, "/settings/idAt", /exactly one group/],
	[{ idFrom: "expression", idAt: "(O)(K)" }, "/settings/idAt", /exactly one group/],
	[{ idFrom: "header", idAt: "X Y" }, "/settings/idAt", /name of a header/],
	[{ idFrom: "ours" }, "/settings/idFrom", /something else must tell success/],
	[
		{ idFrom: "ours", successPattern: "^0", body: "to={{to}}&text={{text}}" },
		"/settings/idFrom",
		/put \{\{id\}\} or \{\{dlrUrl\}\}/,
	],
	[{ errors: ["retry throttled: a", "again: b"] }, "/settings/errors/1", /must be an outcome/],
	[{ errors: ["retry weather: a"] }, "/settings/errors/0", /must be an outcome/],
	[{ errors: ["retry throttled: (a"] }, "/settings/errors/0", /has an expression that has a bracket/],
	[{ country: "XX" }, "/settings/country", /country of ISO 3166/],
	[{ bareNumbers: "national" }, "/settings/bareNumbers", /enter the country/],
	[{ messageId: "", messageTime: "" }, "/settings/messageId", /look the same/],
	[{ kindPath: "type", receiptKinds: [] }, "/settings/receiptKinds", /must have a word/],
	[{ failedWords: ["Sent"] }, "/settings/failedWords", /another list of statuses/],
	[{ successStatuses: "200, 404" }, "/settings/successStatuses", /must be a text such as/],
	[{ receiptStatus: "a b" }, "/settings/receiptStatus", /must be a text/],
	[{ unheardOf: 1 }, "/settings/unheardOf", /not a setting of this type/],
];

test("a broken rule is told at its field", () => {
	for (const [settings, pointer, says] of broken) {
		const [problem = "nothing", ...others] = problemsOf(settings);
		assert.deepEqual(others, [], JSON.stringify(settings));
		assert.ok(problem.startsWith(`${pointer} `), `${JSON.stringify(settings)}: ${problem}`);
		assert.match(problem, says);
	}
});

test("Service Connection is a template, too: values behind the host only", () => {
	for (const address of [
		"https://{{to}}/send",
		"https://sms.example.com{{to}}",
		"https://sms.example.com/{{text}}",
		"https://sms.example.com/?{{to}}=1",
		"https://sms.example.com/?to={{who}}",
	]) {
		const [problem = "nothing"] = problemsOf({}, address);
		assert.match(problem, /^\/serviceConnection (?:must|has)/, address);
		assert.match(cannotSend(parse(service({}, address))) ?? "", /^Enter Service Connection/);
	}
});

test("names that only look like those of credentials are no broken rule", () => {
	assert.deepEqual(
		problemsOf({ headers: ["Idempotency-Key: {{id}}", "X-Author: me", "Authorization: Key {{password}}"] }),
		[],
	);
	assert.deepEqual(problemsOf({ ...get, idFrom: "field" }, `${query}&passage=1&monkey=2&keys=3`), []);
	const [problem = ""] = problemsOf(get, `${send}?api_key=abc&to={{to}}&text={{text}}`);
	assert.match(problem, /^\/serviceConnection has a credential written out/);
});

test("the password has its places, and another part of the request changes none of them", () => {
	const places = (settings: object, address = send) =>
		secretPlaces({ serviceConnection: address, settings: settings as Record<string, unknown> });
	const usual = places({});
	assert.equal(usual.length, 1);
	assert.deepEqual(places({ body: "to={{to}}&message={{text}}" }, `${send}/v2`), usual);
	assert.deepEqual(places(get, query), places(get, query.replace("text=", "message=")));
	for (const settings of [
		{ body: "to={{to}}&text={{ password }}" },
		{ body: "to={{to}}&text=a;{{password}}" },
		{ headers: ["Authorization: Basic {{basic}}", "X-Text: {{password}}"] },
		{ bodyFormat: "json", body: '{"to":"{{to}}","text":"{{password}}"}' },
	]) {
		const known = new Set(usual);
		assert.equal(places(settings).filter((place) => !known.has(place)).length, 1, JSON.stringify(settings));
	}
});

test("no entered value is repeated in a problem", () => {
	const secret = "hunter2-secret";
	for (const settings of [
		{ body: `p=${secret}&t={{x}}` },
		{ headers: [`X ${secret}`] },
		{ errors: [secret] },
		{ idAt: `${secret} ` },
	]) {
		assert.doesNotMatch(problemsOf(settings).join(), new RegExp(secret));
	}
});

test("what is missing for sending is said with the next step", () => {
	const say = (stored: StoredService): string => cannotSend(parse(stored)) ?? "";
	assert.match(say(service({}, "")), /^Enter Service Connection/);
	assert.match(say(service({}, send, [])), /^Add an authentication with user name and password/);
	assert.match(say(service({}, send, [{ ...user, secrets: [""] }])), /^Add the password/);
	assert.equal(say(service()), "");
	const open = { headers: [], body: "to={{to}}&text={{text}}" };
	assert.equal(say(service(open, send, [])), "", "a gateway that asks for no credentials needs none");
	assert.equal(say(service({ ...open, headers: ["X-User: {{user}}"] }, send, [{ ...user, secrets: [] }])), "");
});

test("one user is enough, a second one is too many, a colon in its name would end it", () => {
	const second = { authenticationId: "second", secrets: ["x"] };
	const pointers = (entries: readonly StoredAuthentication[]): readonly string[] =>
		brokenRules({ form, check }, service({}, send, entries)).map(({ pointer }) => pointer);
	assert.deepEqual(pointers([user, second]), ["/authentications/1/authenticationId"]);
	assert.deepEqual(pointers([{ ...user, authenticationId: "a:b" }]), ["/authentications/0/authenticationId"]);
});

test("numbers have one spelling, whatever the gateway's is", () => {
	const config = parse(service({ ourAddress: "71630" }));
	const to = (number: string, settings = {}): unknown => {
		const found = addressing({ to: number }, parse(service({ ourAddress: "71630", ...settings })));
		return found.ok ? found.contactAddress : found.field;
	};
	assert.deepEqual(addressing({ from: "Shop 24", to: "0046 731 234 567" }, config), {
		ok: true,
		channel: "sms",
		ourAddress: "Shop 24",
		contactAddress: "+46731234567",
	});
	assert.equal(to("46731234567"), "+46731234567");
	assert.equal(to("040 1234567", { bareNumbers: "national", country: "FI" }), "+358401234567");
	assert.equal(to("16400"), "16400", "a short code stays as it is");
	assert.equal(to("Shop"), "to", "nobody can be written to under a name");
	assert.deepEqual(addressing({ to: "+46731234567" }, parse(service())).ok, false, "somebody has to be the sender");
	const whatsapp = addressing({ to: "+46731234567", channel: "whatsapp" }, config);
	assert.equal(whatsapp.ok ? "" : whatsapp.field, "channel");
});
