// Goal: the stand-in refuses what SAP would refuse, and the connector gets along with it in both modes and in each of the
// ways that have been seen or guessed: any text both ways, any notification, tokens that end.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import { request as sendRequest } from "undici";
import type { HttpAnswer, HttpCall, Outcome, RawRequest, VerifiedRequest } from "#connectors/contract.ts";
import { brokenRules, whyCannotSend } from "#connectors/kit/rules.ts";
import { connector } from "#connectors/sap365/index.ts";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import { tokenShelf } from "#gateway/tools.ts";
import { systemClock } from "#platform/clock.ts";
import { seededRandom } from "#test/scene.ts";
import type { Habits } from "./sap365-callbacks.ts";
import { startSap365Simulator } from "./sap365.ts";

const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as AttemptId;

type Options = { mode?: "push" | "json"; settings?: object; habits?: Partial<Habits>; password?: string };

async function stage(t: TestContext, { mode = "push", settings = {}, habits = {}, password }: Options = {}) {
	const deps = { clock: systemClock, random: seededRandom(5) };
	const simulator = await startSap365Simulator(deps, { mode });
	simulator.habits = { ...simulator.habits, ...habits };
	const received: RawRequest[] = [];
	const parley = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const headers = new Headers(
				Object.entries(request.headers).map(([name, value]) => [name, String(value)] as [string, string]),
			);
			const url = `https://parley.example${request.url ?? ""}`;
			received.push({ method: request.method ?? "", url, headers, body: Buffer.concat(chunks) });
			response.end();
		});
	});
	await new Promise<void>((resolve) => parley.listen(0, "127.0.0.1", resolve));
	t.after(async () => {
		await simulator.close();
		parley.close();
	});
	const webhookUrl = `http://127.0.0.1:${(parley.address() as AddressInfo).port}/sms/sap365/1`;
	simulator.pointAt(webhookUrl, { login: "hook", password: "pass" });
	const { account } = simulator;
	const stored = {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: account.serviceConnection,
		authenticationUrl: account.authenticationUrl ?? null,
		authenticationScope: null,
		settings: { ...account.settings, ...settings },
		authentications: account.authentications.map(({ authenticationId, password: secret }) => ({
			authenticationId,
			secrets: [password ?? secret],
		})),
	};
	const config = connector.config.parse(stored);
	const events = (): readonly ChannelEvent[] =>
		received.flatMap((raw) => connector.inbound.parse(raw as VerifiedRequest, config));
	const shelf = tokenShelf(systemClock);
	const calls: HttpCall[] = [];
	const send = (text: string, contactAddress = "+447700900123"): Promise<Outcome> =>
		connector.send(
			{
				messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as MessageId,
				attemptId,
				channel: "sms",
				ourAddress: account.ourAddress,
				contactAddress,
				text,
				attachments: [],
				validUntil: new Date(systemClock.now().getTime() + 3_600_000),
				webhookUrl,
			},
			config,
			{
				http(call) {
					calls.push(call);
					return http(call);
				},
				token: (key, fetch) => shelf.get(key, fetch),
				dropToken: (key, token) => shelf.drop(key, token),
				now: () => systemClock.now(),
			},
		);
	return { simulator, stored, config, received, events, send, calls };
}

async function http(call: HttpCall): Promise<HttpAnswer> {
	const { method, headers, body } = call;
	const answer = await sendRequest(call.url, { method, headers, ...(body === undefined ? {} : { body }) });
	const given = new Headers(
		Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string]),
	);
	const bytes = new Uint8Array(await answer.body.arrayBuffer());
	return { kind: "answered", status: answer.statusCode, headers: given, body: bytes };
}

const texts = [
	"Hello",
	"STOP & go = 100% + <b>\"quotes\" 'n' \\",
	"Grüße 5 € [ok] {x} ~^|",
	"Жа😀",
	"[END]",
	"Text=a, List=+1999",
	"&amp; ]]> </MESSAGE>",
];
const breaks = ["one\ntwo\r\nthree", "Жа\n[END]\nç"];

const ways: readonly (Options & { name: string })[] = [
	{ name: "push" },
	{
		name: "push as digits, in other spellings",
		settings: { unicodeTransfer: "hex" },
		habits: { expects: "hex", names: "ORDER_ID", joins: "?", coding: "UCS2" },
	},
	{
		name: "push of UCS-2, notified by POST, forms not encoded",
		settings: { unicodeCoding: "UCS2" },
		habits: { notifiesBy: "POST", names: "orderid", form: "bare" },
	},
	{ name: "json", mode: "json" },
	{ name: "json with 201", mode: "json", settings: { callbackShape: "list" }, habits: { takes: 201, coding: "UCS2" } },
];

for (const { name, ...options } of ways) {
	test(`${name}: the account is one that an administrator could enter`, async (t) => {
		const { stored } = await stage(t, options);
		assert.deepEqual(brokenRules(connector.config, stored), []);
		assert.equal(whyCannotSend(connector, stored), undefined);
	});

	test(`${name}: any text arrives as it is, with every notification under its attempt and its order`, async (t) => {
		const { simulator, send, events, received, config } = await stage(t, options);
		simulator.manners = { ...simulator.manners, receipts: ["sent", "delivered", "failed"] };
		for (const text of texts) {
			const outcome = await send(text);
			await simulator.settled();
			assert.equal(outcome.kind, "accepted", `${text}: ${JSON.stringify([outcome, simulator.refusals])}`);
			assert.equal(simulator.taken.at(-1)?.text, text);
			assert.equal(simulator.taken.at(-1)?.attemptId, attemptId);
			assert.deepEqual(outcome.kind === "accepted" && outcome.remoteIds, [simulator.taken.at(-1)?.remoteId]);
		}
		assert.deepEqual(
			events().map((event) => (event.kind === "receipt" ? event.status : JSON.stringify(event))),
			texts.flatMap(() => ["sent", "delivered", "failed"]),
		);
		for (const event of events()) {
			assert.ok(event.kind === "receipt" && event.target.by === "attempt" && event.target.attemptId === attemptId);
			assert.ok(
				simulator.taken.some(({ remoteId }) => "remoteId" in event.target && remoteId === event.target.remoteId),
			);
		}
		const { auth } = connector.inbound;
		assert.ok(auth.kind === "httpUser");
		assert.ok(received.every((raw) => auth.isProvenByAddress?.(raw, config) === true));
		assert.ok(received.every(({ headers }) => !headers.has("authorization")));
		assert.deepEqual(simulator.refusals, []);
	});

	test(`${name}: a contact's text arrives as it is, with the HTTP user`, async (t) => {
		const { simulator, events, received } = await stage(t, options);
		for (const text of [...texts, ...breaks]) {
			await simulator.contactWrites({ from: "+447700900123", text });
		}
		const wanted = [...texts, ...breaks].map((text) => text.replaceAll("\r\n", "\n"));
		assert.deepEqual(
			events().map((event) =>
				event.kind === "message"
					? [event.text.replaceAll("\r\n", "\n"), event.contact.address, event.ourAddress]
					: [JSON.stringify(event)],
			),
			wanted.map((text) => [text, "+447700900123", simulator.account.ourAddress]),
		);
		assert.ok(received.every(({ headers }) => headers.get("authorization")?.startsWith("Basic ") === true));
	});

	test(`${name}: a long text has several orders, and all of them are kept`, async (t) => {
		const { simulator, send, events } = await stage(t, options);
		const outcome = await send("a".repeat(307));
		await simulator.settled();
		assert.equal(outcome.kind === "accepted" && outcome.remoteIds.length, 3);
		assert.equal(new Set(events().map(({ dedupKey }) => dedupKey)).size, events().length);
	});
}

test("a push shows line breaks as the settings say", async (t) => {
	for (const [lineBreak, expected] of [
		["dash", "one - two - three"],
		["token", "one<LF>two<LF>three"],
	]) {
		const { simulator, send } = await stage(t, { settings: { lineBreak } });
		assert.equal((await send("one\ntwo\r\nthree")).kind, "accepted");
		assert.equal(simulator.taken.at(-1)?.text, expected);
		assert.equal((await send("Жа\nç")).kind, "accepted");
		assert.equal(simulator.taken.at(-1)?.text, "Жа\nç", "Base64 keeps them");
	}
});

test("sentences without a code tell how far a message is, as far as sentences are known", async (t) => {
	const { simulator, send, events } = await stage(t, { habits: { status: "sentence" } });
	simulator.manners = { ...simulator.manners, receipts: ["sent", "failed"] };
	await send("Hi");
	await simulator.settled();
	assert.deepEqual(
		events().map((event) => (event.kind === "receipt" ? event.status : event.kind)),
		["sent", "failed"],
	);
});

test("who asks for no handset is told delivered by the operator, who asks for nothing is told nothing", async (t) => {
	for (const mode of ["push", "json"] as const) {
		const { simulator, send, events } = await stage(t, { mode, settings: { handsetReceipts: false } });
		simulator.manners = { ...simulator.manners, receipts: ["delivered"] };
		await send("Hi");
		await simulator.settled();
		assert.deepEqual(
			events().map((event) => (event.kind === "receipt" ? event.status : event.kind)),
			["delivered"],
		);
		const silent = await stage(t, { mode, settings: { acknowledgements: "none" } });
		await silent.send("Hi");
		await silent.simulator.settled();
		assert.deepEqual(silent.events(), []);
	}
});

test("without a named address notifications come to the one that was entered, with the HTTP user", async (t) => {
	for (const mode of ["push", "json"] as const) {
		const { simulator, send, events, received } = await stage(t, { mode, settings: { namesCallbackUrl: false } });
		simulator.manners = { ...simulator.manners, receipts: ["delivered"] };
		await send("Hi");
		await simulator.settled();
		const [event] = events();
		assert.ok(event?.kind === "receipt" && event.target.by === "attempt", "the subject brings the attempt back");
		assert.ok(received.every(({ headers }) => headers.get("authorization")?.startsWith("Basic ") === true));
	}
});

test("a wrong password leaves the message waiting, in both modes", async (t) => {
	for (const mode of ["push", "json"] as const) {
		const { send, simulator } = await stage(t, { mode, password: "wrong" });
		const outcome = await send("Hi");
		assert.deepEqual([outcome.kind, "code" in outcome && outcome.code], ["retry", "credentials"]);
		assert.ok("detail" in outcome && !outcome.detail.includes("wrong"));
		assert.equal(simulator.taken.length, 0);
	}
});

test("a token that was forgotten by the provider is replaced once, and the message goes out once", async (t) => {
	const { simulator, send, calls } = await stage(t, { mode: "json" });
	assert.equal((await send("one")).kind, "accepted");
	assert.equal((await send("two")).kind, "accepted");
	assert.equal(calls.filter(({ url }) => url.endsWith("/token")).length, 1, "one token serves both");
	simulator.revokeTokens();
	assert.equal((await send("three")).kind, "accepted");
	assert.equal(calls.filter(({ url }) => url.endsWith("/token")).length, 2);
	assert.deepEqual(
		simulator.taken.map(({ text }) => text),
		["one", "two", "three"],
	);
});

test("many sends at once fetch one token", async (t) => {
	const { simulator, send, calls } = await stage(t, { mode: "json" });
	const outcomes = await Promise.all(Array.from({ length: 12 }, (_, index) => send(`number ${index}`)));
	assert.ok(outcomes.every(({ kind }) => kind === "accepted"));
	assert.equal(calls.filter(({ url }) => url.endsWith("/token")).length, 1);
	assert.equal(simulator.taken.length, 12);
});

async function pushed(t: TestContext, change: (body: string) => string): Promise<string> {
	const { send, calls } = await stage(t);
	await send("Hello");
	const [call] = calls;
	assert.ok(call !== undefined);
	const answer = await http({ ...call, body: change(String(call.body)) });
	assert.ok(answer.kind === "answered");
	const code = /<br>([0-9A-F]{4}) /.exec(Buffer.from(answer.body).toString("utf8"))?.[1];
	return `${answer.status} ${code ?? ""}`;
}

for (const [what, change, expected] of [
	["as it is", (body: string) => body, "200 "],
	["without recipient", (body: string) => body.replace(/List=.*\n/, ""), "400 6018"],
	["a recipient without plus", (body: string) => body.replace("List=+", "List="), "400 6019"],
	["without text", (body: string) => body.replace(/Text=.*\n/, ""), "400 6017"],
	["a text of two lines", (body: string) => body.replace("Text=Hello", "Text=Hello\nthere"), "400 6030"],
	[
		"the misspelling that was logged",
		(body: string) => body.replace("OriginatingAddress", "OriginatingAdress"),
		"400 6030",
	],
	["another coding", (body: string) => body.replace("DCS=7b", "DCS=9b"), "400 6010"],
	["another AckType", (body: string) => body.replace("AckType=Message", "AckType=All"), "400 6013"],
	["another MobileNotification", (body: string) => body.replace("Notification=Yes", "Notification=1"), "400 6012"],
	["a validity of four minutes", (body: string) => body.replace(/ValidityPeriod=.*/, "ValidityPeriod=4m"), "400 6024"],
	["bytes that are no Base64", (body: string) => body.replace("DCS=7b", "DCS=UTF8").replace("Hello", "H*"), "400 602A"],
	["without end", (body: string) => body.replace("[END]", ""), "400 6030"],
	["a field in another section", (body: string) => body.replace("Version=2.0", "DCS=7b"), "400 6030"],
] as const) {
	test(`the push is checked: ${what}`, async (t) => {
		assert.equal(await pushed(t, change), expected);
	});
}

async function ordered(t: TestContext, change: (fields: Record<string, unknown>) => object): Promise<number> {
	const { send, calls } = await stage(t, { mode: "json" });
	await send("Hello");
	const call = calls.find(({ url }) => url.endsWith("/v2/sms"));
	assert.ok(call !== undefined);
	const fields = change(JSON.parse(String(call.body)) as Record<string, unknown>);
	const token = calls.length === 2 ? await lastToken(calls[0]) : "";
	const answer = await http({
		...call,
		headers: { ...call.headers, authorization: `Bearer ${token}` },
		body: JSON.stringify(fields),
	});
	assert.ok(answer.kind === "answered");
	return answer.status;
}

async function lastToken(call: HttpCall | undefined): Promise<string> {
	assert.ok(call !== undefined);
	const answer = await http(call);
	assert.ok(answer.kind === "answered");
	return (JSON.parse(Buffer.from(answer.body).toString("utf8")) as { access_token: string }).access_token;
}

for (const [what, change, expected] of [
	["as it is", (fields: Record<string, unknown>) => fields, 200],
	["without destination", (fields: Record<string, unknown>) => ({ ...fields, destination: undefined }), 400],
	[
		"a destination that is no list",
		(fields: Record<string, unknown>) => ({ ...fields, destination: "+447700900123" }),
		400,
	],
	["a field that is not described", (fields: Record<string, unknown>) => ({ ...fields, channel: "SMS" }), 400],
	["a truth as a text", (fields: Record<string, unknown>) => ({ ...fields, acknowledgement: "true" }), 400],
	["a validity of four minutes", (fields: Record<string, unknown>) => ({ ...fields, validityPeriod: "4m" }), 400],
	["a callback that is no address", (fields: Record<string, unknown>) => ({ ...fields, callback: "here" }), 400],
] as const) {
	test(`Live Link 365 is checked: ${what}`, async (t) => {
		assert.equal(await ordered(t, change), expected);
	});
}
