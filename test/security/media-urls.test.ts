// Goal S7 for the addresses of files that contacts send: whatever a webhook, a redirect or a provider's answer names, no
// connection is opened but to the provider. Method: some 1,600 URLs × named by the webhook, by a redirect of the provider,
// and by its answer; and declared names that lead inside. Counted as in way-out.test.ts. Control: the provider's own file.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { StoredService } from "#connectors/contract.ts";
import { filledSettings } from "#connectors/kit/rules.ts";
import { connectorOf } from "#connectors/registry.ts";
import type { ServiceId } from "#domain/ids.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { askForFile } from "#gateway/media.ts";
import { type OpenService, openService } from "#gateway/open-service.ts";
import { tokenShelf } from "#gateway/tools.ts";
import { systemClock } from "#platform/clock.ts";
import { silentLog } from "#platform/log.ts";
import type { WayOut } from "#platform/safe-request.ts";
import { fileSettings } from "#test/file-scene.ts";
import { peer, wayOut } from "#test/peers.ts";
import { account, page } from "#test/service-stage.ts";
import { deniedUrls } from "./denied-targets.ts";
import { watchDials } from "./dials.ts";
import { sentinel, usualSentinels } from "./sentinel.ts";

const number = "106540352242922";
const entries: Readonly<Record<string, string>> = {
	twilio: account,
	facebook: page,
	whatsapp: number,
	telegram: "acme_support_bot",
	sinchconversation: "key1@APP1",
	wavy: "wa_parley_br",
};

function serviceOf(type: string, serviceConnection: string): OpenService {
	const connector = connectorOf(type);
	assert.ok(connector);
	const stored: StoredService = {
		id: "S".repeat(32) as ServiceId,
		serviceConnection,
		authenticationUrl: null,
		authenticationScope: null,
		settings: filledSettings(connector.config.form, {}),
		authentications: [{ authenticationId: entries[type] ?? "", secrets: ["8123456789:secret"] }],
	};
	const facts = { type, name: type, enabled: true, incomingMode: "enforce" as const, stoppedReason: null };
	const settings = commonSettings(stored.settings);
	return openService({ ...facts, isLocked: false, version: 1, settings, webhookUrl: "", stored }, connector);
}

function fetchFrom(service: OpenService, url: string, wayOutUsed: WayOut) {
	const claim = { messageId: "M", attempts: 1, attachment: { url } };
	const deps = { wayOut: wayOutUsed, clock: systemClock, tokens: tokenShelf(systemClock), log: silentLog };
	return askForFile(claim, service, { ...deps, limits: fileSettings.attachments });
}

/** The provider: its file at /file; elsewhere it sends on, or says, to whatever URL has that number. */
async function provider(t: TestContext, urls: readonly string[]) {
	return peer(t, (request, response) => {
		const turn = Number(/(?:\/|file_id=)(\d+)(?:\?|$)/.exec(request.url ?? "")?.[1]);
		const place = urls[turn] ?? "";
		if (request.url?.startsWith("/file") === true) {
			response.end("the file");
		} else if (/getFile|phone_number_id/.test(request.url ?? "")) {
			response.end(JSON.stringify({ url: place, result: { file_path: place } }));
		} else {
			response.writeHead(302, { location: encodeURI(place) }).end();
		}
	});
}

async function watched(t: TestContext, urls: readonly string[], address = "127.0.0.1") {
	const [own, usual, listed] = [await sentinel(t), await usualSentinels(t), await provider(t, urls)];
	const dials = watchDials(t);
	const way = wayOut(t, {
		outboundAllow: [`127.0.0.1:${listed.port}`],
		lookup: () => Promise.resolve([{ address, family: 4 }]),
	});
	return {
		way,
		dials,
		origin: `http://127.0.0.1:${listed.port}`,
		assertUntouched(what: string): void {
			assert.deepEqual(
				dials.seen.filter((dial) => dial !== `127.0.0.1 ${listed.port}`),
				[],
				what,
			);
			assert.deepEqual(
				[own, ...usual].filter(({ accepted }) => accepted > 0),
				[],
				what,
			);
		},
	};
}

for (const type of Object.keys(entries)) {
	test(`${type}: a webhook that names any of 1,600 addresses opens nothing; the provider's own file is had`, async (t) => {
		const own = await sentinel(t);
		const urls = deniedUrls(own.port);
		const { way, dials, origin, assertUntouched } = await watched(t, urls);
		const isAsked = type === "whatsapp" || type === "telegram"; // They ask the provider where it lies first.
		const control = await fetchFrom(serviceOf(type, origin), `${origin}/file`, way);
		assert.equal(control.kind, isAsked ? "retry" : "fetched", JSON.stringify(control));
		dials.forget();
		for (const url of urls) {
			const answer = await fetchFrom(serviceOf(type, origin), url, way);
			assert.notEqual(answer.kind, "fetched", JSON.stringify(url));
			assertUntouched(JSON.stringify(url));
		}
		assert.equal(own.accepted, 0);
		assert.deepEqual(dials.seen, [], "not even the provider is asked");
	});
}

for (const [type, ask] of [
	["twilio", (turn: number) => `/go/${turn}`],
	["facebook", (turn: number) => `/go/${turn}`],
	["whatsapp", (turn: number) => `/${turn}?phone_number_id=${number}`],
	["telegram", (turn: number) => `/go/getFile?file_id=${turn}`],
] as const) {
	test(`${type}: a provider that sends us to any of them is not followed`, async (t) => {
		const own = await sentinel(t);
		const urls = deniedUrls(own.port);
		const { way, origin, assertUntouched, dials } = await watched(t, urls);
		for (const turn of urls.keys()) {
			const answer = await fetchFrom(serviceOf(type, origin), `${origin}${ask(turn)}`, way);
			// "/" and the like lead to the provider itself.
			assert.ok(answer.kind !== "fetched" || dials.seen.length > 0, JSON.stringify(urls[turn]));
			assertUntouched(JSON.stringify(urls[turn]));
		}
		assert.ok(dials.seen.length > 0, "the provider was asked");
		assert.equal(own.accepted, 0);
	});
}

test("a declared host whose name leads inside is not reached", async (t) => {
	const { way, origin, assertUntouched } = await watched(t, ["https://lookaside.fbsbx.com/x"]);
	for (const [type, url] of [
		["twilio", "https://api.twilio.com/2010-04-01/Accounts/x"],
		["twilio", "https://mms.twiliocdn.com/x"],
		["facebook", "https://scontent.xx.fbcdn.net/x"],
		["whatsapp", `${origin}/0?phone_number_id=${number}`], // The provider is asked, and says lookaside.
	] as const) {
		const answer = await fetchFrom(serviceOf(type, origin), url, way);
		assert.equal(answer.kind, "failed", url);
		assertUntouched(url);
	}
});

const strangers = ["https://evil.example/1", "https://api.twilio.com.evil.example/1", "https://93.184.215.14/1"];

test("a stranger on the internet is dialled by nobody, whoever names it; a declared host is (control)", async (t) => {
	const { way, origin, assertUntouched, dials } = await watched(t, strangers, "93.184.215.14");
	await fetchFrom(serviceOf("facebook", origin), "https://scontent.xx.fbcdn.net/1", way);
	assert.deepEqual(dials.seen, ["93.184.215.14 443"]);
	dials.forget();
	for (const [turn, url] of strangers.entries()) {
		for (const type of Object.keys(entries)) {
			const service = serviceOf(type, origin);
			for (const named of [url, `${origin}/go/${turn}`, `${origin}/${turn}?phone_number_id=${number}`]) {
				await fetchFrom(service, named, way);
			}
			assertUntouched(`${type} ${url}`);
		}
	}
	assert.ok(dials.seen.length > 0, "the provider was asked");
});
