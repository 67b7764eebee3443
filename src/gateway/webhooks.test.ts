// The doors over real storage and the real connectors, with signatures made here: what is let in, what is refused with
// which status, what is sealed, and what a person can release.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test, { type TestContext } from "node:test";
import type { FastifyInstance } from "fastify";
import type { AuthenticationEntryId, ServiceId } from "#domain/ids.ts";
import { buildHttpServer } from "#platform/http-server.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import { secretBox } from "#platform/secret-box.ts";
import { insertService, type IncomingMode, updateService, findService } from "#storage/services.ts";
import { sealSecret } from "#storage/service-secrets.ts";
import { localSignals } from "#storage/signals.ts";
import { wish } from "#storage/quarantine.ts";
import { seededRandom, testClock, type TestClock } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { idsFrom } from "#platform/ids.ts";
import type { Storage } from "#storage/storage.ts";
import { startGateway } from "./start.ts";

const publicBaseUrl = "https://parley.example";

type Doors = {
	app: FastifyInstance;
	storage: Storage;
	clock: TestClock;
	add(
		type: string,
		entries: Record<string, string>,
		over?: { mode?: IncomingMode; enabled?: boolean },
	): Promise<string>;
	changeSecret(serviceId: string, authenticationId: string, secret: string): Promise<void>;
	post(
		path: string,
		body: string,
		headers: Record<string, string>,
	): Promise<{ status: number; body: string; headers: Record<string, unknown> }>;
	count(table: "messages" | "quarantine" | "inbox" | "security_events"): Promise<number>;
};

async function openDoors(
	t: TestContext,
	options: { localHttp?: boolean; quarantineRows?: number } = {},
): Promise<Doors> {
	const storage = await openTemporarySqlite(t);
	const clock = testClock();
	const random = seededRandom(3);
	const ids = idsFrom(clock, random);
	const box = secretBox(new Map([["d1", new Uint8Array(32).fill(1)]]), "d1", random);
	const app = buildHttpServer({ log: silentLog, trustedProxies: [], bodyLimitBytes: 2_097_152, ids, clock });
	const tools = { box, fingerprint: () => "0000" };
	let boxVersion = 0;
	const gateway = await startGateway(app, {
		storage,
		signals: localSignals(),
		clock,
		random,
		ids,
		log: silentLog,
		metrics: openMetrics(),
		wayOut: { request: () => Promise.resolve({ kind: "notSent", why: "refused" }), close: () => Promise.resolve() },
		box: () => box,
		boxVersion: () => String(boxVersion),
		identity: {
			checkHttpUser: (authorization) =>
				Promise.resolve(
					authorization === undefined || authorization === "Basic wrong"
						? { ok: false, status: 401, challenge: 'Basic realm="Parley"' }
						: authorization === "Basic no-right"
							? { ok: false, status: 403, challenge: undefined }
							: { ok: true, userId: "U" },
				),
		},
		settings: {
			publicBaseUrl,
			basePath: "",
			bodyBytesMax: 2_097_152,
			useLocalHttpAuthentication: options.localHttp ?? true,
			retry: { baseMs: 1000, capMs: 1000 },
			lease: { ms: 20_000 },
			breaker: { failures: 10, probeMs: 30_000 },
			quarantine: { rowsMax: options.quarantineRows ?? 100, bytesMax: 1_000_000 },
		},
	});
	t.after(async () => {
		await app.close();
		const stopping = gateway.stop();
		clock.advance(60_000);
		await stopping;
	});
	const entriesOf = (connection: string, entries: Record<string, string>) =>
		Object.entries(entries).map(([authenticationId, secret]) => {
			const incoming = authenticationId === "webhook" || authenticationId === "verify";
			const entry = {
				id: ids.next<AuthenticationEntryId>(),
				direction: incoming ? ("incoming" as const) : ("both" as const),
			};
			const bound = { serviceConnection: connection, authenticationUrl: null };
			return {
				...entry,
				authenticationId,
				secret: sealSecret(tools, entry, secret, bound),
				previous: null,
				changedAt: clock.now(),
			};
		});
	const connections: Record<string, string> = {
		facebook: "https://graph.example/v25.0",
		twilio: "https://api.twilio.example",
		sinchconversation: "https://eu.conversation.example/v1/projects/p1/messages:send",
	};
	return {
		app,
		storage,
		clock,
		async add(type, entries, over = {}) {
			const id = ids.next<ServiceId>();
			const serviceConnection = connections[type] ?? "";
			const fields = {
				name: id,
				enabled: over.enabled ?? true,
				serviceConnection,
				authenticationUrl: null,
				authenticationScope: null,
			};
			const authentications = entriesOf(serviceConnection, entries);
			const service = {
				id,
				type,
				...fields,
				incomingMode: over.mode ?? ("enforce" as const),
				settings: {},
				authentications,
			};
			await storage.write((tx) => insertService(tx, service, clock.now()));
			boxVersion += 1;
			return id;
		},
		async changeSecret(serviceId, authenticationId, secret) {
			const service = await findService(storage.db, serviceId);
			assert.ok(service);
			const rest = service.authentications.filter((entry) => entry.authenticationId !== authenticationId);
			const authentications = [...rest, ...entriesOf(service.serviceConnection, { [authenticationId]: secret })];
			await storage.write((tx) => updateService(tx, { ...service, authentications }, clock.now()));
		},
		async post(path, body, headers) {
			const answer = await app.inject({ method: "POST", url: path, payload: body, headers });
			return { status: answer.statusCode, body: answer.body, headers: answer.headers };
		},
		async count(table) {
			const row = await storage.db
				.selectFrom(table)
				.select((eb) => eb.fn.countAll<number>().as("n"))
				.executeTakeFirstOrThrow();
			return Number(row.n);
		},
	};
}

function facebookBody(pages: Record<string, string>): string {
	const entry = Object.entries(pages).map(([page, mid]) => ({
		id: page,
		time: 1_767_355_200_000,
		messaging: [
			{ sender: { id: "u1" }, recipient: { id: page }, timestamp: 1_767_355_200_000, message: { mid, text: "hi" } },
		],
	}));
	return JSON.stringify({ object: "page", entry });
}

function metaSigned(secret: string, body: string): Record<string, string> {
	const signature = createHmac("sha256", secret).update(body).digest("hex");
	return { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` };
}

function sinchSigned(secret: string, body: string, at: Date, nonce = "n1"): Record<string, string> {
	const timestamp = String(Math.floor(at.getTime() / 1000));
	const signature = createHmac("sha256", secret).update(`${body}.${nonce}.${timestamp}`).digest("base64");
	return {
		"content-type": "application/json",
		"x-sinch-webhook-signature": signature,
		"x-sinch-webhook-signature-nonce": nonce,
		"x-sinch-webhook-signature-timestamp": timestamp,
		"x-sinch-webhook-signature-algorithm": "HmacSHA256",
	};
}

function sinchBody(id: string, appId = "APP1"): string {
	return JSON.stringify({
		app_id: appId,
		project_id: "p1",
		accepted_time: "2026-01-02T12:00:00Z",
		message: {
			id,
			direction: "TO_APP",
			contact_message: { text_message: { text: "hi" } },
			channel_identity: { channel: "WHATSAPP", identity: "491701234567", app_id: "" },
			accept_time: "2026-01-02T12:00:00Z",
		},
	});
}

test("a signed message is stored before it is acknowledged; repeated, it is a 200 without effect", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token", webhook: "app-secret" });
	const body = facebookBody({ "111": "m_1" });
	for (let times = 0; times < 3; times++) {
		assert.equal((await doors.post(`/sms/facebook/${id}`, body, metaSigned("app-secret", body))).status, 200);
		assert.equal(await doors.count("messages"), 1);
	}
	const row = await doors.storage.db
		.selectFrom("inbound_requests")
		.select(["body", "url", "verdict"])
		.executeTakeFirstOrThrow();
	assert.equal(Buffer.from(row.body).toString(), body);
	assert.equal(row.url, `${publicBaseUrl}/sms/facebook/${id}`);
});

test("a wrong signature is 401, sealed, and never shown; a missing one is 401 and not worth keeping", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token", webhook: "app-secret" });
	const body = facebookBody({ "111": "m_1" });
	assert.equal((await doors.post(`/sms/facebook/${id}`, body, metaSigned("wrong", body))).status, 401);
	assert.equal((await doors.post(`/sms/facebook/${id}`, body, { "content-type": "application/json" })).status, 401);
	assert.deepEqual(
		[await doors.count("messages"), await doors.count("inbox"), await doors.count("quarantine")],
		[0, 0, 1],
	);
	const row = await doors.storage.db.selectFrom("quarantine").select(["sealed", "reason"]).executeTakeFirstOrThrow();
	assert.equal(Buffer.from(row.sealed).includes("m_1"), false, "sealed means sealed");
	assert.equal(row.reason, "signature_mismatch");
});

test("a service without a webhook secret is a closed door", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token" });
	const body = facebookBody({ "111": "m_1" });
	assert.equal((await doors.post(`/sms/facebook/${id}`, body, metaSigned("", body))).status, 401);
	assert.equal(await doors.count("messages"), 0);
});

test("in observe and warn the provider hears a yes, the request stays sealed; a full quarantine says later", async (t) => {
	for (const mode of ["observe", "warn"] as const) {
		const doors = await openDoors(t, { quarantineRows: 1 });
		const id = await doors.add("facebook", { "111": "page-token", webhook: "app-secret" }, { mode });
		const body = facebookBody({ "111": "m_1" });
		assert.equal((await doors.post(`/sms/facebook/${id}`, body, metaSigned("wrong", body))).status, 200);
		assert.equal((await doors.post(`/sms/facebook/${id}`, body, metaSigned("wrong", body))).status, 503);
		assert.deepEqual([await doors.count("messages"), await doors.count("quarantine")], [0, 1]);
	}
});

test("after the secret is mended, what was genuine is released in order and what was forged stays", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token", webhook: "typo" }, { mode: "observe" });
	const bodies = ["m_1", "m_2", "m_3"].map((mid) => facebookBody({ "111": mid }));
	for (const [index, body] of bodies.entries()) {
		const secret = index === 1 ? "forger" : "app-secret";
		await doors.post(`/sms/facebook/${id}`, body, metaSigned(secret, body));
		doors.clock.advance(5);
	}
	await doors.changeSecret(id, "webhook", "app-secret");
	await doors.storage.write((tx) => wish(tx, { serviceId: id }, "release"));
	for (let rounds = 0; rounds < 50 && (await doors.count("quarantine")) > 1; rounds++) {
		doors.clock.advance(1000);
		await new Promise((resolve) => setImmediate(resolve));
	}
	const messages = await doors.storage.db.selectFrom("messages").select("remote_id").orderBy("id").execute();
	assert.deepEqual(
		messages.map(({ remote_id }) => remote_id),
		["m_1", "m_3"],
	);
	assert.equal(await doors.count("quarantine"), 1);
});

test("a batch is routed item by item; a page of another service is refused alone and sealed in company", async (t) => {
	const doors = await openDoors(t);
	const one = await doors.add("facebook", { "111": "page-token", webhook: "app-secret" });
	await doors.add("facebook", { "222": "page-token", webhook: "app-secret" });
	const foreign = facebookBody({ "222": "m_9" });
	assert.equal((await doors.post(`/sms/facebook/${one}`, foreign, metaSigned("app-secret", foreign))).status, 403);
	assert.equal(await doors.count("messages"), 0);
	const both = facebookBody({ "111": "m_1", "222": "m_2" });
	assert.equal((await doors.post("/sms/facebook/all", both, metaSigned("app-secret", both))).status, 200);
	const messages = await doors.storage.db
		.selectFrom("messages")
		.select(["remote_id", "our_address"])
		.orderBy("our_address")
		.execute();
	assert.deepEqual(
		messages.map((row) => [row.remote_id, row.our_address]),
		[
			["m_1", "111"],
			["m_2", "222"],
		],
	);
	const nobody = facebookBody({ "999": "m_1" });
	assert.equal((await doors.post("/sms/facebook/all", nobody, metaSigned("app-secret", nobody))).status, 422);
});

test("the handshake answers the challenge to the right token only", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token", verify: "my-token" });
	const ask = (path: string, token: string) =>
		doors.app.inject({
			method: "GET",
			url: `${path}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}`,
		});
	const right = await ask(`/sms/facebook/${id}`, "my-token");
	assert.deepEqual(
		[right.statusCode, right.body, right.headers["content-type"]?.toString().startsWith("text/plain")],
		[200, "1158201444", true],
	);
	assert.equal((await ask(`/sms/facebook/${id}`, "other")).statusCode, 403);
	assert.equal((await ask("/sms/facebook/all", "my-token")).statusCode, 200);
});

test("a timestamp outside the window is ours to mend: 503, nothing stored; a nonce brings nothing new in twice", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("sinchconversation", { "key@APP1": "key-secret", webhook: "hook" });
	const body = sinchBody("M1");
	const at = (seconds: number) => new Date(doors.clock.now().getTime() + seconds * 1000);
	const late = await doors.post(`/sms/sinchconversation/${id}`, body, sinchSigned("hook", body, at(-301)));
	assert.deepEqual([late.status, late.headers["retry-after"] !== undefined], [503, true]);
	assert.equal(await doors.count("messages"), 0);
	assert.equal(
		(await doors.post(`/sms/sinchconversation/${id}`, body, sinchSigned("hook", body, at(-299)))).status,
		200,
	);
	assert.equal(
		(await doors.post(`/sms/sinchconversation/${id}`, body, sinchSigned("hook", body, at(-299)))).status,
		200,
	);
	const other = sinchBody("M2");
	assert.equal(
		(await doors.post(`/sms/sinchconversation/${id}`, other, sinchSigned("hook", other, at(0)))).status,
		401,
	);
	assert.equal(await doors.count("messages"), 1);
});

test("two secrets are valid during a rotation, and what is verified but unreadable is parked and acknowledged", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("sinchconversation", { "key@APP1": "key-secret", webhook: "hook" });
	const odd = '{"app_id":"APP1","message":{"id":17}}';
	assert.equal(
		(await doors.post(`/sms/sinchconversation/${id}`, odd, sinchSigned("hook", odd, doors.clock.now()))).status,
		200,
	);
	const parked = await doors.storage.db.selectFrom("inbox").select(["state", "reason"]).execute();
	assert.deepEqual(
		parked.map(({ state }) => state),
		["parked"],
	);
	const text = "not json at all";
	assert.equal(
		(await doors.post(`/sms/sinchconversation/${id}`, text, sinchSigned("hook", text, doors.clock.now(), "n2"))).status,
		200,
	);
	assert.equal(await doors.count("inbox"), 2);
});

test("local HTTP authentication: 401 with a challenge, 403 without the right, and off means the signature alone", async (t) => {
	const doors = await openDoors(t);
	const account = `AC${"3".repeat(32)}`;
	const id = await doors.add("twilio", { [account]: "12345" });
	const form = new URLSearchParams({
		MessageSid: `SM${"1".repeat(32)}`,
		AccountSid: account,
		From: "+15550100002",
		To: "+15550100001",
		Body: "Hi",
		NumMedia: "0",
	});
	const signed = [...form]
		.toSorted(([a], [b]) => (a < b ? -1 : 1))
		.map(([key, value]) => key + value)
		.join("");
	const signature = createHmac("sha1", "12345").update(`${publicBaseUrl}/sms/twilio/${id}${signed}`).digest("base64");
	const headers = { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature };
	const body = form.toString();
	const first = await doors.post(`/sms/twilio/${id}`, body, headers);
	assert.deepEqual([first.status, first.headers["www-authenticate"]], [401, 'Basic realm="Parley"']);
	assert.equal(await doors.count("quarantine"), 0, "the first, unauthenticated try is not worth keeping");
	assert.equal((await doors.post(`/sms/twilio/${id}`, body, { ...headers, authorization: "Basic wrong" })).status, 401);
	assert.equal(
		(await doors.post(`/sms/twilio/${id}`, body, { ...headers, authorization: "Basic no-right" })).status,
		403,
	);
	const right = await doors.post(`/sms/twilio/${id}`, body, { ...headers, authorization: "Basic right" });
	assert.equal(right.status, 200, right.body);
	const kept = await doors.storage.db.selectFrom("inbound_requests").select("headers").executeTakeFirstOrThrow();
	assert.equal(kept.headers.includes("right"), false, "credentials are not stored with the request");
	await doors.storage.db
		.insertInto("installation")
		.values([
			{ name: "smsServer.useLocalHttpAuthentication", value: "false" },
			{ name: "smsServer.version", value: "1" },
		])
		.execute();
	doors.clock.advance(1000);
	await new Promise((resolve) => setTimeout(resolve, 50));
	assert.equal((await doors.post(`/sms/twilio/${id}`, body, headers)).status, 200);
});

test("unknown, wrong type, paused, too large", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token", webhook: "app-secret" }, { enabled: false });
	const body = facebookBody({ "111": "m_1" });
	const signed = metaSigned("app-secret", body);
	assert.equal((await doors.post(`/sms/facebook/${"0".repeat(32)}`, body, signed)).status, 422);
	assert.equal((await doors.post(`/sms/twilio/${id}`, body, signed)).status, 422);
	assert.equal((await doors.post("/sms/nosuch/all", body, signed)).status, 422);
	assert.equal((await doors.post(`/sms/facebook/${id}`, body, signed)).status, 503);
	const large = "x".repeat(2_097_153);
	assert.equal((await doors.post(`/sms/facebook/${id}`, large, metaSigned("app-secret", large))).status, 413);
	assert.equal(await doors.count("messages"), 0);
});
