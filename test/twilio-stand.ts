// The Twilio simulator and a listener in the place of Parley, with the connector between them, for tests.

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { Agent, request as sendRequest } from "undici";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { ChannelEvent, OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall, RawRequest, StoredService, Tools, VerifiedRequest } from "#connectors/contract.ts";
import { connector } from "#connectors/twilio/index.ts";
import { systemClock } from "#platform/clock.ts";
import { systemRandom } from "#platform/random.ts";
import type { SimulatorDeps } from "#simulators/simulator.ts";
import { startTwilioSimulator, type TwilioSimulator } from "#simulators/twilio.ts";

export const deps: SimulatorDeps = { clock: systemClock, random: systemRandom };
export const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as AttemptId;

export type Arrived = { method: string; path: string; headers: IncomingMessage["headers"]; body: Buffer };

/** A little Parley: keeps what arrives, and answers as told. */
export type Receiver = {
	url: string;
	arrived: Arrived[];
	answer: (arrived: Arrived) => { status: number; body: string };
};

export async function startReceiver(t: TestContext): Promise<Receiver> {
	const receiver: Receiver = { url: "", arrived: [], answer: () => ({ status: 200, body: "<Response/>" }) };
	const server = createServer((request, response) => void receive(request, response, receiver));
	await new Promise<void>((resolve) => {
		server.listen(0, "127.0.0.1", resolve);
	});
	receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms/twilio/1`;
	t.after(() => {
		server.closeAllConnections();
		server.close();
	});
	return receiver;
}

async function receive(request: IncomingMessage, response: ServerResponse, receiver: Receiver): Promise<void> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) {
		chunks.push(chunk as Buffer);
	}
	const { method = "", url: path = "", headers } = request;
	const arrived = { method, path, headers, body: Buffer.concat(chunks) };
	receiver.arrived.push(arrived);
	const { status, body } = receiver.answer(arrived);
	response.writeHead(status, status === 401 ? { "www-authenticate": 'Basic realm="parley"' } : {}).end(body);
}

export function toolsOver(t: TestContext, headersTimeout = 5000): Tools {
	const agent = new Agent({ headersTimeout });
	t.after(() => agent.destroy());
	return {
		http: (call) => callOnce(call, agent),
		token: () => assert.fail("Twilio needs no token"),
		dropToken: () => assert.fail("Twilio needs no token"),
		now: () => systemClock.now(),
	};
}

async function callOnce({ url, headers, ...call }: HttpCall, dispatcher: Agent): Promise<HttpAnswer> {
	try {
		const answer = await sendRequest(url, { ...call, headers: { ...headers }, dispatcher });
		const body = new Uint8Array(await answer.body.arrayBuffer());
		const texts = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
		return { kind: "answered", status: answer.statusCode, headers: new Headers(texts), body };
	} catch (error) {
		return { kind: "unclear", why: String(error).includes("Timeout") ? "timeout" : "reset" };
	}
}

export function configFor(simulator: TwilioSimulator, over: Partial<StoredService> = {}) {
	const stored: StoredService = {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: simulator.account.serviceConnection,
		authenticationUrl: null,
		authenticationScope: null,
		settings: simulator.account.settings,
		authentications: simulator.account.authentications.map(({ authenticationId, password }) => ({
			authenticationId,
			secrets: [password],
		})),
		...over,
	};
	assert.deepEqual(connector.config.check?.(stored), []);
	return connector.config.parse(stored);
}

export function messageFrom(simulator: TwilioSimulator, over: Partial<OutboundMessage> = {}): OutboundMessage {
	return {
		messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as MessageId,
		attemptId,
		channel: "sms",
		ourAddress: simulator.account.ourAddress,
		contactAddress: "+15550100002",
		text: "Olá + & 👍",
		attachments: [],
		validUntil: new Date(systemClock.now().getTime() + 600_000),
		webhookUrl: "http://127.0.0.1:1/sms/twilio/1",
		...over,
	};
}

/** What the connector makes of a webhook call; it must be genuine. */
export function read(
	arrived: Arrived,
	receiver: Receiver,
	config: ReturnType<typeof configFor>,
): readonly ChannelEvent[] {
	const headers = new Headers(
		Object.entries(arrived.headers).map(([name, value]): [string, string] => [name, String(value)]),
	);
	const raw: RawRequest = {
		method: arrived.method,
		url: new URL(receiver.url).origin + arrived.path,
		headers,
		body: arrived.body,
	};
	const { auth } = connector.inbound;
	assert.ok(auth.kind === "signature");
	assert.deepEqual(auth.verify(raw, config, systemClock.now()), { ok: true });
	return connector.inbound.parse(raw as VerifiedRequest, config);
}

export async function startBoth(t: TestContext) {
	const receiver = await startReceiver(t);
	const simulator = await startTwilioSimulator(deps);
	t.after(() => simulator.close());
	simulator.pointAt(receiver.url);
	const config = configFor(simulator);
	return { receiver, simulator, config, tools: toolsOver(t) };
}
