// The Contact Management Interface on a stage: real framework, routes and database; callers are names whose grants the
// test sets; the connectors are two simple ones.

import { createHmac } from "node:crypto";
import type { TestContext } from "node:test";
import type { FastifyInstance } from "fastify";
import type { Connector, Outcome } from "#connectors/contract.ts";
import { metaWindowHours } from "#domain/reply-window.ts";
import type { UserId } from "#domain/ids.ts";
import type { Access, Grant } from "#domain/rights.ts";
import type { Identity } from "#identity/identity.ts";
import { buildHttpServer } from "#platform/http-server.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import type { PasswordHasher } from "#platform/passwords.ts";
import { secretBox } from "#platform/secret-box.ts";
import type { RestDeps } from "#rest/deps.ts";
import { cmiRoutesWith } from "#rest/cmi/index.ts";
import { noSandbox } from "#rest/sandbox-port.ts";
import { serveRoutes } from "#rest/serve.ts";
import { type Claim, claimParts } from "#storage/outbox.ts";
import { type NextStep, settlePart } from "#storage/outbox-moves.ts";
import type { Storage } from "#storage/storage.ts";
import { localSignals } from "#storage/signals.ts";
import { fileSettings } from "./file-scene.ts";
import { setStage, type Stage } from "./scene.ts";
import { openTemporarySqlite } from "./storage-on-both.ts";

export type CmiStage = Stage & {
	app: FastifyInstance;
	deps: RestDeps;
	/** Lanes nudged so far. */
	nudged: string[];
	/** What a caller holds, by name; `api` is the path below the interface's base. */
	grants: Map<string, Grant[]>;
	call(
		who: string,
		request: { method?: string; api: string; body?: object; headers?: Record<string, string> },
	): Promise<Reply>;
};

export type Reply = { status: number; headers: Record<string, unknown>; body: unknown; text: string };

export function grantOn(serviceId: string | null, ...access: Access[]): Grant {
	return { objectType: "messagingService", objectId: serviceId, access };
}

/** `agent` may send and read by the stage's service, `historian` may read its history, `nobody` holds nothing. */
export async function openCmi(t: Pick<TestContext, "after">, storage?: Storage): Promise<CmiStage> {
	const stage = await setStage(storage ?? (await openTemporarySqlite(t)));
	const { clock, ids, random, serviceId } = stage;
	const grants = new Map<string, Grant[]>([
		["agent", [grantOn(serviceId, "messaging")]],
		["historian", [grantOn(serviceId, "manageContactHistory")]],
		["nobody", []],
	]);
	const nudged: string[] = [];
	const signals = localSignals();
	const deps: RestDeps = {
		storage: stage.storage,
		settings: {
			publicBaseUrl: "https://parley.example",
			basePath: "",
			outboundAllow: [],
			useLocalHttpAuthentication: true,
			session: { idleMinutes: 30, absoluteHours: 10 },
			...fileSettings,
		},
		clock,
		random,
		ids,
		log: silentLog,
		metrics: openMetrics(),
		mac: (purpose, ...pieces) => {
			const mac = createHmac("sha256", purpose);
			pieces.forEach((piece) => mac.update(piece));
			return mac.digest();
		},
		passwords: undefined as unknown as PasswordHasher,
		secretBox: secretBox(new Map([["k1", new Uint8Array(32)]]), "k1", random),
		signals: {
			...signals,
			nudge(lane) {
				nudged.push(lane);
				signals.nudge(lane);
			},
		},
		identity: identityOf(grants),
		sandbox: noSandbox("The sandbox is switched off."),
	};
	const app = buildHttpServer({ log: silentLog, trustedProxies: [], bodyLimitBytes: 1_000_000, ids, clock });
	await serveRoutes(app, { base: "/RI/cmi", routes: cmiRoutesWith((type) => connectors[type]), deps });
	await app.ready();
	t.after(() => app.close());
	return { ...stage, app, deps, nudged, grants, call: (who, request) => inject(app, who, request) };
}

function identityOf(grants: ReadonlyMap<string, Grant[]>): Identity {
	return {
		authenticate: ({ authorization }: { authorization: string | undefined }) => {
			const name = authorization?.replace("Bearer ", "") ?? "";
			const held = grants.get(name);
			return Promise.resolve(
				held === undefined
					? { ok: false, why: "missing" }
					: {
							ok: true,
							principal: {
								userId: name as UserId,
								login: name,
								name,
								via: "token",
								isByCookie: false,
								externalUser: false,
								mustDo: null,
								grants: [...held],
							},
						},
			);
		},
	} as unknown as Identity;
}

async function inject(app: FastifyInstance, who: string, request: Parameters<CmiStage["call"]>[1]): Promise<Reply> {
	const { method = "GET", api, body, headers = {} } = request;
	const answer = await app.inject({
		method: method as "GET",
		url: `/RI/cmi${api}`,
		headers: { authorization: `Bearer ${who}`, ...headers },
		...(body === undefined ? {} : { payload: body }),
	});
	const isJson = String(answer.headers["content-type"] ?? "").includes("json");
	return {
		status: answer.statusCode,
		headers: answer.headers,
		body: isJson ? (JSON.parse(answer.body) as unknown) : undefined,
		text: answer.body,
	};
}

/** Addresses start with `+`; ours is `+493012345` unless the service's setting `from` or the message says otherwise. */
function connector(over: Partial<Connector<unknown>["capabilities"]>, cannotSend?: string): Connector<unknown> {
	return {
		type: "any",
		config: { form: undefined as never, parse: ({ settings }) => settings["from"] },
		capabilities: { text: { max: 20, unit: "characters" }, media: false, templates: false, receipts: [], ...over },
		hosts: [],
		addressing({ from, to, channel = "sms" }, config) {
			const ourAddress = from ?? (typeof config === "string" ? config : "+493012345");
			if (channel !== "sms" && channel !== "whatsapp") {
				return { ok: false, field: "channel", message: "must be sms or whatsapp" };
			}
			if (!ourAddress.startsWith("+")) {
				return { ok: false, field: "from", message: "Name a number." };
			}
			return to.startsWith("+")
				? { ok: true, channel, ourAddress, contactAddress: to }
				: { ok: false, field: "to", message: "must be a number" };
		},
		inbound: undefined as never,
		cannotSend: () => cannotSend,
		send: () => Promise.resolve<Outcome>({ kind: "unknown", code: "protocol", detail: "not sent in this test" }),
	};
}

/** By the type of the service; `twilio` is what the stage's own service has. */
export const connectors: Readonly<Record<string, Connector<unknown>>> = {
	twilio: connector({
		media: { maxBytes: 1000, maxCount: 1, withText: true, types: ["image/*", "application/pdf"] },
		templates: true,
	}),
	plain: connector({}),
	/** WhatsApp as it is: templates, and a window of 24 hours. */
	windowed: {
		...connector({ templates: ["whatsapp"] }),
		replyWindowHours: ({ channel }) => metaWindowHours(channel),
		templateProblem: ({ id }) => (id === "wrong" ? "There is no such template." : undefined),
	},
	mute: connector({}, "This service has no credentials; add them."),
};

export function claimSends(stage: Stage): Promise<Claim[]> {
	return stage.storage.alone("outbox", (tx) =>
		claimParts(tx, {
			serviceId: stage.serviceId,
			limit: 100,
			now: stage.clock.now(),
			leaseMs: 20_000,
			owner: "node",
			newAttemptId: () => stage.ids.next(),
		}),
	);
}

const kinds = { sent: "accepted", queued: "retry", sending: "unknown", failed: "rejected" } as const;

export function settleSend(stage: Stage, claim: Claim, next: NextStep): Promise<boolean> {
	const kind = next.to === "expired" || next.to === "held" ? "unknown" : kinds[next.to];
	const outcome = {
		kind,
		code: "code" in next ? next.code : null,
		detail: "detail" in next ? next.detail : null,
	};
	const exchange = { status: kind === "accepted" ? 201 : 503 };
	return stage.storage.write((tx) => settlePart(tx, { claim, outcome, exchange, next }, stage.clock.now()));
}

/** Claims what is due and settles all of it as sent, with the remote ids `<prefix>1`, `<prefix>2`, … */
export async function sendAll(stage: Stage, prefix: string): Promise<void> {
	for (let number = 1; ;) {
		const claims = await claimSends(stage);
		if (claims.length === 0) {
			return;
		}
		for (const claim of claims) {
			await settleSend(stage, claim, { to: "sent", remoteIds: [`${prefix}${number}`], at: stage.clock.now() });
			number += 1;
		}
	}
}
