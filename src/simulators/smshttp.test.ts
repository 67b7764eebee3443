// Goal: the stand-in refuses what its manual would refuse, and the connector, set up as its manual says, gets along with
// each dialect: both ways, any text, every receipt.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import { request as sendRequest } from "undici";
import type { HttpAnswer, HttpCall, RawRequest, VerifiedRequest } from "#connectors/contract.ts";
import { brokenRules, whyCannotSend } from "#connectors/kit/rules.ts";
import { connector } from "#connectors/smshttp/index.ts";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import { systemClock } from "#platform/clock.ts";
import { seededRandom } from "#test/scene.ts";
import { startSmsHttpSimulator } from "./smshttp.ts";
import { type DialectName, dialects } from "./smshttp-dialects.ts";

const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as AttemptId;

async function stage(t: TestContext, dialect: DialectName) {
	const simulator = await startSmsHttpSimulator({ clock: systemClock, random: seededRandom(3) }, { dialect });
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
	const webhookUrl = `http://127.0.0.1:${(parley.address() as AddressInfo).port}/sms/smshttp/1`;
	simulator.pointAt(webhookUrl, { login: "hook", password: "pass" });
	const { account } = simulator;
	const stored = {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: account.serviceConnection,
		authenticationUrl: null,
		authenticationScope: null,
		settings: account.settings,
		authentications: account.authentications.map(({ authenticationId, password }) => ({
			authenticationId,
			secrets: [password],
		})),
	};
	const config = connector.config.parse(stored);
	const events = (): readonly ChannelEvent[] =>
		received.flatMap((raw) => connector.inbound.parse(raw as VerifiedRequest, config));
	const send = (text: string, contactAddress = "+15550100002") =>
		connector.send(
			{
				messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as MessageId,
				attemptId,
				channel: "sms",
				ourAddress: account.ourAddress,
				contactAddress,
				text,
				attachments: [],
				validUntil: new Date(8e15),
				webhookUrl,
			},
			config,
			{ http, token: () => Promise.reject(new Error("none")), dropToken: () => undefined, now: () => new Date(0) },
		);
	return { simulator, stored, received, events, send };
}

async function http(call: HttpCall): Promise<HttpAnswer> {
	const { method, headers, body } = call;
	const answer = await sendRequest(call.url, { method, headers, ...(body === undefined ? {} : { body }) });
	const given = new Headers(
		Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string]),
	);
	return {
		kind: "answered",
		status: answer.statusCode,
		headers: given,
		body: new Uint8Array(await answer.body.arrayBuffer()),
	};
}

const texts = [
	"Hello",
	"Grüße & <b>\"quotes\" 'n' \\ 100% = a+b?#",
	"5 € [ok] {x} ~^|",
	"Жа😀",
	"line one\nline two\r\nline three\tend ",
	'","to":"+1","x":"',
	"</sms></request><request>",
	"&to=%2B1999&text=other",
	"{{password}} {{text}}",
];

for (const dialect of Object.keys(dialects) as DialectName[]) {
	test(`${dialect}: what an administrator would enter keeps the rules`, async (t) => {
		const { stored } = await stage(t, dialect);
		assert.deepEqual(brokenRules(connector.config, stored), []);
		assert.equal(whyCannotSend(connector, stored), undefined);
	});

	test(`${dialect}: any text arrives as it is, with every receipt under its id`, async (t) => {
		const { simulator, send, events } = await stage(t, dialect);
		simulator.manners = { ...simulator.manners, receipts: ["sent", "delivered", "read", "failed"] };
		for (const text of texts) {
			const outcome = await send(text);
			await simulator.settled();
			assert.equal(outcome.kind, "accepted", `${text}: ${JSON.stringify(outcome)}`);
			assert.equal(simulator.taken.at(-1)?.text, text);
			assert.deepEqual(outcome.kind === "accepted" && outcome.remoteIds, [simulator.taken.at(-1)?.remoteId]);
		}
		const receipts = events().map((event) =>
			event.kind === "receipt" ? [event.status, event.target.by] : [event.kind],
		);
		const expected = ["sent", "delivered", "read", "failed"].map((status) => [status, "attempt"]);
		assert.deepEqual(
			receipts,
			texts.flatMap(() => expected),
		);
		assert.deepEqual(simulator.refusals, []);
	});

	test(`${dialect}: a contact's text arrives as it is, with numbers in our spelling`, async (t) => {
		const { simulator, events, received } = await stage(t, dialect);
		for (const text of texts) {
			await simulator.contactWrites({ from: "+447700900123", text });
		}
		const messages = events().map((event) =>
			event.kind === "message" ? [event.text, event.contact.address, event.ourAddress] : [event.kind],
		);
		assert.deepEqual(
			messages,
			texts.map((text) => [text, "+447700900123", simulator.account.ourAddress]),
		);
		assert.ok(received.every(({ headers }) => headers.get("authorization")?.startsWith("Basic ") === true));
	});

	test(`${dialect}: a destination that is none is rejected, wrong credentials are not`, async (t) => {
		const { simulator, stored, send } = await stage(t, dialect);
		const refused = await send("Hi", "+1");
		assert.deepEqual([refused.kind, "code" in refused && refused.code], ["rejected", "recipient"]);
		const other = connector.config.parse({
			...stored,
			authentications: [{ authenticationId: "gateway-user", secrets: ["wrong"] }],
		});
		const example = connector.example?.(other, "https://parley.example/1");
		assert.ok(example !== undefined);
		const answer = await http(example);
		assert.equal(simulator.refusals.at(-1)?.reason, dialect === "json" ? "unknown key" : "unknown user");
		assert.ok(answer.kind === "answered" && (dialect === "xml" || answer.status === 401));
		assert.equal(simulator.taken.length, 0);
	});
}
