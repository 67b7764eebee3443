// Goal: an administrator sees the request that the templates make, once for each change, and no secret with it.

import assert from "node:assert/strict";
import test from "node:test";
import { connectorOf } from "#connectors/registry.ts";
import type { Connector } from "#connectors/contract.ts";
import type { ServiceId } from "#domain/ids.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { openLog } from "#platform/log.ts";
import { exampleTeller } from "./example-teller.ts";
import { openService } from "./open-service.ts";

function serviceOf(type: string, body: string) {
	const connector = connectorOf(type);
	assert.ok(connector);
	const drawn: Connector<unknown> = {
		...connector,
		example: (_config, webhookUrl) => ({
			method: "POST",
			url: "https://sms.example/send",
			headers: {},
			body: body + webhookUrl,
		}),
	};
	const stored = {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: "https://sms.example/send",
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: [],
	};
	const facts = {
		type,
		name: type,
		enabled: true,
		incomingMode: "enforce",
		stoppedReason: null,
		isLocked: false,
		version: 1,
	} as const;
	return openService({ ...facts, stored, settings: commonSettings({}), webhookUrl: "https://p.example/1" }, drawn);
}

test("an example is told once, and again when it is another one", () => {
	const lines: string[] = [];
	const tell = exampleTeller(openLog({ level: "info", write: (line) => lines.push(line) }));
	tell([serviceOf("twilio", "one ")]);
	tell([serviceOf("twilio", "one ")]);
	tell([serviceOf("twilio", "two ")]);
	const examples = lines.map((line) => (JSON.parse(line) as { example: string }).example);
	assert.deepEqual(examples, [
		"POST https://sms.example/send\n\none https://p.example/1",
		"POST https://sms.example/send\n\ntwo https://p.example/1",
	]);
});

test("the connector never gets a secret for its example", () => {
	const connector = connectorOf("twilio");
	assert.ok(connector);
	let seen: unknown;
	const drawn: Connector<unknown> = { ...connector, example: (config) => void (seen = config) };
	const base = serviceOf("twilio", "");
	const authentications = [{ authenticationId: `AC${"1".repeat(32)}`, secrets: ["very-secret", "old-secret"] }];
	openService({ ...base, stored: { ...base.stored, authentications } }, drawn).example();
	assert.ok(JSON.stringify(seen).includes("***"));
	assert.doesNotMatch(JSON.stringify(seen), /very-secret|old-secret/);
});
