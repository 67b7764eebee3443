// The vendor's own SDK as the independent judge: the simulator takes what it sends, and it accepts what the simulator
// signs. With both the connector agrees or, where the secret is another, does not.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";

import type { ServiceId } from "#domain/ids.ts";
import { connector } from "#connectors/sinchconversation/index.ts";
import { systemClock } from "#platform/clock.ts";
import { systemRandom } from "#platform/random.ts";
import { conversation as sinch, validateWebhookSignature } from "#test/sinch-sdk.ts";

import { goodManners } from "./simulator.ts";
import { type SinchConversationSimulator, startSinchConversationSimulator } from "./sinchconversation.ts";

type Received = { headers: Record<string, string>; body: string };

/** A simulator whose callbacks are kept and acknowledged. */
async function stand(context: TestContext): Promise<{
	simulator: SinchConversationSimulator;
	received: Received[];
	webhookUrl: string;
}> {
	const simulator = await startSinchConversationSimulator({ clock: systemClock, random: systemRandom });
	const received: Received[] = [];
	const parley = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const headers = Object.fromEntries(
				Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
			);
			received.push({ headers, body: Buffer.concat(chunks).toString("utf8") });
			response.end();
		});
	});
	await new Promise<void>((resolve) => parley.listen(0, "127.0.0.1", resolve));
	const webhookUrl = `http://127.0.0.1:${(parley.address() as AddressInfo).port}/sms/sinchconversation/1`;
	simulator.pointAt(webhookUrl);
	context.after(async () => {
		await simulator.close();
		parley.closeAllConnections();
		await new Promise((resolve) => parley.close(resolve));
	});
	return { simulator, received, webhookUrl };
}

function secretOf({ account }: SinchConversationSimulator, name: string): string {
	return account.authentications.find(({ authenticationId }) => authenticationId === name)?.password ?? "";
}

/** Sends one text with the SDK, with the access key of the simulated account. */
function sendWithSdk(simulator: SinchConversationSimulator, options: object) {
	const [key] = simulator.account.authentications;
	const service = new sinch.ConversationService({
		projectId: simulator.projectId,
		keyId: key?.authenticationId.split("@")[0] ?? "",
		keySecret: key?.password ?? "",
		conversationHostname: simulator.origin,
		authHostname: simulator.origin,
	});
	return service.messages.send({
		sendMessageRequestBody: {
			app_id: simulator.appId,
			recipient: { identified_by: { channel_identities: [{ channel: "SMS", identity: "46732000000" }] } },
			message: { text_message: { text: "Grüße 👋" } },
			...options,
		},
	});
}

/** What the connector says to a callback when its webhook secret is this one. */
function verdictOf(simulator: SinchConversationSimulator, { headers, body }: Received): string {
	const { account } = simulator;
	const config = connector.config.parse({
		id: "018F3A2B4C5D7E6F80910000000000F1" as ServiceId,
		serviceConnection: account.serviceConnection,
		authenticationUrl: account.authenticationUrl ?? null,
		authenticationScope: null,
		settings: account.settings,
		authentications: account.authentications.map(({ authenticationId, password }) => ({
			authenticationId,
			secrets: [password],
		})),
	});
	const raw = {
		method: "POST",
		url: "https://parley.example/",
		headers: new Headers(headers),
		body: Buffer.from(body),
	};
	assert.ok(connector.inbound.auth.kind === "signature");
	const verdict = connector.inbound.auth.verify(raw, config, systemClock.now());
	return verdict.ok ? "ok" : verdict.why;
}

test("the SDK sends through the simulator", async (context) => {
	const { simulator } = await stand(context);
	simulator.manners = { ...goodManners, receipts: [] };
	const answer = await sendWithSdk(simulator, {
		channel_priority_order: ["SMS"],
		channel_properties: { SMS_SENDER: "12345" },
		message_metadata: '{"k":1}',
		correlation_id: "corr-42",
		ttl: 60,
	});
	assert.deepEqual(simulator.refusals, []);
	assert.equal(answer.message_id, simulator.taken[0]?.remoteId);
	assert.equal(simulator.taken[0]?.attemptId, undefined);
});

test("the SDK and the connector accept what the simulator signs, and only that", async (context) => {
	const { simulator, received } = await stand(context);
	await sendWithSdk(simulator, {});
	await simulator.contactWrites({ from: "46732000000", text: "Grüße 👋" });
	await simulator.settled();
	const secret = secretOf(simulator, "webhook");
	const sdk = new sinch.ConversationCallbackWebhooks(secret);
	const triggers = received.map(({ headers, body }) => {
		assert.ok(sdk.validateAuthenticationHeader(headers, body, "", "POST"));
		assert.ok(validateWebhookSignature(secret, headers, body));
		assert.ok(!validateWebhookSignature(secret, headers, `${body} `));
		assert.equal(verdictOf(simulator, { headers, body }), "ok");
		assert.equal(verdictOf(simulator, { headers, body: `${body} ` }), "mismatch");
		return sdk.parseEvent(body).trigger;
	});
	const expected = ["MESSAGE_DELIVERY", "MESSAGE_DELIVERY", "MESSAGE_DELIVERY", "MESSAGE_INBOUND"];
	assert.deepEqual(triggers.toSorted(), expected);
});

test("reports to a message's own callback URL are signed with another secret, which the connector refuses", async (context) => {
	const { simulator, received, webhookUrl } = await stand(context);
	await sendWithSdk(simulator, { callback_url: `${webhookUrl}?own` });
	await simulator.settled();
	assert.equal(received.length, 3);
	for (const callback of received) {
		assert.ok(validateWebhookSignature(simulator.callbackSecret, callback.headers, callback.body));
		assert.equal(verdictOf(simulator, callback), "mismatch");
	}
});
