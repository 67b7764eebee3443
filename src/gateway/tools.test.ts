// Goal: whatever way a provider repeats a secret, the trace does not show it.

import assert from "node:assert/strict";
import test from "node:test";
import { connectorOf } from "#connectors/registry.ts";
import type { ServiceId } from "#domain/ids.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { systemClock } from "#platform/clock.ts";
import type { WayOut } from "#platform/safe-request.ts";
import { openService } from "./open-service.ts";
import { tokenShelf, toolsFor } from "./tools.ts";

const secret = `p&<"'> + s3cret`;

async function shownOf(body: string, url = "https://api.example/x?p=1"): Promise<string> {
	const connector = connectorOf("twilio");
	assert.ok(connector);
	const stored = {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: "https://api.example",
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: [{ authenticationId: `AC${"1".repeat(32)}`, secrets: [secret] }],
	};
	const facts = { type: "twilio", name: "t", enabled: true, incomingMode: "enforce", stoppedReason: null } as const;
	const service = openService(
		{ ...facts, isLocked: false, version: 1, stored, settings: commonSettings({}), webhookUrl: "" },
		connector,
	);
	const answered = { kind: "answered" as const, status: 400, headers: new Headers(), body: Buffer.from(body) };
	const wayOut: Pick<WayOut, "request"> = { request: () => Promise.resolve(answered) };
	const deps = { wayOut: wayOut as WayOut, clock: systemClock, tokens: tokenShelf(systemClock) };
	const { tools, exchange } = toolsFor(service, deps);
	await tools.http({ method: "GET", url, headers: {} });
	return JSON.stringify(exchange);
}

test("a secret in the path of an address is hidden however it is spelled, and the rest is shown", async () => {
	const spellings = [
		encodeURIComponent(secret),
		encodeURIComponent(secret).replaceAll(/%../g, (octet) => octet.toLowerCase()),
		encodeURI(secret),
		[...Buffer.from(secret)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
		encodeURIComponent(encodeURIComponent(secret)),
	];
	for (const spelling of spellings) {
		const shown = await shownOf("", `https://api.example/bot${spelling}/sendMessage?p=1`);
		assert.match(shown, /https:\/\/api\.example\/bot•••\/sendMessage"/, shown);
		assert.doesNotMatch(decodeURIComponent(decodeURIComponent(shown)), /s3cret/);
	}
	assert.match(await shownOf("", "https://api.example/a%20b/%E0%A4%A"), /"https:\/\/api\.example\/a%20b\/%E0%A4%A"/);
});

test("a secret is hidden in every spelling that a body has for it", async () => {
	const xml = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
	const spellings = [
		secret,
		JSON.stringify({ echo: secret }),
		JSON.stringify({ echo: JSON.stringify({ secret }) }),
		`p=${encodeURIComponent(secret)}`,
		`p=${encodeURIComponent(secret).replaceAll("%20", "+")}`,
		`p=${encodeURIComponent(secret).replaceAll(/%../g, (octet) => octet.toLowerCase())}`,
		`/p/${encodeURI(secret)}/x`,
		`<p>${xml}</p>`,
		`<p a="${xml.replaceAll('"', "&quot;")}"/>`,
		`<p a="${xml.replaceAll('"', "&quot;").replaceAll("'", "&apos;")}"/>`,
		`<p>${secret.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)}</p>`,
	];
	for (const body of spellings) {
		assert.doesNotMatch(await shownOf(body), /s3cret/, body);
	}
});
