// Goal: the simulated tenant and the connector understand each other, the tenant refuses what SAP's guide does not allow, and
// its notifications are let in by an open door, or by the HTTP user where the service is locked.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import { request as sendRequest } from "undici";
import type { HttpAnswer, HttpCall, RawRequest, StoredService, Tools, UpkeepState } from "#connectors/contract.ts";
import { connector } from "#connectors/c4semail/index.ts";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { ChannelEvent, OutboundMessage } from "#domain/messages.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { admit } from "#gateway/admit.ts";
import { openService } from "#gateway/open-service.ts";
import { systemClock } from "#platform/clock.ts";
import { seededRandom } from "#test/scene.ts";
import { type C4sEmailSimulator, startC4sEmailSimulator } from "./c4semail.ts";
import { basicAuthorization } from "./kit.ts";

const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as AttemptId;

type Stage = { simulator: C4sEmailSimulator; webhookUrl: string; arrived: RawRequest[] };

async function stageOf(t: TestContext): Promise<Stage> {
	const simulator = await startC4sEmailSimulator({ clock: systemClock, random: seededRandom(7) });
	const arrived: RawRequest[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
			const url = new URL(request.url ?? "/", webhookUrl).href;
			arrived.push({ method: request.method ?? "", url, headers, body: Buffer.concat(chunks) });
			response.end();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const webhookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms/c4semail/1`;
	t.after(async () => {
		await simulator.close();
		server.closeAllConnections();
		server.close();
	});
	simulator.pointAt(webhookUrl, { login: "gwuser", password: "gwpass" });
	return { simulator, webhookUrl, arrived };
}

function storedOf({ simulator: { account } }: Stage, more: object = {}): StoredService {
	const { serviceConnection, settings, authentications } = account;
	return {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection,
		authenticationUrl: null,
		authenticationScope: null,
		settings: { ...settings, ...more },
		authentications: authentications.map(({ authenticationId, password }) => ({
			authenticationId,
			secrets: [password],
		})),
	};
}

const tools: Tools = {
	http: callOnce,
	token: () => assert.fail("no tokens here"),
	dropToken: () => assert.fail("no tokens here"),
	now: () => systemClock.now(),
};

async function callOnce({ url, headers, ...call }: HttpCall): Promise<HttpAnswer> {
	const answer = await sendRequest(url, { ...call, headers: { ...headers } });
	const body = new Uint8Array(await answer.body.arrayBuffer());
	const texts = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
	return { kind: "answered", status: answer.statusCode, headers: new Headers(texts), body };
}

async function roundOf(stage: Stage, state: UpkeepState = {}) {
	const round = await connector.upkeep?.round(
		state,
		connector.config.parse(storedOf(stage)),
		{ webhookUrl: stage.webhookUrl },
		tools,
	);
	assert.ok(round);
	assert.deepEqual([round.trouble, stage.simulator.refusals], [undefined, []]);
	return { ...round, events: round.findings.flatMap(({ events }): readonly ChannelEvent[] => events) };
}

function messageFor({ webhookUrl }: Stage): OutboundMessage {
	return {
		messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as MessageId,
		attemptId,
		channel: "email",
		ourAddress: "service@example.com",
		contactAddress: "kim@example.com",
		text: "Grüße 👍",
		attachments: [],
		validUntil: new Date(systemClock.now().getTime() + 600_000),
		webhookUrl,
	};
}

const send = (stage: Stage) => connector.send(messageFor(stage), connector.config.parse(storedOf(stage)), tools);

test("an e-mail of a contact is told of, found with its ticket and attachments, and its answer comes back as sent", async (t) => {
	const stage = await stageOf(t);
	const { simulator, arrived } = stage;
	const mediaUrls = ["https://media.example/a.jpg", "https://media.example/b.jpg"];
	await simulator.contactWrites({ from: "Kim@example.com", name: "Kim Doe", text: "<p>Hello<br>you</p>", mediaUrls });
	const [told] = arrived;
	const config = connector.config.parse(storedOf(stage));
	const [hint] = told === undefined ? [] : connector.inbound.parse(told as never, config);
	const { events, state } = await roundOf(stage);
	const [message, ...others] = events;
	assert.ok(hint?.kind === "activity" && message?.kind === "message" && others.length === 0);
	assert.equal(hint.remoteId, message.remoteId);
	assert.deepEqual(
		[message.text, message.contact, message.metadata?.["ticket"], message.attachments.map(({ filename }) => filename)],
		["Hello\nyou", { address: "kim@example.com", name: "Kim Doe" }, "5197", ["a.jpg", "b.jpg"]],
	);
	const outcome = await send(stage);
	assert.ok(outcome.kind === "accepted");
	await simulator.settled();
	assert.equal(arrived.length, 2, "a change like any other");
	const { events: later } = await roundOf(stage, state);
	assert.deepEqual(
		later.map((event) => event.kind === "receipt" && [event.status, event.target]),
		[["sent", { by: "attempt", attemptId, remoteId: outcome.remoteIds[0] }]],
	);
	const lookedUp = await connector.lookup?.(messageFor(stage), systemClock.now(), config, tools);
	assert.deepEqual(lookedUp, outcome);
});

test("an old e-mail that changes is none that just came", async (t) => {
	const stage = await stageOf(t);
	const { state } = await roundOf(stage);
	const objectId = "00163E03A0701EE28BE6D1A72CF7B7D6";
	const createdAt = new Date("2024-01-01T00:00:00Z");
	stage.simulator.store({ from: "kim@example.com", text: "Old", objectId, createdAt });
	stage.simulator.store({ from: "kim@example.com", text: "Old, and solved", objectId });
	stage.simulator.store({ from: "kim@example.com", text: "New" });
	const { events } = await roundOf(stage, state);
	assert.deepEqual(
		events.map((event) => event.kind === "message" && event.text),
		["New"],
	);
});

test("pages of the tenant's own making are read to the end", async (t) => {
	const stage = await stageOf(t);
	stage.simulator.setUp.pageSize = 10;
	const nowMs = systemClock.now().getTime();
	for (let index = 0; index < 25; index++) {
		stage.simulator.store({ from: "kim@example.com", text: `${index}`, changedAt: new Date(nowMs + index * 3000) });
	}
	const first = await roundOf(stage);
	const texts = new Set(first.events.map((event) => event.kind === "message" && event.text));
	assert.equal(texts.size, 25);
});

test("where the user is no technical one, an answer goes out with the token and its cookie", async (t) => {
	const stage = await stageOf(t);
	stage.simulator.setUp.demandsToken = true;
	assert.equal((await send(stage)).kind, "accepted");
	assert.deepEqual(
		stage.simulator.refusals.map(({ status }) => status),
		[403],
	);
	stage.simulator.setUp.givesCookie = false;
	assert.equal((await send(stage)).kind, "retry");
	assert.equal(stage.simulator.taken.length, 1);
});

test("what the guide does not allow is refused", async (t) => {
	const { simulator } = await stageOf(t);
	const { serviceConnection, authentications } = simulator.account;
	const [user] = authentications;
	assert.ok(user);
	const authorization = basicAuthorization({ login: user.authenticationId, password: user.password });
	const status = async (path: string, call: Partial<HttpCall> = {}) => {
		const headers = { authorization, ...call.headers };
		const answer = await callOnce({ method: "GET", url: `${serviceConnection}/${path}`, ...call, headers });
		return answer.kind === "answered" ? answer.status : 0;
	};
	const list = (query: string) => status(`EMailCollection?${query.replaceAll(" ", "%20")}&$format=json`);
	assert.equal(await list("$filter=ID eq '1' or ID eq 'it''s'&$orderby=ID desc&$top=1&$skip=2"), 200);
	for (const query of [
		"$filter=substringof('a',Subject)",
		"$filter=ID eq '1' or Subject eq '1'",
		"$filter=EntityLastChangedOn ge '2026-11-24'",
		"$filter=EntityLastChangedOn ge datetimeoffset'2026-11-24'",
		"$filter=Nothing eq '1'",
		"$filter=ID eq 1",
		"$orderby=Nothing",
		"$orderby=ID upwards",
		"$expand=Nothing",
		"$select=Nothing",
		"$top=all",
		"$apply=x",
	]) {
		assert.equal(await list(query), 400, query);
	}
	assert.equal(await status("NothingCollection"), 404);
	assert.equal(await status("EMailCollection", { headers: { authorization: "Basic wrong" } }), 401);
	assert.equal(await status("EMailCollection", { method: "DELETE" }), 405);
	const note = [{ TypeCode: "10002", Text: "x" }];
	const outgoing = { InitiatorCode: "3", ToEMailURI: "kim@example.com", EMailNotes: note };
	for (const body of [
		"no JSON",
		{ ...outgoing, EMailNotes: [] },
		{ ...outgoing, EMailNotes: [{ Text: "x" }] },
		{ ...outgoing, Unheard: "x" },
		{ ...outgoing, ObjectID: "x" },
		{ ...outgoing, InitiatorCode: "2" },
		{ ...outgoing, ToEMailURI: "kim" },
		{ ...outgoing, Subject: 7 },
	]) {
		const call = {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify(body),
		} as const;
		assert.equal(await status("EMailCollection", call), 400, JSON.stringify(body));
	}
	assert.deepEqual(simulator.taken, []);
});

async function doorFor(raw: RawRequest, stored: StoredService, usesLocalHttp: boolean): Promise<string> {
	const facts = { stored, type: "c4semail", name: "s", enabled: true, incomingMode: "enforce" } as const;
	const more = { stoppedReason: null, isLocked: false, version: 1, settings: commonSettings({}), webhookUrl: "" };
	const door = await admit(raw, openService({ ...facts, ...more }, connector), "192.0.2.1", {
		now: () => systemClock.now(),
		usesLocalHttpAuthentication: () => usesLocalHttp,
		identity: {
			checkHttpUser: (authorization) =>
				Promise.resolve(
					authorization === basicAuthorization({ login: "gwuser", password: "gwpass" })
						? { ok: true, userId: "U" }
						: { ok: false, status: 401, challenge: "Basic" },
				),
		},
	});
	return door.open ? "open" : door.reason;
}

test("a notification is let in by an open door; locked, only with the HTTP user", async (t) => {
	const stage = await stageOf(t);
	await stage.simulator.notify("00163E03A0701EE28BE6D1A72CF7B7D6");
	const [withUser] = stage.arrived;
	assert.ok(withUser);
	const without: RawRequest = { ...withUser, headers: new Headers() };
	const locked = storedOf(stage, { demandsHttpUser: true });
	for (const usesLocalHttp of [true, false]) {
		assert.equal(await doorFor(without, storedOf(stage), usesLocalHttp), "open");
		assert.equal(await doorFor(without, locked, usesLocalHttp), "http_credentials_missing");
		assert.equal(await doorFor(withUser, locked, usesLocalHttp), "open");
	}
});
