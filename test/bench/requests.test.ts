// Goal: the bench loads with what a provider would send: each request unique, signed over its bytes, about 600 bytes long.
// Method: prepared requests are read as HTTP and judged by Parley's own Facebook connector.

import assert from "node:assert/strict";
import test from "node:test";
import { verify } from "#connectors/facebook/inbound.ts";
import { contactAddress, prepareRequests, type RequestPlan, type Target } from "#bench/requests.ts";
import { type Framed, framing } from "#bench/wire.ts";

const targets: [Target, ...Target[]] = [
	{ serviceId: "A".repeat(32), path: "/sms/facebook/A", pageId: "101", appSecret: "first" },
	{ serviceId: "B".repeat(32), path: "/sms/facebook/B", pageId: "102", appSecret: "second" },
];
const plan: RequestPlan = { kind: "webhook", host: "127.0.0.1:1", targets, token: "token", contacts: 3, series: "7" };

function taken(kind: RequestPlan["kind"], count: number, prepared = count): Framed[] {
	const requests = prepareRequests({ ...plan, kind }, prepared);
	const messages: Framed[] = [];
	const take = framing((message) => messages.push(message));
	for (let number = 0; number < count; number++) {
		take(requests.next());
	}
	assert.equal(messages.length, count);
	return messages;
}

function headerOf({ head }: Framed, name: string): string {
	return new RegExp(`^${name}: (.*)$`, "m").exec(head)?.[1]?.trim() ?? "";
}

test("webhooks are signed by the secret of the service they go to, and are unique", () => {
	const ids = taken("webhook", 9, 5).map((message, number) => {
		const target = targets[(number % 3) % 2] ?? targets[0];
		assert.ok(message.head.startsWith(`POST ${target.path} HTTP/1.1\r\n`));
		const headers = new Headers({ "x-hub-signature-256": headerOf(message, "x-hub-signature-256") });
		const raw = { method: "POST", url: "http://127.0.0.1:1", headers, body: message.body };
		const { appSecret, pageId } = target;
		const config = { serviceConnection: "", pages: [], verifyTokens: [], humanAgentTag: false };
		assert.deepEqual(verify(raw, { ...config, appSecrets: [appSecret] }), { ok: true });
		assert.equal(verify(raw, { ...config, appSecrets: ["other"] }).ok, false);
		const { entry } = JSON.parse(message.body.toString()) as {
			entry: [{ id: string; messaging: [{ sender: { id: string }; message: { mid: string } }] }];
		};
		assert.equal(entry[0].id, pageId);
		assert.equal(entry[0].messaging[0].sender.id, contactAddress(number % 3));
		assert.equal(message.body.length, 600);
		return entry[0].messaging[0].message.mid;
	});
	assert.equal(new Set(ids).size, 9);
});

test("an echo repeats what was prepared, in requests of the same size", () => {
	const messages = taken("echo", 5, 2);
	assert.deepEqual(messages[0]?.body, messages[4]?.body);
	assert.ok(messages.every(({ body, head }) => body.length === 600 && head.startsWith("POST /echo ")));
});

test("a message of ours names service, contact and token", () => {
	const [, second] = taken("send", 2);
	assert.ok(second !== undefined);
	assert.equal(headerOf(second, "authorization"), "Bearer token");
	const body = JSON.parse(second.body.toString()) as { service: string; to: string; text: string };
	assert.deepEqual([body.service, body.to], ["B".repeat(32), contactAddress(1)]);
});

test("what had to be made late is counted", () => {
	const requests = prepareRequests(plan, 2);
	for (let number = 0; number < 5; number++) {
		requests.next();
	}
	assert.equal(requests.late(), 3);
});
