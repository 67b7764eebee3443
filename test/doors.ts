// The SMS Server's doors for tests: real storage and connectors, an HTTP user check that knows three passwords, and
// requests signed here, independently of the connectors.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { TestContext } from "node:test";
import type { FastifyInstance } from "fastify";
import type { AuthenticationEntryId, ServiceId } from "#domain/ids.ts";
import { buildHttpServer } from "#platform/http-server.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import { secretBox } from "#platform/secret-box.ts";
import { insertService, type IncomingMode, updateService, findService } from "#storage/services.ts";
import { sealSecret } from "#storage/service-secrets.ts";
import { localSignals } from "#storage/signals.ts";
import { fileSettings, testMac } from "./file-scene.ts";
import { seededRandom, testClock, type TestClock } from "./scene.ts";
import { openTemporarySqlite } from "./storage-on-both.ts";
import { idsFrom } from "#platform/ids.ts";
import type { Storage } from "#storage/storage.ts";
import type { DoorDeps } from "#gateway/doors.ts";
import { startGateway } from "#gateway/start.ts";
import { storageProblem } from "#rest/storage-problem.ts";

export const publicBaseUrl = "https://parley.example";

export type Doors = {
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
	/** These HTTP credentials are right from now on; or, with many wrong ones before, not judged at all. */
	mendLogon(authorization: string, isThrottled: boolean): void;
	count(table: "messages" | "quarantine" | "inbox" | "security_events" | "service_calls"): Promise<number>;
};

type DoorOptions = {
	localHttp?: boolean;
	quarantineRows?: number;
	trustedProxies?: readonly string[];
	publicBaseUrl?: string;
	/** Default: an empty one of its own. */
	storage?: Storage;
	/** Instead of writing at once what came in. */
	recordArrivals?: DoorDeps["recordArrivals"];
};

export async function openDoors(t: TestContext, options: DoorOptions = {}): Promise<Doors> {
	const storage = options.storage ?? (await openTemporarySqlite(t));
	const clock = testClock();
	const [wrong, throttled] = [new Set(["Basic wrong"]), new Set<string>()];
	const random = seededRandom(3);
	const ids = idsFrom(clock, random);
	const box = secretBox(new Map([["d1", new Uint8Array(32).fill(1)]]), "d1", random);
	const app = buildHttpServer({
		log: silentLog,
		trustedProxies: options.trustedProxies ?? [],
		bodyLimitBytes: 2_097_152,
		ids,
		clock,
		onStorageTrouble: storageProblem,
	});
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
		lineOut: { open: () => Promise.resolve({ ok: false, why: "refused" }), answerTimeoutMs: 1000 },
		...(options.recordArrivals === undefined ? {} : { recordArrivals: options.recordArrivals }),
		box: () => box,
		boxVersion: () => String(boxVersion),
		mac: testMac,
		identity: {
			checkHttpUser: (authorization) =>
				Promise.resolve(
					authorization === undefined || wrong.has(authorization)
						? { ok: false, status: 401, challenge: 'Basic realm="Parley"' }
						: authorization === "Basic no-right"
							? { ok: false, status: 403, challenge: undefined }
							: throttled.has(authorization)
								? { ok: false, status: 503, challenge: undefined }
								: { ok: true, userId: "U" },
				),
		},
		settings: {
			publicBaseUrl: options.publicBaseUrl ?? publicBaseUrl,
			basePath: "",
			bodyBytesMax: 2_097_152,
			useLocalHttpAuthentication: options.localHttp ?? true,
			retry: { baseMs: 1000, capMs: 1000 },
			lease: { ms: 20_000 },
			breaker: { failures: 10, probeMs: 30_000 },
			quarantine: { rowsMax: options.quarantineRows ?? 100, bytesMax: 1_000_000 },
			...fileSettings,
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
		whatsapp: "https://graph.example/v25.0",
		twilio: "https://api.twilio.example",
		sinchconversation: "https://eu.conversation.example/v1/projects/p1/messages:send",
		sinchsms: "https://eu.sms.example",
		telegram: "https://telegram.example",
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
		mendLogon(authorization, isThrottled) {
			wrong.delete(authorization);
			throttled[isThrottled ? "add" : "delete"](authorization);
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

export function facebookBody(pages: Record<string, string>): string {
	const entry = Object.entries(pages).map(([page, mid]) => ({
		id: page,
		time: 1_767_355_200_000,
		messaging: [
			{ sender: { id: "u1" }, recipient: { id: page }, timestamp: 1_767_355_200_000, message: { mid, text: "hi" } },
		],
	}));
	return JSON.stringify({ object: "page", entry });
}

export function metaSigned(secret: string, body: string): Record<string, string> {
	const signature = createHmac("sha256", secret).update(body).digest("hex");
	return { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` };
}

export function sinchSigned(secret: string, body: string, at: Date, nonce = "n1"): Record<string, string> {
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

export function sinchBody(id: string, appId = "APP1"): string {
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
