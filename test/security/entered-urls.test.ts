// Goal S7 at the places where people enter URLs: Service Connection and Authentication URL. Method: each of some 1,600
// URLs is saved by REST (nothing may be opened or looked up for that), stands in a stored service of every type that then
// sends and looks up, is where a line is to be opened, and a choice of them goes the whole way through a running server: saved, sent, seen in the answers.
// Counted as in way-out.test.ts. Control: the same services reach a target that is listed.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { Outcome, StoredService } from "#connectors/contract.ts";
import { filledSettings } from "#connectors/kit/rules.ts";
import { connectorOf } from "#connectors/registry.ts";
import type { ServiceId } from "#domain/ids.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { type OpenService, openService } from "#gateway/open-service.ts";
import { tokenShelf, toolsFor } from "#gateway/tools.ts";
import { systemClock } from "#platform/clock.ts";
import { openLineOut } from "#platform/safe-line.ts";
import type { WayOut } from "#platform/safe-request.ts";
import { type MessageObject, until } from "#test/parley.ts";
import { peer, wayOut } from "#test/peers.ts";
import { account, base, openServiceStage, page } from "#test/service-stage.ts";
import { messageFor } from "../fault/scripted-provider.ts";
import { deniedUrls } from "./denied-targets.ts";
import { watchDials } from "./dials.ts";
import { type OwnParley, serveHere } from "./own-parley.ts";
import { sentinel, usualSentinels } from "./sentinel.ts";

type Sink = { says: string; type: string; place(url: string, listed: string): Partial<StoredService> };

const sinchPath = "/v1/projects/p1/messages:send";
const credentials: Readonly<Record<string, StoredService["authentications"]>> = {
	twilio: [{ authenticationId: account, secrets: ["secret"] }],
	facebook: [{ authenticationId: page, secrets: ["secret"] }],
	whatsapp: [{ authenticationId: "106540352242922", secrets: ["secret"] }],
	sinchconversation: [{ authenticationId: "key1@APP1", secrets: ["secret"] }],
	c4semail: [{ authenticationId: "_PARLEY", secrets: ["secret"] }],
	telegram: [{ authenticationId: "acme_support_bot", secrets: ["secret"] }],
};
const sinks: readonly Sink[] = [
	{ says: "Service Connection", type: "twilio", place: (url) => ({ serviceConnection: url }) },
	{ says: "Service Connection", type: "facebook", place: (url) => ({ serviceConnection: url }) },
	{
		says: "Service Connection",
		type: "c4semail",
		place: (url) => ({ serviceConnection: url, settings: { replyMode: "odata" } }),
	},
	{ says: "Service Connection", type: "telegram", place: (url) => ({ serviceConnection: url }) },
	{ says: "Service Connection", type: "whatsapp", place: (url) => ({ serviceConnection: url }) },
	{
		says: "Service Connection",
		type: "sinchconversation",
		// The type sends nothing without a project's path, wherever that leads.
		place: (url, listed) => ({ serviceConnection: `${url.replace(/\/$/, "")}${sinchPath}`, authenticationUrl: listed }),
	},
	{
		says: "Authentication URL",
		type: "sinchconversation",
		place: (url, listed) => ({ serviceConnection: `${listed}${sinchPath}`, authenticationUrl: url }),
	},
];

function serviceWith({ type, place }: Sink, url: string, listed: string): OpenService {
	const connector = connectorOf(type);
	assert.ok(connector);
	const stored: StoredService = {
		id: "S".repeat(32) as ServiceId,
		serviceConnection: listed,
		authenticationUrl: null,
		authenticationScope: null,
		settings: filledSettings(connector.config.form, {}),
		authentications: credentials[type] ?? [],
		...place(url, listed),
	};
	const facts = { type, name: type, enabled: true, incomingMode: "enforce" as const, stoppedReason: null };
	const more = {
		isLocked: false,
		version: 1,
		settings: commonSettings(stored.settings),
		webhookUrl: "https://parley.example/sms",
	};
	return openService({ ...facts, ...more, stored }, connector);
}

/** One send and one look-up, as the gateway does them. */
async function useOf(service: OpenService, way: WayOut): Promise<readonly Outcome[]> {
	const { tools } = toolsFor(service, { wayOut: way, clock: systemClock, tokens: tokenShelf(systemClock) });
	const message = messageFor(service, systemClock.now());
	const sent = await service.send(message, tools);
	const found = await service.lookup?.(message, systemClock.now(), tools);
	return found === undefined ? [sent] : [sent, found];
}

/** A target that is listed: gives tokens, takes messages. */
async function listedTarget(t: TestContext) {
	return peer(t, (request, response) => {
		const isToken = request.headers["content-type"] === "application/x-www-form-urlencoded";
		const token = { access_token: "token", expires_in: 3600 };
		const ids = { message_id: "m1", recipient_id: "u1", messages: [{ id: "wamid.1" }] };
		const bot = { ok: true, result: { message_id: 1, chat: { id: 7_010_000_001 } } };
		const email = { d: { results: { ObjectID: "0".repeat(32) } } };
		const taken = { sid: `SM${"0".repeat(32)}`, status: "queued", ...ids, ...bot, ...email };
		const isGet = request.method === "GET";
		response.writeHead(200, { "content-type": "application/json" });
		response.end(JSON.stringify(isGet ? { messages: [] } : isToken && request.url === "/" ? token : taken));
	});
}

for (const sink of sinks) {
	test(`${sink.type}, ${sink.says}: a stored service never sends or asks there`, async (t) => {
		const [own, usual] = [await sentinel(t), await usualSentinels(t)];
		const listed = await listedTarget(t);
		const dials = watchDials(t);
		const lookup = () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
		const way = wayOut(t, { outboundAllow: [`127.0.0.1:${listed.port}`], lookup });
		const origin = `http://127.0.0.1:${listed.port}`;

		const control = await useOf(serviceWith(sink, origin, origin), way);
		assert.ok(listed.connections > 0 && control[0]?.kind === "accepted", JSON.stringify(control));
		dials.forget();

		const kinds = new Map<string, number>();
		for (const url of deniedUrls(own.port)) {
			for (const outcome of await useOf(serviceWith(sink, url, origin), way)) {
				assert.ok(outcome.kind !== "accepted" || isDefault(sink, url), JSON.stringify(url));
				kinds.set(outcome.kind, (kinds.get(outcome.kind) ?? 0) + 1);
			}
			const elsewhere = dials.seen.filter((dial) => dial !== `127.0.0.1 ${listed.port}`);
			assert.deepEqual(elsewhere, [], JSON.stringify(url));
		}
		t.diagnostic(JSON.stringify(Object.fromEntries(kinds)));
		assert.deepEqual(
			[own, ...usual].map(({ accepted }) => accepted).filter((accepted) => accepted > 0),
			[],
		);
	});
}

/** An empty Authentication URL means the type's own, which no test dials. */
function isDefault({ says }: Sink, url: string): boolean {
	return says === "Authentication URL" && url === "";
}

test("a line is never opened there, in whatever scheme", async (t) => {
	const [own, usual] = [await sentinel(t), await usualSentinels(t)];
	const listed = await listedTarget(t);
	const dials = watchDials(t);
	const lookup = () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
	const outboundAllow = [`127.0.0.1:${listed.port}`];
	const out = openLineOut({ outboundAllow, lookup, connectTimeoutMs: 5000, answerTimeoutMs: 5000 });

	const control = await out.open(`smpp://127.0.0.1:${listed.port}`);
	assert.ok(control.ok, JSON.stringify(control));
	control.socket.destroy();
	dials.forget();

	const reasons = new Map<string, number>();
	for (const url of deniedUrls(own.port)) {
		for (const entered of [url, url.replace(/^https?:/i, "smpps:"), url.replace(/^https?:/i, "smpp:")]) {
			if (isPublicLine(entered)) {
				continue;
			}
			const opening = await out.open(entered);
			const why = opening.ok ? "open" : opening.why;
			reasons.set(why, (reasons.get(why) ?? 0) + 1);
			assert.equal(opening.ok, false, JSON.stringify(entered));
			assert.deepEqual(dials.seen, [], JSON.stringify(entered));
		}
	}
	t.diagnostic(JSON.stringify(Object.fromEntries(reasons)));
	assert.deepEqual(
		[own, ...usual].map(({ accepted }) => accepted).filter((accepted) => accepted > 0),
		[],
	);
});

/** Denied to requests for its port alone, and lines have ports of their own. */
const isPublicLine = (url: string): boolean => url === "smpps://93.184.215.14:5432/";

test("saving a URL by REST opens and looks up nothing; the answer is the same whether somebody listens there", async (t) => {
	const [own, usual] = [await sentinel(t), await usualSentinels(t)];
	const stage = await openServiceStage(t);
	const dials = watchDials(t);
	const statuses = new Map<number, number>();
	const urls = deniedUrls(own.port).filter((_, index) => index % 3 === 0);
	assert.ok(urls.length >= 500);
	for (const [index, url] of urls.entries()) {
		const other = { serviceConnection: `https://eu.conversation.api.sinch.com${sinchPath}`, authenticationUrl: url };
		const body = { type: index % 2 === 0 ? "twilio" : "sinchconversation", name: `Service ${index}` };
		const fields = index % 2 === 0 ? { serviceConnection: url } : other;
		const answer = await stage.call("POST", base, { body: { ...body, ...fields } });
		statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
		assert.ok([201, 400, 422].includes(answer.status), `${answer.status} ${JSON.stringify(url)} ${answer.text}`);
		assert.deepEqual(dials.seen, [], JSON.stringify(url));
	}
	t.diagnostic(JSON.stringify(Object.fromEntries(statuses)));
	assert.deepEqual(
		[own, ...usual].map(({ accepted }) => accepted).filter((accepted) => accepted > 0),
		[],
	);
});

async function sendThrough(api: OwnParley, service: object): Promise<{ message: MessageObject; trace: unknown }> {
	const { id } = await api.call<{ id: string }>("POST", "/RI/rci/messagingServices", service);
	const body = { service: id, from: "+15550100001", to: "+15550100002", text: "hello" };
	const { id: messageId } = await api.call<MessageObject>("POST", "/RI/cmi/messages", body);
	const message = await until(async () => {
		const found = await api.call<MessageObject>("GET", `/RI/cmi/messages/${messageId}`);
		return found.error !== null || found.state === "sent" ? found : undefined;
	}, "the attempt is over");
	return { message, trace: await api.call("GET", `/RI/cmi/messages/${messageId}/trace`) };
}

test("through a running server: an allowed target is reached, a denied one is not, and the error tells nothing of it", async (t) => {
	const own = await sentinel(t);
	const listed = await listedTarget(t);
	const api = await serveHere(t, { allow: [`127.0.0.1:${listed.port}`] });
	const dials = watchDials(t);
	const twilio = (name: string, serviceConnection: string) => ({
		type: "twilio",
		name,
		serviceConnection,
		authentications: [{ authenticationId: account, password: "secret" }],
	});
	const { message } = await sendThrough(api, twilio("listed", `http://127.0.0.1:${listed.port}`));
	assert.equal(message.state, "sent", JSON.stringify(message));
	assert.equal(listed.connections, 1);
	dials.forget();
	const urls = [
		`http://127.0.0.1:${own.port}`,
		`http://127.0.0.2:${own.port}`,
		`http://localhost:${own.port}`,
		`http://127.0.0.1:1`,
		"https://[::ffff:127.0.0.1]",
		"https://169.254.169.254",
		"https://[fd00::1]",
		"https://10.0.0.1",
	];
	const stuck = await Promise.all(urls.map((url) => sendThrough(api, twilio(url, url))));
	const said = new Set(stuck.map((one) => JSON.stringify(one.message.error)));
	assert.equal(said.size, 1, [...said].join("\n"));
	assert.ok(!JSON.stringify(stuck.map(({ trace }) => trace)).includes("answered"));
	const elsewhere = dials.seen.filter((dial) => !dial.endsWith(new URL(api.origin).port));
	assert.deepEqual(elsewhere, []);
	assert.equal(own.accepted, 0);
});
