// Goal: the simulator and the connector understand each other, and Twilio's own library takes the simulator for Twilio:
// it sends to it, and its validator accepts what the simulator signs.

import assert from "node:assert/strict";
import test from "node:test";
import twilio from "twilio";
import { request as sendRequest } from "undici";
import { connector } from "#connectors/twilio/index.ts";
import { systemClock } from "#platform/clock.ts";
import type { Random } from "#platform/random.ts";
import { goodManners, type Treatment } from "./simulator.ts";
import { startTwilioSimulator } from "./twilio.ts";
import { attemptId, startReceiver, toolsOver, configFor, messageFrom, read, startBoth } from "#test/twilio-stand.ts";

test("a message is taken with our attempt id, and its receipts come back to that attempt in order", async (t) => {
	const { receiver, simulator, config, tools } = await startBoth(t);
	const outcome = await connector.send(messageFrom(simulator, { webhookUrl: receiver.url }), config, tools);
	await simulator.settled();
	assert.ok(outcome.kind === "accepted");
	const [remoteId] = outcome.remoteIds;
	assert.deepEqual(
		simulator.taken.map((taken) => [taken.remoteId, taken.attemptId, taken.to, taken.text]),
		[[remoteId, attemptId, "+15550100002", "Olá + & 👍"]],
	);
	const events = receiver.arrived.flatMap((arrived) => read(arrived, receiver, config));
	assert.deepEqual(
		events.map((event) => event.kind === "receipt" && [event.status, event.target]),
		["sent", "delivered", "read"].map((status) => [status, { by: "attempt", attemptId, remoteId }]),
	);
	assert.ok(receiver.arrived.every(({ path }) => path === `/sms/twilio/1?attempt=${attemptId}`));
	assert.deepEqual(
		simulator.webhooks.map(({ status }) => status),
		[200, 200, 200],
	);
	assert.deepEqual(simulator.refusals, []);
});

test("templates, media, a Messaging Service and an API key are taken", async (t) => {
	const { simulator, tools } = await startBoth(t);
	const messagingServiceSid = `MG${"97".repeat(16)}`;
	const account = simulator.account.authentications[0];
	const config = configFor(simulator, {
		settings: { messagingServiceSid, statusCallbacks: false, accountSid: account?.authenticationId },
		authentications: [
			{ authenticationId: simulator.apiKey.sid, secrets: [simulator.apiKey.secret] },
			{ authenticationId: "webhook", secrets: [account?.password ?? ""] },
		],
	});
	const template = { id: `HX${"01".repeat(16)}`, parameters: { 1: "12/1" } };
	const attachments = [{ url: "https://a.example/1.jpg" }];
	const whatsapp = { ourAddress: "whatsapp:+14155238886", contactAddress: "whatsapp:+5511999990000" };
	const messages = [
		messageFrom(simulator, { text: "", template, ...whatsapp }),
		messageFrom(simulator, { attachments }),
		messageFrom(simulator, { ourAddress: messagingServiceSid }),
	];
	for (const message of messages) {
		assert.equal((await connector.send(message, config, tools)).kind, "accepted");
	}
	assert.deepEqual(simulator.refusals, []);
	assert.ok(simulator.taken[1]?.remoteId.startsWith("MM"));
});

test("what a contact writes arrives signed and whole, by SMS and by WhatsApp, with media", async (t) => {
	const { receiver, simulator, config } = await startBoth(t);
	const sms = await simulator.contactWrites({ from: "+15550100002", text: "Hi + there & 👍" });
	assert.deepEqual([sms.kind, sms.status, sms.body], ["message", 200, "<Response/>"]);
	const mediaUrls = ["https://pictures.example/cat.jpg"];
	const from = "whatsapp:+5511999990000";
	const remoteId = `MM${"0".repeat(31)}1`;
	await simulator.contactWrites({ from, text: "", name: "Ana", mediaUrls, remoteId });
	const [first, second] = receiver.arrived.flatMap((arrived) => read(arrived, receiver, config));
	assert.ok(first?.kind === "message" && second?.kind === "message");
	assert.deepEqual(
		[first.text, first.ourAddress, first.contact.address],
		["Hi + there & 👍", simulator.account.ourAddress, "+15550100002"],
	);
	assert.deepEqual(
		[second.remoteId, second.channel, second.contact],
		[remoteId, "whatsapp", { address: from, name: "Ana" }],
	);
	assert.equal(second.attachments[0]?.contentType, "image/jpeg");
	const [owner] = simulator.account.authentications;
	const authorization = `Basic ${btoa(`${owner?.authenticationId}:${owner?.password}`)}`;
	const address = second.attachments[0]?.url ?? "";
	const media = await sendRequest(address, { headers: { authorization } });
	assert.equal((await sendRequest(address)).statusCode, 401);
	assert.deepEqual([media.statusCode, media.headers["location"]], [307, mediaUrls[0]]);
	await media.body.dump();
});

test("Twilio's own validator accepts what the simulator signs", async (t) => {
	const { receiver, simulator, config, tools } = await startBoth(t);
	await simulator.contactWrites({ from: "+15550100002", text: "Olá + 1 & 2 = 3? 👍" });
	await connector.send(messageFrom(simulator, { webhookUrl: receiver.url }), config, tools);
	await simulator.settled();
	const token = simulator.account.authentications[0]?.password ?? "";
	assert.equal(receiver.arrived.length, 4);
	for (const { path, headers, body } of receiver.arrived) {
		const url = new URL(receiver.url).origin + path;
		const parameters = Object.fromEntries(new URLSearchParams(body.toString("utf8")));
		assert.ok(twilio.validateRequest(token, String(headers["x-twilio-signature"]), url, parameters));
		assert.ok(!twilio.validateRequest("other", String(headers["x-twilio-signature"]), url, parameters));
	}
});

test("Twilio's own library sends to the simulator and reads its answers", async (t) => {
	const { simulator } = await startBoth(t);
	const [account] = simulator.account.authentications;
	const httpClient = new twilio.RequestClient();
	httpClient.axios.interceptors.request.use((request) => {
		request.url = request.url?.replace("https://api.twilio.com", simulator.origin) ?? "";
		return request;
	});
	const clientFor = (authToken: string) => twilio(account?.authenticationId ?? "", authToken, { httpClient });
	const client = clientFor(account?.password ?? "");
	const to = "+15550100002";
	const sent = await client.messages.create({
		to,
		from: simulator.account.ourAddress,
		body: "Hi there",
		mediaUrl: ["https://a.example/1.jpg", "https://a.example/2.jpg"],
		validityPeriod: 600,
	});
	assert.equal(sent.sid, simulator.taken[0]?.remoteId);
	assert.deepEqual([sent.status, sent.body, sent.numMedia], ["queued", "Hi there", "2"]);
	assert.equal((await client.messages(sent.sid).fetch()).sid, sent.sid);
	assert.deepEqual(
		(await client.messages.list({ to })).map(({ sid }) => sid),
		[sent.sid],
	);
	const codeOf = (code: number) => (error: unknown) => (error as { code?: number }).code === code;
	await assert.rejects(client.messages.create({ to: "bad", from: to, body: "x" }), codeOf(21211));
	await assert.rejects(clientFor("wrong").messages.create({ to, from: to, body: "x" }), codeOf(20003));
	assert.deepEqual(
		simulator.refusals.map(({ status }) => status),
		[400, 401],
	);
});

test("with an HTTP user the first call comes without credentials, the second with them, both signed with the user", async (t) => {
	const { receiver, simulator, config, tools } = await startBoth(t);
	const authorization = `Basic ${Buffer.from("gwuser:gwpass").toString("base64")}`;
	receiver.answer = ({ headers }) => ({ status: headers.authorization === authorization ? 200 : 401, body: "" });
	simulator.pointAt(receiver.url, { login: "gwuser", password: "gwpass" });
	assert.equal((await simulator.contactWrites({ from: "+15550100002", text: "Hi" })).status, 200);
	assert.deepEqual(
		receiver.arrived.map(({ headers }) => headers.authorization),
		[undefined, authorization],
	);
	const [, second] = receiver.arrived;
	assert.ok(second !== undefined);
	assert.equal(read(second, receiver, config)[0]?.kind, "message");
	await connector.send(messageFrom(simulator, { webhookUrl: receiver.url }), config, tools);
	await simulator.settled();
	assert.deepEqual(
		simulator.webhooks.map(({ status }) => status),
		[200, 200, 200, 200],
	);
	assert.equal(receiver.arrived.length, 8);
});

test("the HTTP user is not told to another host", async (t) => {
	const { simulator, config, tools } = await startBoth(t);
	const other = await startReceiver(t);
	other.answer = () => ({ status: 401, body: "" });
	simulator.pointAt("http://127.0.0.1:1/sms/twilio/1", { login: "gwuser", password: "gwpass" });
	simulator.manners = { ...goodManners, receipts: ["sent"] };
	await connector.send(messageFrom(simulator, { webhookUrl: other.url }), config, tools);
	await simulator.settled();
	assert.ok(other.arrived.length > 0 && other.arrived.every(({ headers }) => headers.authorization === undefined));
});

test("a failed call is repeated as the fragment of the address asks for, with the same idempotency token", async (t) => {
	const { receiver, simulator, config, tools } = await startBoth(t);
	receiver.answer = () => ({ status: receiver.arrived.length < 3 ? 503 : 200, body: "" });
	simulator.manners = { ...goodManners, receipts: ["delivered"] };
	await connector.send(messageFrom(simulator, { webhookUrl: receiver.url }), config, tools);
	await simulator.settled();
	assert.deepEqual(
		simulator.webhooks.map(({ status }) => status),
		[200],
	);
	assert.equal(receiver.arrived.length, 3);
	assert.equal(new Set(receiver.arrived.map(({ headers }) => headers["i-twilio-idempotency-token"])).size, 1);
	receiver.answer = () => ({ status: 503, body: "" });
	assert.equal((await simulator.contactWrites({ from: "+15550100002", text: "Hi" })).status, 503);
	assert.equal(receiver.arrived.length, 4, "without a fragment a 503 is not repeated");
});

test("manners: receipts twice, reversed, failed, and before the answer", async (t) => {
	const { receiver, simulator, config, tools } = await startBoth(t);
	const message = messageFrom(simulator, { webhookUrl: receiver.url });
	const statusesAfter = async (manners: Partial<typeof goodManners>): Promise<readonly string[]> => {
		receiver.arrived.length = 0;
		simulator.manners = { ...goodManners, ...manners };
		await connector.send(message, config, tools);
		const atAnswer = receiver.arrived.length;
		await simulator.settled();
		assert.equal(atAnswer === receiver.arrived.length, manners.receiptsFirst === true || receiver.arrived.length === 0);
		return receiver.arrived.flatMap((arrived) =>
			read(arrived, receiver, config).map((event) => (event.kind === "receipt" ? event.status : event.kind)),
		);
	};
	assert.deepEqual(await statusesAfter({ receipts: [] }), []);
	assert.deepEqual(await statusesAfter({ receipts: ["sent"], times: 2, delayMs: 50 }), ["sent", "sent"]);
	assert.deepEqual(await statusesAfter({ reversed: true, delayMs: 50 }), ["read", "delivered", "sent"]);
	assert.deepEqual(await statusesAfter({ receipts: ["failed"], delayMs: 50 }), ["failed"]);
	assert.deepEqual(await statusesAfter({ receiptsFirst: true }), ["sent", "delivered", "read"]);
});

test("each treatment leads to the outcome that is certain, and takes the message or not", async (t) => {
	const { receiver, simulator, config } = await startBoth(t);
	const expected: readonly (readonly [Treatment, string, boolean])[] = [
		[{ kind: "accept" }, "accepted", true],
		[{ kind: "answer", status: 503, body: "busy" }, "unknown", false],
		[{ kind: "answer", status: 429, headers: { "retry-after": "1" } }, "retry", false],
		[{ kind: "resetBefore" }, "unknown", false],
		[{ kind: "resetAfter" }, "unknown", true],
		[{ kind: "garbage" }, "unknown", true],
		[{ kind: "stall", delayMs: 5000 }, "unknown", true],
	];
	simulator.script = expected.map(([treatment]) => treatment);
	for (const [treatment, kind, isTaken] of expected) {
		const takenBefore = simulator.taken.length;
		const message = messageFrom(simulator, { webhookUrl: receiver.url });
		const outcome = await connector.send(message, config, toolsOver(t, 1000));
		assert.equal(outcome.kind, kind, treatment.kind);
		assert.equal(simulator.taken.length > takenBefore, isTaken, treatment.kind);
	}
	assert.equal(simulator.script.length, 0);
	assert.deepEqual(simulator.refusals, []);
});

test("a cut answer is settled by the receipt, and by the look-up", async (t) => {
	const { receiver, simulator, config, tools } = await startBoth(t);
	simulator.script = [{ kind: "resetAfter" }];
	const message = messageFrom(simulator, { webhookUrl: receiver.url });
	const attemptedAt = systemClock.now();
	assert.equal((await connector.send(message, config, tools)).kind, "unknown");
	await simulator.settled();
	const remoteId = simulator.taken[0]?.remoteId;
	const [receipt] = receiver.arrived.slice(0, 1).flatMap((arrived) => read(arrived, receiver, config));
	assert.ok(receipt?.kind === "receipt");
	assert.deepEqual(receipt.target, { by: "attempt", attemptId, remoteId });
	const outcome = await connector.lookup?.(message, attemptedAt, config, tools);
	assert.ok(outcome?.kind === "accepted" && outcome.remoteIds[0] === remoteId);
	const other = await connector.lookup?.({ ...message, text: "never sent" }, attemptedAt, config, tools);
	assert.equal(other?.kind, "unknown");
	assert.deepEqual(simulator.refusals, []);
});

test("the simulator refuses what Twilio refuses, with its code", async (t) => {
	const { simulator, config } = await startBoth(t);
	const [account] = simulator.account.authentications;
	const authorization = `Basic ${Buffer.from(`${account?.authenticationId}:${account?.password}`).toString("base64")}`;
	const url = `${simulator.origin}/2010-04-01/Accounts/${account?.authenticationId}/Messages.json`;
	const good = { To: "+15550100002", From: "+15550100001", Body: "x" };
	const media = Array.from({ length: 11 }, () => "MediaUrl=https%3A%2F%2Fa.example%2F1").join("&");
	const text = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString();
	const expected: readonly (readonly [string, number])[] = [
		[text({ ...good, To: "" }), 21604],
		[text({ ...good, From: "" }), 21603],
		[text({ ...good, Body: "" }), 21602],
		[text({ ...good, To: "0555" + "x" }), 21211],
		[text({ ...good, From: "whatsapp:+15550100001" }), 21910],
		[text({ ...good, Body: "x".repeat(1601) }), 21617],
		[`${text(good)}&${media}`, 21623],
		[text({ ...good, MediaUrl: "nowhere" }), 21620],
		[text({ ...good, MessagingServiceSid: "MG1" }), 21701],
		[text({ ...good, ContentSid: "HX1" }), 21654],
		[text({ ...good, ContentVariables: "{" }), 21656],
		[text({ ...good, ValidityPeriod: "0" }), 20001],
		[text({ ...good, StatusCallback: "https://under_score.example/" }), 20001],
		[text({ ...good, Novelty: "1" }), 20001],
		[`${text(good)}&Body=y`, 20001],
	];
	const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
	for (const [body, code] of expected) {
		const answer = await sendRequest(url, { method: "POST", headers, body });
		assert.equal(((await answer.body.json()) as { code: number }).code, code, body.slice(0, 80));
	}
	const stranger = await connector.send(
		messageFrom(simulator),
		{ ...config, accountSid: `AC${"9".repeat(32)}` },
		toolsOver(t),
	);
	assert.ok(stranger.kind === "rejected" && stranger.code === "config");
	const wrong = { ...config, user: { id: account?.authenticationId ?? "", secret: "wrong" } };
	const refused = await connector.send(messageFrom(simulator), wrong, toolsOver(t));
	assert.ok(refused.kind === "retry" && refused.code === "credentials");
	assert.equal(simulator.refusals.length, expected.length + 2);
	assert.deepEqual(simulator.taken, []);
});

test("accounts and secrets come from the random source given", async (t) => {
	const same: Random = { bytes: (size) => new Uint8Array(size).fill(0xab), fraction: () => 0.5 };
	const simulator = await startTwilioSimulator({ clock: systemClock, random: same });
	t.after(() => simulator.close());
	assert.deepEqual(simulator.account.authentications, [
		{ authenticationId: `AC${"ab".repeat(16)}`, password: "ab".repeat(16) },
	]);
	assert.equal(simulator.account.ourAddress, "+15555000000");
});

test("what an account tells of itself is told to who may know it, and only what was asked for rightly", async (t) => {
	const { simulator } = await startBoth(t);
	const [owner] = simulator.account.authentications;
	const { sid, secret } = simulator.apiKey;
	const base = `${simulator.origin}/2010-04-01/Accounts/${owner?.authenticationId ?? ""}`;
	const service = `${simulator.origin}/v1/Services`;
	const pair = { account: `${owner?.authenticationId}:${owner?.password}`, key: `${sid}:${secret}`, other: "AC1:x" };
	const statusOf = async (url: string, who: keyof typeof pair) => {
		const authorization = `Basic ${Buffer.from(pair[who]).toString("base64")}`;
		const answer = await sendRequest(url, { headers: { authorization } });
		await answer.body.dump();
		return answer.statusCode;
	};
	assert.equal(await statusOf(`${base}.json`, "account"), 200);
	assert.equal(await statusOf(`${base}.json`, "key"), 401, "a standard key may not see the account");
	assert.equal(await statusOf(`${base}.json`, "other"), 401);
	assert.equal(await statusOf(`${base}/IncomingPhoneNumbers.json?PageSize=100`, "key"), 200);
	assert.equal(await statusOf(`${base}/IncomingPhoneNumbers.json?PageSize=0`, "key"), 400);
	assert.equal(await statusOf(`${base}/IncomingPhoneNumbers.json?Colour=1`, "key"), 400);
	assert.equal(await statusOf(`${base}/IncomingPhoneNumbers.json`, "other"), 401);
	assert.equal(await statusOf(`${service}/${simulator.setUp.messagingService.sid}`, "key"), 200);
	assert.equal(await statusOf(`${service}/MG1`, "key"), 404);
	assert.equal(await statusOf(`${base}/Applications/AP${"0".repeat(32)}.json`, "account"), 404);
	simulator.setUp.keyReads = "messages";
	assert.equal(await statusOf(`${base}/IncomingPhoneNumbers.json`, "key"), 403);
	assert.equal(await statusOf(`${base}/Messages.json`, "key"), 200);
	simulator.setUp.keyReads = "nothing";
	assert.equal(await statusOf(`${base}/Messages.json`, "key"), 403);
	assert.equal(await statusOf(`${base}/IncomingPhoneNumbers.json`, "account"), 200);
});
