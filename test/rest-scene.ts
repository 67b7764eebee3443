// A stage for tests of REST and identity: a real storage, the real HTTP server and routes, people with grants. Passwords
// are hashed by a stand-in, because hashing is not what these tests are about; where it is, they ask for the real one.

import { createHmac } from "node:crypto";
import type { TestContext } from "node:test";
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";
import type { UserId } from "#domain/ids.ts";
import type { Grant } from "#domain/rights.ts";
import { everyGrant } from "#identity/bootstrap.ts";
import { type Identity, openIdentity } from "#identity/identity.ts";
import { buildHttpServer } from "#platform/http-server.ts";
import { idsFrom } from "#platform/ids.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import type { PasswordHasher } from "#platform/passwords.ts";
import { secretBox } from "#platform/secret-box.ts";
import type { RestDeps } from "#rest/deps.ts";
import type { Route } from "#rest/route.ts";
import { noSandbox, type Sandbox } from "#rest/sandbox-port.ts";
import { serveRoutes } from "#rest/serve.ts";
import { storageProblem } from "#rest/storage-problem.ts";
import { replaceGrants } from "#storage/grants.ts";
import { insertUser } from "#storage/people.ts";
import { noSignals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import { fileSettings } from "./file-scene.ts";
import { type TestClock, seededRandom, testClock } from "./scene.ts";
import { openTemporarySqlite } from "./storage-on-both.ts";

export const publicBaseUrl = "https://parley.example";

export type RestScene = {
	app: FastifyInstance;
	deps: RestDeps;
	clock: TestClock;
	identity: Identity;
	storage: Storage;
	/** How many passwords were hashed or compared. */
	hashings(): number;
	person(options?: PersonOptions): Promise<Person>;
	call(options: InjectOptions, as?: Person): Promise<LightMyRequestResponse>;
};

export type PersonOptions = {
	login?: string;
	grants?: readonly Grant[];
	externalUser?: boolean;
	enabled?: boolean;
};
export type Person = { id: UserId; login: string; password: string; authorization: string };

type Options = {
	storage?: Storage;
	/** Given: only these, under /RI/rci; else `serve` decides. */
	routes?: readonly Route[];
	serve?(app: FastifyInstance, deps: RestDeps): Promise<void>;
	passwords?: PasswordHasher;
	basePath?: string;
	sandbox?: Sandbox;
};

export async function restScene(t: Pick<TestContext, "after">, options: Options = {}): Promise<RestScene> {
	const storage = options.storage ?? (await openTemporarySqlite(t));
	const clock = testClock();
	const { deps, identity, hashings } = depsOn(storage, clock, options);
	const app = buildHttpServer({
		log: silentLog,
		trustedProxies: [],
		bodyLimitBytes: 1_000_000,
		ids: deps.ids,
		clock,
		publicBaseUrl,
		onStorageTrouble: storageProblem,
	});
	await app.register(
		async (scope) => {
			await (options.serve ?? serveGiven(options.routes ?? []))(scope, deps);
		},
		{ prefix: options.basePath ?? "" },
	);
	await app.ready();
	t.after(() => app.close());
	const scene = { app, deps, clock, identity, storage, hashings };
	return {
		...scene,
		person: (person) => addPerson(scene, person),
		call: (request, as) =>
			app.inject({
				...request,
				headers: { ...(as === undefined ? {} : { authorization: as.authorization }), ...request.headers },
			}),
	};
}

function serveGiven(routes: readonly Route[]) {
	return (app: FastifyInstance, deps: RestDeps) => serveRoutes(app, { base: "/RI/rci", routes, deps });
}

function depsOn(storage: Storage, clock: TestClock, options: Options) {
	const random = seededRandom(7);
	const ids = idsFrom(clock, random);
	const standIn = countedHasher();
	const mac = (purpose: string, ...pieces: readonly (string | Uint8Array)[]) =>
		createHmac("sha256", `key of ${purpose}`)
			.update(JSON.stringify(pieces.map((piece) => Buffer.from(piece).toString("hex"))))
			.digest();
	const settings = {
		publicBaseUrl,
		basePath: options.basePath ?? "",
		outboundAllow: [],
		useLocalHttpAuthentication: true,
		session: { idleMinutes: 30, absoluteHours: 10 },
		...fileSettings,
	};
	const passwords = options.passwords ?? standIn.hasher;
	const box = secretBox(new Map([["d1", random.bytes(32)]]), "d1", random);
	const outside = { clock, random, ids, log: silentLog, metrics: openMetrics(), mac, secretBox: box };
	const common = { storage, settings, passwords, ...outside };
	const identity = openIdentity(common);
	const sandbox = options.sandbox ?? noSandbox("The sandbox is switched off.");
	const deps: RestDeps = { ...common, signals: noSignals, identity, sandbox };
	return { deps, identity, hashings: standIn.count };
}

function countedHasher(): { hasher: PasswordHasher; count(): number } {
	let count = 0;
	const counted = <T>(value: T): Promise<T> => {
		count += 1;
		return Promise.resolve(value);
	};
	return {
		count: () => count,
		hasher: {
			hash: (password) => counted(`hash of ${password}`),
			checking: (work) =>
				work({
					verify: (hash, password) => counted(hash === `hash of ${password}`),
					verifyNothing: () => counted(undefined),
				}),
		},
	};
}

let people = 0;

async function addPerson(
	{ deps, storage }: Pick<RestScene, "deps" | "storage">,
	options: PersonOptions = {},
): Promise<Person> {
	people += 1;
	const { login = `person${people}`, grants = [], externalUser = false, enabled = true } = options;
	const id = deps.ids.next<UserId>();
	const password = `a password of ${login} only`;
	const hash = await deps.passwords.hash(password);
	await storage.write(async (tx) => {
		const fields = { firstName: "Ada", surname: login, login, externalUser, enabled, email: null, title: null };
		const more = { location: null, phone: null, uiLanguage: null, timeZone: null, externalId: null };
		const at = deps.clock.now();
		await insertUser(tx, { id, fields: { ...fields, ...more }, password: { kind: "person", hash }, at });
		await replaceGrants(tx, { kind: "user", id }, grants, () => deps.ids.next());
	});
	return { id, login, password, authorization: basic(login, password) };
}

export function basic(login: string, password: string): string {
	return `Basic ${Buffer.from(`${login}:${password}`).toString("base64")}`;
}

export const administratorGrants = everyGrant();
