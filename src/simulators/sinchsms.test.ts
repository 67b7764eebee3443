// Goal: the simulator and the connector understand each other in both modes, the simulator refuses what Sinch refuses, and
// each call of its is let in by the lock that its account has, through the real door.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import { request as sendRequest } from "undici";
import { connector } from "#connectors/sinchsms/index.ts";
import type { HttpAnswer, HttpCall, RawRequest, StoredService, Tools, VerifiedRequest } from "#connectors/contract.ts";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { ChannelEvent, OutboundMessage } from "#domain/messages.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { admit } from "#gateway/admit.ts";
import { openService } from "#gateway/open-service.ts";
import { systemClock } from "#platform/clock.ts";
import { systemRandom } from "#platform/random.ts";
import { goodManners, type SimulatedAccount, type Treatment } from "./simulator.ts";
import { type SinchSmsSimulator, startSinchSmsSimulator } from "./sinchsms.ts";

const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as AttemptId;

type Stage = { simulator: SinchSmsSimulator; webhookUrl: string; arrived: RawRequest[]; answer: { status: number } };

async function stageOf(t: TestContext): Promise<Stage> {
	const simulator = await startSinchSmsSimulator({ clock: systemClock, random: systemRandom });
	const [arrived, answer]: [RawRequest[], { status: number }] = [[], { status: 200 }];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
			const url = new URL(request.url ?? "/", webhookUrl).href;
			arrived.push({ method: request.method ?? "", url, headers, body: Buffer.concat(chunks) });
			response.writeHead(answer.status).end();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const webhookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms/sinchsms/1`;
	t.after(async () => {
		await simulator.close();
		server.closeAllConnections();
		server.close();
	});
	simulator.pointAt(webhookUrl, { login: "gwuser", password: "gwpass" });
	return { simulator, webhookUrl, arrived, answer };
}

function storedOf(
	{ serviceConnection, settings, authentications }: SimulatedAccount,
	webhookSecret = "",
): StoredService {
	const entries = authentications.map(({ authenticationId, password }) => ({ authenticationId, secrets: [password] }));
	return {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection,
		authenticationUrl: null,
		authenticationScope: null,
		settings,
		authentications:
			webhookSecret === "" ? entries : [...entries, { authenticationId: "webhook", secrets: [webhookSecret] }],
	};
}

const tools: Tools = {
	http: callOnce,
	token: () => assert.fail("Sinch SMS needs no token"),
	dropToken: () => assert.fail("Sinch SMS needs no token"),
	now: () => systemClock.now(),
};

async function callOnce({ url, headers, ...call }: HttpCall): Promise<HttpAnswer> {
	try {
		const answer = await sendRequest(url, { ...call, headers: { ...headers } });
		const body = new Uint8Array(await answer.body.arrayBuffer());
		const texts = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
		return { kind: "answered", status: answer.statusCode, headers: new Headers(texts), body };
	} catch {
		return { kind: "unclear", why: "reset" };
	}
}

function messageFor({ simulator, webhookUrl }: Stage, over: Partial<OutboundMessage> = {}): OutboundMessage {
	return {
		messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as MessageId,
		attemptId,
		channel: "sms",
		ourAddress: simulator.account.ourAddress,
		contactAddress: "+447700900123",
		text: "Olá + & 👍",
		attachments: [],
		validUntil: new Date(systemClock.now().getTime() + 600_000),
		webhookUrl,
		...over,
	};
}

function read(arrived: readonly RawRequest[], stored: StoredService): readonly ChannelEvent[] {
	const config = connector.config.parse(stored);
	return arrived.flatMap((raw) => connector.inbound.parse(raw as VerifiedRequest, config));
}

/** What the door says when local HTTP authentication is on or off; the HTTP user is right when it is there. */
async function doorFor(raw: RawRequest, stored: StoredService, usesLocalHttp: boolean): Promise<string> {
	const facts = {
		stored,
		type: "sinchsms",
		name: "s",
		enabled: true,
		incomingMode: "enforce",
		stoppedReason: null,
	} as const;
	const service = openService(
		{ ...facts, isLocked: false, version: 1, settings: commonSettings({}), webhookUrl: "" },
		connector,
	);
	const door = await admit(raw, service, "192.0.2.1", {
		now: () => systemClock.now(),
		usesLocalHttpAuthentication: () => usesLocalHttp,
		identity: {
			checkHttpUser: (authorization) =>
				Promise.resolve(
					authorization === `Basic ${Buffer.from("gwuser:gwpass").toString("base64")}`
						? { ok: true, userId: "U" }
						: { ok: false, status: 401, challenge: "Basic" },
				),
		},
	});
	return door.open ? "open" : door.reason;
}

for (const mode of ["xms", "basic"] as const) {
	test(`${mode}: a message is taken with our attempt id, and its reports come back to that attempt in order`, async (t) => {
		const stage = await stageOf(t);
		const { simulator } = stage;
		const stored = storedOf(mode === "xms" ? simulator.account : simulator.basicAccount);
		const outcome = await connector.send(messageFor(stage), connector.config.parse(stored), tools);
		await simulator.settled();
		assert.ok(outcome.kind === "accepted", JSON.stringify([outcome, simulator.refusals]));
		const [remoteId] = outcome.remoteIds;
		assert.deepEqual(
			simulator.taken.map((taken) => [taken.remoteId, taken.attemptId, taken.to.replace("+", ""), taken.text]),
			[[remoteId, attemptId, "447700900123", "Olá + & 👍"]],
		);
		assert.deepEqual(
			read(stage.arrived, stored).map((event) => event.kind === "receipt" && [event.status, event.target]),
			["sent", "delivered"].map((status) => [status, { by: "attempt", attemptId, remoteId }]),
		);
		for (const raw of stage.arrived) {
			assert.equal(raw.headers.has("authorization"), false);
			assert.deepEqual([await doorFor(raw, stored, true), await doorFor(raw, stored, false)], ["open", "open"]);
		}
	});

	test(`${mode}: what a contact writes arrives whole, and the HTTP user is its only lock`, async (t) => {
		const stage = await stageOf(t);
		const { simulator } = stage;
		const stored = storedOf(mode === "xms" ? simulator.account : simulator.basicAccount);
		simulator.speaks = mode;
		const sent = await simulator.contactWrites({ from: "+4915112345678", text: "50 % = ½ + €\n👍" });
		assert.equal(sent.status, 200);
		const [event] = read(stage.arrived, stored);
		assert.ok(event?.kind === "message", JSON.stringify(event));
		assert.deepEqual(
			[event.text, event.contact.address, event.ourAddress],
			["50 % = ½ + €\n👍", "+4915112345678", simulator.account.ourAddress],
		);
		const [raw] = stage.arrived;
		assert.ok(raw);
		assert.deepEqual([await doorFor(raw, stored, true), await doorFor(raw, stored, false)], ["open", "no_lock"]);
		assert.equal(await doorFor({ ...raw, headers: new Headers() }, stored, true), "http_credentials_missing");
	});
}

test("with HMAC every call must be signed, and then none needs an HTTP user where that is off", async (t) => {
	const stage = await stageOf(t);
	const { simulator, arrived } = stage;
	const stored = storedOf(simulator.account, "signing secret");
	await connector.send(messageFor(stage), connector.config.parse(stored), tools);
	await simulator.settled();
	simulator.signingSecret = "signing secret";
	await connector.send(messageFor(stage), connector.config.parse(stored), tools);
	await simulator.contactWrites({ from: "+4915112345678", text: "Hi" });
	await simulator.settled();
	const doors = await Promise.all(arrived.map((raw) => doorFor(raw, stored, false)));
	assert.deepEqual(doors.toSorted(), ["open", "open", "open", "signature_missing", "signature_missing"]);
	const unsigned = storedOf(simulator.account);
	assert.deepEqual(await Promise.all(arrived.slice(0, 2).map((raw) => doorFor(raw, unsigned, false))), [
		"open",
		"open",
	]);
});

test("each kind of report is sent as it was asked for, and to the plan's own address where none is named", async (t) => {
	const expected = {
		per_recipient: ["sent", "delivered"],
		per_recipient_final: ["delivered"],
		summary: ["delivered"],
		full: ["delivered"],
		none: [],
	};
	for (const [deliveryReport, statuses] of Object.entries(expected)) {
		const stage = await stageOf(t);
		const account = stage.simulator.account;
		const stored = storedOf({ ...account, settings: { deliveryReport, namesCallbackUrl: false } });
		await connector.send(messageFor(stage), connector.config.parse(stored), tools);
		await stage.simulator.settled();
		const events = read(stage.arrived, stored);
		assert.deepEqual(
			events.map((event) => event.kind === "receipt" && event.status),
			statuses,
			deliveryReport,
		);
		assert.ok(events.every((event) => event.kind === "receipt" && event.target.by === "attempt"));
		assert.ok(stage.arrived.every(({ url, headers }) => url === stage.webhookUrl && headers.has("authorization")));
	}
});

test("failures are told with their code, in both modes", async (t) => {
	const stage = await stageOf(t);
	const { simulator } = stage;
	simulator.manners = { ...goodManners, receipts: ["failed"] };
	for (const account of [simulator.account, simulator.basicAccount]) {
		const stored = storedOf(account);
		stage.arrived.length = 0;
		await connector.send(messageFor(stage), connector.config.parse(stored), tools);
		await simulator.settled();
		const [event] = read(stage.arrived, stored);
		assert.ok(event?.kind === "receipt" && event.status === "failed");
		assert.deepEqual([event.fault?.code, event.fault?.providerCode], ["recipient", "153"]);
	}
});

test("a batch whose answer was cut off is found again by our mark; one that never arrived is not", async (t) => {
	const stage = await stageOf(t);
	const config = connector.config.parse(storedOf(stage.simulator.account));
	const treatments: readonly (readonly [Treatment, string])[] = [
		[{ kind: "resetBefore" }, "unknown"],
		[{ kind: "resetAfter" }, "accepted"],
	];
	for (const [treatment, found] of treatments) {
		stage.simulator.script = [treatment];
		assert.equal((await connector.send(messageFor(stage), config, tools)).kind, "unknown");
		const looked = await connector.lookup?.(messageFor(stage), systemClock.now(), config, tools);
		assert.equal(looked?.kind, found, treatment.kind);
	}
});

test("the REST API refuses what is wrong: token, plan, content type, shapes, unknown fields", async (t) => {
	const { simulator } = await stageOf(t);
	const [entry] = simulator.account.authentications;
	const path = `/xms/v1/${entry?.authenticationId ?? ""}/batches`;
	const authorization = `Bearer ${entry?.password ?? ""}`;
	const right = { to: ["+447700900123"], from: "71630", body: "Hi" };
	const post = async (body: unknown, headers: Record<string, string> = {}, at = path): Promise<string> => {
		const all = { authorization, "content-type": "application/json", ...headers };
		const text = typeof body === "string" ? body : JSON.stringify(body);
		const answer = await sendRequest(simulator.origin + at, { method: "POST", headers: all, body: text });
		const said = await answer.body.text();
		return `${answer.statusCode} ${said === "" ? "" : String((JSON.parse(said) as { code?: unknown }).code)}`;
	};
	assert.equal(await post(right), "201 undefined");
	assert.equal(await post(right, { authorization: "Bearer other" }), "401 ");
	assert.equal(await post(right, {}, "/xms/v1/other/batches"), "404 ");
	assert.equal(await post(right, { "content-type": "text/plain" }), "415 ");
	assert.equal(await post("{"), "400 syntax_invalid_json");
	assert.equal(await post({ body: "Hi" }), "400 syntax_constraint_violation");
	assert.equal(await post({ ...right, expire_at: "2020-01-01T00:00:00Z" }), "400 syntax_constraint_violation");
	const wrong = [
		{ to: [] },
		{ to: ["abc"] },
		{ from: "a name that is too long" },
		{ body: "x".repeat(2001) },
		{ type: "mt_nothing" },
		{ delivery_report: "all" },
		{ callback_url: "not a url" },
		{ client_reference: "x".repeat(129) },
		{ colour: "red" },
	];
	for (const over of wrong) {
		assert.equal(await post({ ...right, ...over }), "400 syntax_invalid_parameter_format", JSON.stringify(over));
	}
	assert.equal(simulator.taken.length, 1);
});

test("the older API refuses what is wrong, in its own words", async (t) => {
	const { simulator } = await stageOf(t);
	const [entry] = simulator.basicAccount.authentications;
	const right = {
		username: entry?.authenticationId ?? "",
		password: entry?.password ?? "",
		from: "71630",
		to: "447700900123",
		text: "Hi",
		charset: "UTF-8",
	};
	const ask = async (query: Record<string, string>, method: "GET" | "POST" = "GET"): Promise<string> => {
		const answer = await sendRequest(`${simulator.origin}/sendsms?${new URLSearchParams(query).toString()}`, {
			method,
		});
		return `${answer.statusCode} ${await answer.body.text()}`;
	};
	assert.match(await ask(right), /^202 [0-9a-f]{32}$/);
	const { password: _password, ...without } = right;
	assert.match(await ask(without), /^203 User\/Password parameter missing/);
	assert.equal(await ask({ ...right, password: "x" }), "401 Incorrect password");
	assert.equal(await ask({ ...right, username: "x" }), "401 Account not found");
	assert.equal(await ask({ ...right, to: "" }), "400 To number missing");
	assert.equal(await ask({ ...right, coding: "7" }), "400 Invalid coding value");
	assert.match(await ask({ ...right, "dlr-mask": "31" }), /^400 .*dlr-mask set but no dlr-url$/);
	assert.equal(await ask(right, "POST"), "405 Method not allowed, use GET");
	assert.equal(simulator.taken.length, 1);
});

test("what was answered 503 comes again, as Sinch does", async (t) => {
	const stage = await stageOf(t);
	stage.answer.status = 503;
	stage.simulator.manners = { ...goodManners, again: { everyMs: 1, timesMax: 2 } };
	const sent = await stage.simulator.contactWrites({ from: "+4915112345678", text: "Hi" });
	assert.deepEqual([sent.status, stage.arrived.length], [503, 3]);
	assert.equal(new Set(stage.arrived.map(({ body }) => Buffer.from(body).toString("utf8"))).size, 1);
});
