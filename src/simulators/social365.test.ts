// Goal: the simulator and the connector understand each other for both accounts, the simulator refuses what is not as
// proposed, and each call of its is let in by the lock that it has, through the real door.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import { request as sendRequest } from "undici";
import type { HttpAnswer, HttpCall, RawRequest, StoredService, Tools, VerifiedRequest } from "#connectors/contract.ts";
import { connector } from "#connectors/social365/index.ts";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { ChannelEvent, OutboundMessage } from "#domain/messages.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { admit } from "#gateway/admit.ts";
import { openService } from "#gateway/open-service.ts";
import { systemClock } from "#platform/clock.ts";
import { seededRandom } from "#test/scene.ts";
import { goodManners, type SimulatedAccount } from "./simulator.ts";
import { type Social365Simulator, startSocial365Simulator } from "./social365.ts";

const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as AttemptId;

type Stage = { simulator: Social365Simulator; webhookUrl: string; arrived: RawRequest[] };

async function stageOf(t: TestContext): Promise<Stage> {
	const simulator = await startSocial365Simulator({ clock: systemClock, random: seededRandom(5) });
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
	const webhookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms/social365/1`;
	t.after(async () => {
		await simulator.close();
		server.closeAllConnections();
		server.close();
	});
	simulator.pointAt(webhookUrl, { login: "gwuser", password: "gwpass" });
	return { simulator, webhookUrl, arrived };
}

function storedOf(
	{ serviceConnection, settings, authentications }: SimulatedAccount,
	more: object = {},
): StoredService {
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
	token: () => assert.fail("Social 365 needs no token"),
	dropToken: () => assert.fail("Social 365 needs no token"),
	now: () => systemClock.now(),
};

async function callOnce({ url, headers, ...call }: HttpCall): Promise<HttpAnswer> {
	const answer = await sendRequest(url, { ...call, headers: { ...headers } });
	const body = new Uint8Array(await answer.body.arrayBuffer());
	const texts = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
	return { kind: "answered", status: answer.statusCode, headers: new Headers(texts), body };
}

function messageFor({ simulator, webhookUrl }: Stage, over: Partial<OutboundMessage> = {}): OutboundMessage {
	return {
		messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as MessageId,
		attemptId,
		channel: "whatsapp",
		ourAddress: simulator.account.ourAddress,
		contactAddress: "+447700900123",
		text: "Olá + & 👍",
		attachments: [],
		validUntil: new Date(systemClock.now().getTime() + 600_000),
		webhookUrl,
		...over,
	};
}

function send(stage: Stage, over: Partial<OutboundMessage> = {}, stored = storedOf(stage.simulator.account)) {
	return connector.send(messageFor(stage, over), connector.config.parse(stored), tools);
}

function read(arrived: readonly RawRequest[], stored: StoredService): readonly ChannelEvent[] {
	const config = connector.config.parse(stored);
	return arrived.flatMap((raw) => connector.inbound.parse(raw as VerifiedRequest, config));
}

/** What the door says when local HTTP authentication is on or off; the HTTP user is right when it is there. */
async function doorFor(raw: RawRequest, stored: StoredService, usesLocalHttp: boolean): Promise<string> {
	const facts = { stored, type: "social365", name: "s", enabled: true, incomingMode: "enforce" } as const;
	const more = { stoppedReason: null, isLocked: false, version: 1, settings: commonSettings({}), webhookUrl: "" };
	const door = await admit(raw, openService({ ...facts, ...more }, connector), "192.0.2.1", {
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

test("a message of either account is taken with our attempt id, and its reports come back to that attempt", async (t) => {
	const stage = await stageOf(t);
	const { simulator, arrived } = stage;
	const stored = storedOf(simulator.account);
	const wechat = { channel: "wechat", ourAddress: simulator.otherAddress, contactAddress: "oABC" };
	for (const over of [{}, wechat]) {
		arrived.length = 0;
		const outcome = await send(stage, over);
		await simulator.settled();
		assert.ok(outcome.kind === "accepted", JSON.stringify([outcome, simulator.refusals]));
		const [remoteId] = outcome.remoteIds;
		const taken = simulator.taken.at(-1);
		assert.deepEqual([taken?.remoteId, taken?.attemptId, taken?.text], [remoteId, attemptId, "Olá + & 👍"]);
		assert.deepEqual(
			read(arrived, stored).map((event) => event.kind === "receipt" && [event.status, event.target]),
			["sent", "delivered"].map((status) => [status, { by: "attempt", attemptId, remoteId }]),
		);
		for (const raw of arrived) {
			assert.equal(raw.headers.has("authorization"), false);
			assert.deepEqual([await doorFor(raw, stored, true), await doorFor(raw, stored, false)], ["open", "open"]);
		}
	}
});

test("without an address of its own a message is reported to the one that was entered, with the HTTP user", async (t) => {
	const stage = await stageOf(t);
	const stored = storedOf(stage.simulator.account, { namesCallbackUrl: false });
	stage.simulator.manners = { ...goodManners, receipts: ["failed"] };
	await send(stage, {}, stored);
	await stage.simulator.settled();
	const [raw, ...others] = stage.arrived;
	assert.ok(raw !== undefined && others.length === 0);
	assert.deepEqual([await doorFor(raw, stored, true), await doorFor(raw, stored, false)], ["open", "no_lock"]);
	const [event] = read([raw], stored);
	assert.ok(event?.kind === "receipt" && event.status === "failed" && event.target.by === "attempt");
});

test("what a contact writes arrives whole, and the HTTP user is its only lock", async (t) => {
	const stage = await stageOf(t);
	const { simulator, arrived } = stage;
	const stored = storedOf(simulator.account);
	await simulator.contactWrites({
		from: "+4915112345678",
		text: "50 % = ½ + €\n👍",
		mediaUrls: ["https://m.example/1"],
	});
	const [event] = read(arrived, stored);
	assert.ok(event?.kind === "message", JSON.stringify(event));
	assert.deepEqual(
		[event.text, event.contact.address, event.ourAddress, event.attachments],
		[
			"50 % = ½ + €\n👍",
			"+4915112345678",
			simulator.account.ourAddress,
			[{ url: "https://m.example/1", contentType: "image/jpeg" }],
		],
	);
	const [raw] = arrived;
	assert.ok(raw);
	assert.deepEqual([await doorFor(raw, stored, true), await doorFor(raw, stored, false)], ["open", "no_lock"]);
	assert.equal(await doorFor({ ...raw, headers: new Headers() }, stored, true), "http_credentials_missing");
});

test("one list with messages to both accounts arrives at both", async (t) => {
	const { simulator, arrived } = await stageOf(t);
	const stored = storedOf(simulator.account);
	await simulator.tell([
		simulator.arrival({ from: "oABC", text: "to the other" }, simulator.otherAddress),
		simulator.arrival({ from: "+4915112345678", text: "to the first" }),
	]);
	await simulator.contactWrites({
		from: "+4915112345678",
		text: "",
		mediaUrls: ["https://m.example/1", "https://m.example/2"],
	});
	assert.deepEqual(
		read(arrived, stored).map((event) => event.kind === "message" && [event.ourAddress, event.text]),
		[
			[simulator.otherAddress, "to the other"],
			[simulator.account.ourAddress, "to the first"],
			[simulator.account.ourAddress, ""],
			[simulator.account.ourAddress, ""],
		],
	);
});

test("the password of one account opens none of the others", async (t) => {
	const stage = await stageOf(t);
	const [first, second] = stage.simulator.account.authentications;
	assert.ok(first && second);
	const tried = async (...authentications: SimulatedAccount["authentications"]): Promise<string> => {
		const outcome = await send(stage, {}, storedOf({ ...stage.simulator.account, authentications }));
		return `${outcome.kind} ${"code" in outcome ? outcome.code : ""}`;
	};
	assert.equal(await tried({ ...first, password: second.password }, second), "retry credentials");
	// The user of the other account, entered for this one.
	const stranger = { ...second, authenticationId: second.authenticationId.replace("10002", "10001") };
	assert.equal(await tried(stranger), "rejected credentials");
	assert.deepEqual(stage.simulator.taken, []);
});

test("what is not as proposed is refused: proof, account, sender, shapes, contents, unknown fields", async (t) => {
	const stage = await stageOf(t);
	const { simulator } = stage;
	const calls: HttpCall[] = [];
	const http = (call: HttpCall) => {
		calls.push(call);
		return callOnce(call);
	};
	const config = connector.config.parse(storedOf(simulator.account));
	await connector.send(messageFor(stage), config, { ...tools, http });
	const [call] = calls;
	assert.ok(call);
	const right = JSON.parse(String(call.body)) as Record<string, unknown>;
	const post = async (over: object, headers: object = {}, path = ""): Promise<number> => {
		const body = JSON.stringify({ ...right, ...over });
		const answer = await callOnce({ ...call, url: call.url + path, headers: { ...call.headers, ...headers }, body });
		return answer.kind === "answered" ? answer.status : 0;
	};
	assert.equal(await post({}), 200);
	assert.equal(await post({}, { authorization: "Basic b3RoZXI6eA==" }), 401);
	assert.equal(await post({}, { "x-account-id": "10002" }), 403);
	assert.equal(await post({ clientId: 10002 }), 403);
	assert.equal(await post({}, {}, "/more"), 404);
	assert.equal(await post({}, { "content-type": "text/plain" }), 400);
	const wrong = [
		{ clientId: undefined },
		{ clientId: "10001" },
		{ channel: "SMS" },
		{ origin: "gh_123" },
		{ destination: "oABC" },
		{ destination: [] },
		{ type: "picture" },
		{ type: "image" },
		{ body: undefined },
		{ body: "" },
		{ media: { url: "https://m.example/1" } },
		{ type: "image", body: undefined, media: { mimeType: "image/jpeg" } },
		{ type: "image", body: undefined, media: { url: "https://m.example/1", size: 1 } },
		{ subject: "" },
		{ ackType: "ALL" },
		{ callback: "here" },
		{ colour: "red" },
	];
	for (const over of wrong) {
		assert.equal(await post(over), 400, JSON.stringify(over));
	}
	const media = { url: "https://m.example/1", mimeType: "application/pdf", caption: "Bill.pdf" };
	assert.equal(await post({ type: "file", body: undefined, media }), 200);
	assert.equal(simulator.taken.length, 3);
});
