// A stage for tests of REST routes: a real database, a clock that moves when told to, and a caller whose rights the test
// states. What stands in is only the proof of who is calling.

import { type Access, type Grant, type ObjectType, accessesOf, objectTypes } from "#domain/rights.ts";
import type { UserId } from "#domain/ids.ts";
import type { Identity } from "#identity/identity.ts";
import { buildHttpServer } from "#platform/http-server.ts";
import { idsFrom } from "#platform/ids.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import type { ProblemDocument } from "#platform/problems.ts";
import { type SecretBox, secretBox } from "#platform/secret-box.ts";
import type { RestDeps } from "#rest/deps.ts";
import type { Route } from "#rest/route.ts";
import { serveRoutes } from "#rest/serve.ts";
import { localSignals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import { createHmac } from "node:crypto";
import type { TestContext } from "node:test";
import { seededRandom, type TestClock, testClock } from "./scene.ts";
import { openTemporarySqlite } from "./storage-on-both.ts";

/** `T` is what the test expects; `problem` is the same body read as a problem document. */
export type RciAnswer<T> = {
	status: number;
	headers: Readonly<Record<string, unknown>>;
	text: string;
	body: T;
	problem: ProblemDocument;
};

export type RciStage = {
	storage: Storage;
	clock: TestClock;
	deps: RestDeps;
	/** What the caller may do from now on. */
	grant(...grants: readonly Grant[]): void;
	call<T = unknown>(method: HttpMethod, path: string, options?: CallOptions): Promise<RciAnswer<T>>;
};
type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type CallOptions = { body?: unknown; raw?: string; headers?: Readonly<Record<string, string>> };

export const everyRight: readonly Grant[] = objectTypes.map((objectType) =>
	grantOf(objectType, accessesOf[objectType]),
);

export function grantOf(objectType: ObjectType, access: readonly Access[], objectId: string | null = null): Grant {
	return { objectType, objectId, access };
}

export async function openRciStage(
	t: Pick<TestContext, "after">,
	routes: readonly Route[],
	replace: { storage?: Storage; secretBox?: SecretBox } = {},
): Promise<RciStage> {
	const storage = replace.storage ?? (await openTemporarySqlite(t));
	const clock = testClock();
	const random = seededRandom(1);
	const ids = idsFrom(clock, random);
	let grants: readonly Grant[] = everyRight;
	const principal = { userId: "0".repeat(32) as UserId, login: "admin", name: "Ad Min", via: "basic" as const };
	const identity = {
		authenticate: () => Promise.resolve({ ok: true, principal: { ...principal, externalUser: false, grants } }),
	} as Partial<Identity> as Identity;
	const deps: RestDeps = {
		storage,
		settings: { publicBaseUrl: "https://parley.example", basePath: "/acme", useLocalHttpAuthentication: true },
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
		passwords: { hash: refuse, verify: refuse, verifyNothing: refuse },
		secretBox: replace.secretBox ?? secretBox(new Map([["d1", random.bytes(32)]]), "d1", random),
		signals: localSignals(),
		identity,
	};
	const app = buildHttpServer({ log: silentLog, trustedProxies: [], bodyLimitBytes: 1_000_000, ids, clock });
	t.after(() => app.close());
	await serveRoutes(app, { base: "/RI/rci", routes, deps });
	return {
		storage,
		clock,
		deps,
		grant: (...given) => {
			grants = given;
		},
		async call<T>(method: HttpMethod, path: string, { body, raw, headers = {} }: CallOptions = {}) {
			const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
			const type: Record<string, string> = payload === undefined ? {} : { "content-type": "application/json" };
			const answer = await app.inject({
				method,
				url: `/acme/RI/rci${path}`,
				headers: { ...type, ...headers },
				...(payload === undefined ? {} : { payload }),
			});
			const isJson = String(answer.headers["content-type"]).includes("json");
			const value: unknown = isJson ? JSON.parse(answer.body) : undefined;
			return {
				status: answer.statusCode,
				headers: answer.headers,
				text: answer.body,
				body: value as T,
				problem: value as ProblemDocument,
			};
		},
	};
}

function refuse(): never {
	throw new Error("no password is checked on this stage");
}
