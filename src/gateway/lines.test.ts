import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import test, { type TestContext } from "node:test";
import type { AddressInfo } from "node:net";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import { openLineOut } from "#platform/safe-line.ts";
import { localSignals } from "#storage/signals.ts";
import { listen } from "#test/peers.ts";
import { setStage, type Stage } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { asking, frame, Peer, toyLine } from "#test/toy-line.ts";
import { waitBeforeNext } from "./kept-line.ts";
import { type Lines, type LinesDeps, startLines } from "./lines.ts";
import type { OpenService } from "./open-service.ts";

/** A provider: each connection that it took, greeted or not as the test says. */
class Provider {
	readonly peers: Peer[] = [];
	greets: "g" | "x" | undefined = "g";
	readonly port: number;
	#changed = Promise.withResolvers<void>();

	constructor(server: Server) {
		this.port = (server.address() as AddressInfo).port;
		server.on("connection", (socket) => {
			const peer = new Peer(socket);
			this.peers.push(peer);
			this.#changed.resolve();
			this.#changed = Promise.withResolvers();
			const { greets } = this;
			void peer.at(0).then(({ number }) => greets !== undefined && peer.say(frame(greets, number)));
		});
	}

	async peer(index: number): Promise<Peer> {
		for (;;) {
			const found = this.peers[index];
			if (found !== undefined) {
				return found;
			}
			await this.#changed.promise;
		}
	}
}

type Scene = {
	stage: Stage;
	provider: Provider;
	lines: Lines;
	services: OpenService[];
	seen: string[];
	stop(): Promise<void>;
	/** Until the condition holds, with time passing in small steps. */
	until(holds: () => boolean | Promise<boolean>, stepMs?: number): Promise<void>;
};

async function keeping(t: TestContext, over: Partial<LinesDeps> = {}): Promise<Scene> {
	const stage = await setStage(await openTemporarySqlite(t));
	const server = createServer({ noDelay: true });
	await listen(t, server);
	const provider = new Provider(server);
	const services = [serviceOf(stage, provider.port)];
	const seen: string[] = [];
	const { lines, worker } = startLines({
		...stage,
		signals: localSignals(),
		log: silentLog,
		metrics: openMetrics(),
		services: {
			all: () => services,
			sending: () => services,
			byId: (id) => services.find((one) => one.id === id),
			ofType: () => services,
			refresh: () => Promise.resolve(),
		},
		lineOut: openLineOut({
			outboundAllow: ["127.0.0.0/8"],
			connectTimeoutMs: 5000,
			answerTimeoutMs: 5000,
			clock: stage.clock,
		}),
		vitals: {
			received: (_id, count) => void seen.push(`received ${count}`),
			upkept: () => void seen.push("alive"),
			lineOpened: () => void seen.push("opened"),
			lineFailed: (_id, { code, detail }) => void seen.push(`${code}: ${detail}`),
		},
		...over,
	});
	let stopped: Promise<void> | undefined;
	const until: Scene["until"] = async (holds, stepMs = 50) => {
		for (let turn = 0; !(await holds()); turn++) {
			assert.ok(turn < 5000, "it does not happen");
			await new Promise((resolve) => setImmediate(resolve));
			if (turn % 10 === 9) {
				stage.clock.advance(stepMs);
			}
		}
	};
	const stop = async (): Promise<void> => {
		stopped ??= worker.stop();
		let isOver = false;
		void stopped.then(() => (isOver = true));
		await until(() => isOver, 500);
	};
	t.after(stop);
	return { stage, provider, lines, services, seen, stop, until };
}

function serviceOf(stage: Stage, port: number, over: Partial<OpenService> = {}): OpenService {
	return {
		id: stage.serviceId,
		type: "toy",
		version: 1,
		isLocked: false,
		stored: {
			serviceConnection: `toy://127.0.0.1:${port}`,
			authenticationUrl: null,
			authentications: [{ authenticationId: "a", secrets: ["very secret"] }],
		},
		cannotSend: () => undefined,
		line: toyLine,
		...over,
	} as unknown as OpenService;
}

const isReady = ({ lines, services }: Scene) => services.every((service) => lines.isReady(service));

test("a line is opened, asked over, and opened again when it is cut", async (t) => {
	const scene = await keeping(t);
	await scene.until(() => isReady(scene));
	const asked = scene.lines.ask(scene.stage.serviceId, asking("one"));
	const peer = await scene.provider.peer(0);
	peer.say(frame("a", (await peer.at(1)).number));
	assert.equal((await asked).kind, "answered");
	const cut = scene.lines.ask(scene.stage.serviceId, asking("two"));
	await peer.at(2);
	peer.socket.resetAndDestroy();
	assert.deepEqual(await cut, { kind: "unclear", why: "reset" });
	assert.equal(isReady(scene), false);
	await scene.until(() => isReady(scene));
	assert.equal(scene.provider.peers.length, 2);
	assert.deepEqual(scene.seen, ["opened", "opened"]);
});

test("what is told is recorded as a webhook's message is, with the frame, and the matcher has it", async (t) => {
	const scene = await keeping(t);
	await scene.until(() => isReady(scene));
	const peer = await scene.provider.peer(0);
	const told = frame("T", 5, "hello");
	peer.say(told);
	assert.equal((await peer.at(1)).kind, "t");
	const { db } = scene.stage.storage;
	const messages = await db.selectFrom("messages").select("text").execute();
	assert.deepEqual(
		messages.map(({ text }) => text),
		["text hello"],
	);
	const requests = await db.selectFrom("inbound_requests").select(["method", "url", "body"]).execute();
	assert.deepEqual(
		requests.map(({ body, ...request }) => ({ ...request, body: Buffer.from(body ?? []) })),
		[{ method: "LINE", url: `toy://127.0.0.1:${scene.provider.port}`, body: told }],
	);
	assert.deepEqual(scene.seen, ["opened", "received 1"]);
});

test("what cannot be stored is refused, so that the provider tells it again", async (t) => {
	const scene = await keeping(t);
	await scene.until(() => isReady(scene));
	const peer = await scene.provider.peer(0);
	await scene.stage.storage.db.schema.alterTable("inbox").renameTo("away").execute();
	peer.say(frame("T", 5, "hello"));
	assert.equal((await peer.at(1)).kind, "r");
	await scene.stage.storage.db.schema.alterTable("away").renameTo("inbox").execute();
	peer.say(frame("T", 6, "hello"));
	assert.equal((await peer.at(2)).kind, "t");
	assert.deepEqual(scene.seen, ["opened", "received 1"]);
});

test("a provider that does not know us is asked after minutes, or at once when the service was changed", async (t) => {
	const scene = await keeping(t);
	scene.provider.greets = "x";
	await scene.until(() => scene.seen.length === 1);
	assert.deepEqual(scene.seen, ["credentials: The provider does not know us."]);
	const { clock } = scene.stage;
	for (let passedMs = 0; passedMs < 120_000; passedMs += 1000) {
		clock.advance(1000);
		await new Promise((resolve) => setImmediate(resolve));
	}
	assert.equal(scene.provider.peers.length, 1);
	scene.provider.greets = "g";
	scene.services[0] = serviceOf(scene.stage, scene.provider.port, { version: 2 });
	await scene.until(() => isReady(scene));
	assert.deepEqual(scene.seen.slice(1), ["opened"]);
});

test("a changed service gets a new line when the old one has said farewell", async (t) => {
	const scene = await keeping(t);
	await scene.until(() => isReady(scene));
	scene.services[0] = serviceOf(scene.stage, scene.provider.port, { version: 2 });
	const old = await scene.provider.peer(0);
	await scene.until(() => old.heard.length === 2);
	const farewell = await old.at(1);
	assert.equal(farewell.kind, "B");
	assert.equal(scene.provider.peers.length, 1);
	old.say(frame("b", farewell.number));
	await scene.provider.peer(1);
	await scene.until(() => isReady(scene));
	assert.equal(scene.provider.peers.length, 2);
});

test("a service that is switched off, incomplete or locked has no line, and one without a line is always ready", async (t) => {
	const scene = await keeping(t);
	await scene.until(() => isReady(scene));
	const [peer] = scene.provider.peers;
	scene.services[0] = serviceOf(scene.stage, scene.provider.port, { version: 2, isLocked: true });
	await scene.until(() => peer?.heard.at(-1)?.kind === "B", 500);
	await scene.until(() => peer?.socket.destroyed === true || peer?.socket.readableEnded === true, 500);
	const [service] = scene.services;
	assert.ok(service);
	assert.equal(scene.lines.isReady(service), false);
	assert.equal((await scene.lines.ask(service.id, asking("1"))).kind, "notSent");
	assert.match(JSON.stringify(await scene.lines.look("unknown")), /closed.*No line is kept/);
	assert.equal(scene.lines.isReady({ ...service, line: undefined }), true);
	assert.equal(scene.provider.peers.length, 1);
});

test("a look at a closed line tries it at once and tells how that ended", async (t) => {
	const scene = await keeping(t);
	scene.provider.greets = "x";
	await scene.until(() => scene.seen.length === 1);
	const refused = await scene.lines.look(scene.stage.serviceId);
	assert.deepEqual(refused, {
		state: "closed",
		finding: "credentials_refused",
		code: "credentials",
		because: "The provider does not know us.",
	});
	assert.equal(scene.provider.peers.length, 2);
	scene.provider.greets = "g";
	assert.deepEqual(await scene.lines.look(scene.stage.serviceId), { state: "open" });
	assert.deepEqual(await scene.lines.look(scene.stage.serviceId), { state: "open" });
	assert.equal(scene.provider.peers.length, 3);
});

const notOpened = [
	["toy://127.0.0.1:1", "unreachable", "connection_refused"],
	["toy://10.0.0.1:1000", "config", "address_blocked"],
	["http://127.0.0.1:80", "config", "address_blocked"],
] as const;

for (const [serviceConnection, code, finding] of notOpened) {
	test(`a line to ${serviceConnection} is not opened: ${finding}`, async (t) => {
		const scene = await keeping(t);
		const stored = {
			serviceConnection,
			authenticationUrl: null,
			authentications: [],
		} as unknown as OpenService["stored"];
		scene.services[0] = serviceOf(scene.stage, 0, { version: 2, stored });
		await scene.until(() => scene.seen.some((one) => one.startsWith(code)), 500);
		const view = await scene.lines.look(scene.stage.serviceId);
		assert.ok(view.state === "closed");
		assert.deepEqual([view.code, view.finding], [code, finding]);
	});
}

test("stopping waits for what was asked, says farewell, and opens nothing any more", async (t) => {
	const scene = await keeping(t);
	await scene.until(() => isReady(scene));
	const peer = await scene.provider.peer(0);
	const asked = scene.lines.ask(scene.stage.serviceId, asking("1"));
	const { number } = await peer.at(1);
	const stopping = scene.stop();
	peer.say(frame("a", number));
	assert.equal((await asked).kind, "answered");
	peer.say(frame("b", (await peer.at(2)).number));
	await stopping;
	assert.equal(scene.provider.peers.length, 1);
});

test("the wait doubles up to a minute, is spread, and is minutes for credentials", () => {
	assert.deepEqual(
		[0, 1, 2, 5, 6, 50].map((failures) => waitBeforeNext("unreachable", failures, 0)),
		[500, 1000, 2000, 16_000, 30_000, 30_000],
	);
	assert.equal(waitBeforeNext("unreachable", 50, 0.999_999) < 60_000, true);
	assert.deepEqual(
		[0, 9].map((failures) => waitBeforeNext("credentials", failures, 0)),
		[150_000, 150_000],
	);
});
