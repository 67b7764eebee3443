// Goal: the providers' own SDKs agree with the running server: what they sign it accepts, what they would refuse it
// refuses, and what the simulators sign for it they accept too.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import test from "node:test";

import twilio from "twilio";
import { systemClock } from "#platform/clock.ts";
import { simulators } from "#simulators/simulators.ts";
import { seededRandom } from "#test/scene.ts";
import { conversation } from "#test/sinch-sdk.ts";
import { configure, messages, startParley, until } from "#test/parley.ts";

test("a webhook signed by Twilio's SDK is accepted by the running server, a changed one is not", async (t) => {
	const api = await startParley(t, { argv: ["--use-local-http-authentication", "false"] });
	const accountSid = `AC${"3".repeat(32)}`;
	const authToken = "0123456789abcdef0123456789abcdef";
	const service = await api.call<{ id: string; webhookUrl: string }>("POST", "/RI/rci/messagingServices", {
		type: "twilio",
		name: "Twilio",
		serviceConnection: "https://api.twilio.com",
		authentications: [{ authenticationId: accountSid, password: authToken }],
	});
	const fields = {
		MessageSid: `SM${"1".repeat(32)}`,
		AccountSid: accountSid,
		From: "+15550100002",
		To: "+15550100001",
		Body: "Olá + 1 & 2 = 3? 👍",
		NumMedia: "0",
	};
	const signature = twilio.getExpectedTwilioSignature(authToken, service.webhookUrl, fields);
	const post = (body: Record<string, string>) =>
		fetch(service.webhookUrl, {
			method: "POST",
			headers: { "x-twilio-signature": signature },
			body: new URLSearchParams(body),
		});
	assert.equal((await post({ ...fields, Body: "another text" })).status, 401);
	assert.equal((await post(fields)).status, 200);
	const [shown] = await until(async () => {
		const found = await messages(api, `service=${service.id}&state=matched`);
		return found.length > 0 ? found : undefined;
	}, "the message is matched");
	assert.equal(shown?.text, fields.Body);
});

test("what the Conversation API simulator signs for the running server, Sinch's SDK accepts as well", async (t) => {
	const api = await startParley(t);
	const start = simulators["sinchconversation"];
	assert.ok(start);
	const simulator = await start({ clock: systemClock, random: seededRandom(5) });
	t.after(() => simulator.close());
	await configure(api, simulator);
	const secret = simulator.account.authentications.find(
		({ authenticationId }) => authenticationId === "webhook",
	)?.password;
	assert.ok(secret);
	assert.equal((await simulator.contactWrites({ from: "+4915112345678", text: "Grüße 👋" })).status, 200);

	// The same simulator, pointed at a listener that asks the SDK.
	const verdicts: boolean[] = [];
	const listener = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const body = Buffer.concat(chunks).toString();
			verdicts.push(
				new conversation.ConversationCallbackWebhooks(secret).validateAuthenticationHeader(
					request.headers,
					body,
					"",
					"POST",
				),
			);
			response.end();
		});
	});
	await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
	t.after(() => listener.close());
	const address = listener.address();
	assert.ok(typeof address === "object" && address !== null);
	simulator.pointAt(`http://127.0.0.1:${address.port}/`);
	await simulator.contactWrites({ from: "+4915112345678", text: "for the SDK" });
	assert.deepEqual(verdicts, [true]);
});
