// A stage for tests of the wire: the real server on a port of its own, real sockets, and behind them a tree and a feed that
// the test moves by hand.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { WebSocket, type ClientOptions } from "ws";
import type { Answer, Asked, Change, Feed, Transaction, Tree } from "#chat/resource.ts";
import type { WireLimits } from "#chat/wire/limits.ts";
import type { NewVisitor } from "#chat/wire/logins.ts";
import type { Media, MediaFile } from "#chat/wire/media.ts";
import type { SocketEvent } from "#chat/wire/sockets.ts";
import { type Wire, startWire } from "#chat/wire/start.ts";
import { startAgentInterfaces } from "#rest/start.ts";
import type { Storage } from "#storage/storage.ts";
import { type Person, type RestScene, restScene } from "./rest-scene.ts";

export type WireScene = RestScene & {
	origin: string;
	/** What the tree was asked, in order. */
	asked: Asked[];
	/** What it answers; replace it. */
	tree: FakeTree;
	feed: FakeFeed;
	events: SocketEvent[];
	visitors: NewVisitor[];
	/** Users with an open chat. */
	busy: Set<string>;
	/** On whose pages agents work. */
	agentOrigins: string[];
	widget: { origins: string[]; identityRequired: boolean; secret: string | undefined };
	files: Map<string, MediaFile>;
	wire: Wire;
	logIn(person: Person): Promise<LoggedIn>;
	visit(headers?: Record<string, string>): Promise<LoggedIn>;
	connect(path: string, options?: ClientOptions & { protocols?: string[] }): Promise<Client>;
	/** An agent's or visitor's socket, with its cookie. */
	enter(as: LoggedIn, side?: "visitor"): Promise<Client>;
};

export type LoggedIn = { id: string; cookie: string; token: string; response: Response };

export type FakeTree = {
	/** By uri below /users/me; absent: 404. */
	values: Map<string, unknown>;
	position: number;
	answer(asked: Asked): Promise<Answer>;
	/** Before a snapshot is taken. */
	beforeSnapshot(): Promise<void>;
};

export type FakeFeed = Feed & {
	/** A commit: raises the position and tells the listeners. */
	commit(userId: string, ...transactions: Transaction[]): Change;
	tell(userId: string, change: Change): void;
	listeners(userId: string): number;
};

type Options = {
	limits?: Partial<WireLimits>;
	storage?: Storage;
	basePath?: string;
	/** Serves the RESTful Interfaces for agents, too. */
	hasInterfaces?: boolean;
};

export async function wireScene(t: Pick<TestContext, "after">, options: Options = {}): Promise<WireScene> {
	const { basePath = "/desk" } = options;
	const tree = fakeTree();
	const feed = fakeFeed(tree);
	const state = {
		asked: [] as Asked[],
		events: [] as SocketEvent[],
		visitors: [] as NewVisitor[],
		busy: new Set<string>(),
		agentOrigins: ["https://crm.example"],
		widget: { origins: ["https://shop.example"], identityRequired: false, secret: undefined as string | undefined },
		files: new Map<string, MediaFile>(),
	};
	let wire: Wire | undefined;
	const scene = await restScene(t, {
		basePath,
		...(options.storage === undefined ? {} : { storage: options.storage }),
		serve(app, deps) {
			wire = startWire(app, {
				...deps,
				tree: treeFor(tree, state.asked),
				feed,
				media: mediaOn(state.files),
				chatSettings: () =>
					Promise.resolve({
						widgetOrigins: state.widget.origins,
						agentOrigins: state.agentOrigins,
						widgetIdentityRequired: state.widget.identityRequired,
						attachmentBytesMax: 1000,
					}),
				identitySecret: () => Promise.resolve(state.widget.secret),
				withOpenChats: (_kind, ids) => Promise.resolve(new Set(ids.filter((id) => state.busy.has(id)))),
				onVisitor: (visitor) => Promise.resolve(void state.visitors.push(visitor)),
				onSocket: (event) => void state.events.push(event),
				limits: { socketsMax: 2000, ...options.limits },
			});
			return options.hasInterfaces === true ? startAgentInterfaces(app, deps, wire) : Promise.resolve();
		},
	});
	assert.ok(wire);
	const running = wire;
	t.after(async () => {
		const stopped = running.stop();
		await untilDone(stopped, scene);
	});
	const origin = await scene.app.listen({ host: "127.0.0.1", port: 0 });
	const base = `${origin}${basePath}`;
	const connect: WireScene["connect"] = (path, { protocols, ...rest } = {}) =>
		openClient(t, new WebSocket(`${origin.replace("http", "ws")}${path}`, protocols ?? [], rest));
	return {
		...scene,
		...state,
		origin,
		tree,
		feed,
		wire: running,
		connect,
		logIn: (person) =>
			readLogIn(
				fetch(`${base}/ecfs/authentication`, {
					method: "POST",
					headers: { authorization: "ECFAUTH", "content-type": "application/x-www-form-urlencoded" },
					body: `Authorization=${encodeURIComponent(person.authorization)}`,
				}),
			),
		visit: (headers = {}) =>
			readLogIn(
				fetch(`${base}/visitor/ecfs/authentication`, {
					method: "POST",
					headers: { authorization: "Anonymous", ...headers },
				}),
			),
		enter: async ({ cookie }, side) => {
			const path = `${basePath}${side === "visitor" ? "/visitor" : ""}/ecfs/ws_endpoint/`;
			const client = await connect(path, { headers: { cookie } });
			const hello = await client.next();
			assert.equal(typeof hello["sessionid"], "string");
			return client;
		},
	};
}

/** Time goes on while the wire waits for those who do not answer. */
async function untilDone(work: Promise<void>, { clock }: RestScene): Promise<void> {
	let isDone = false;
	void work.then(() => (isDone = true));
	while (!isDone) {
		clock.advance(100);
		await new Promise((resolve) => setImmediate(resolve));
	}
}

export type Frame = Record<string, unknown>;

export type Client = {
	ws: WebSocket;
	send(frame: unknown): void;
	/** A request with an id of its own. */
	ask(method: string, uri: string, body?: unknown): void;
	/** The next frame that comes. */
	next(): Promise<Frame>;
	/** The texts of all frames so far. */
	texts: string[];
	closed: Promise<{ code: number; reason: string }>;
};

/** Rejects with the status when the handshake is refused. */
async function openClient(t: Pick<TestContext, "after">, ws: WebSocket): Promise<Client> {
	t.after(() => ws.terminate());
	const texts: string[] = [];
	const frames: Frame[] = [];
	const waiting: ((frame: Frame) => void)[] = [];
	ws.on("message", (bytes: Buffer) => {
		texts.push(bytes.toString());
		const frame = JSON.parse(bytes.toString()) as Frame;
		const next = waiting.shift();
		if (next === undefined) {
			frames.push(frame);
		} else {
			next(frame);
		}
	});
	const closed = once(ws, "close").then(([code, reason]) => ({ code: Number(code), reason: String(reason) }));
	closed.catch(() => undefined);
	await new Promise<void>((resolve, reject) => {
		ws.once("open", resolve);
		ws.once("unexpected-response", (_request, { statusCode }: { statusCode?: number }) => {
			reject(new Error(`refused with ${statusCode}`));
			ws.terminate();
		});
		ws.once("error", reject);
	});
	ws.on("error", () => undefined);
	let asked = 0;
	const send = (frame: unknown) => ws.send(typeof frame === "string" ? frame : JSON.stringify(frame));
	return {
		ws,
		send,
		texts,
		closed,
		ask(method, uri, body) {
			asked += 1;
			send({ client_req_id: `r${asked}`, method, uri, ...(body === undefined ? {} : { body }) });
		},
		next: () =>
			new Promise((resolve) => {
				const frame = frames.shift();
				if (frame === undefined) {
					waiting.push(resolve);
				} else {
					resolve(frame);
				}
			}),
	};
}

async function readLogIn(calling: Promise<Response>): Promise<LoggedIn> {
	const response = await calling;
	const line = response.headers.get("set-cookie") ?? "";
	const token = /^JSESSIONID=([0-9A-F]+);/.exec(line)?.[1] ?? "";
	const { id = "" } = (response.ok ? await response.json() : {}) as { id?: string };
	return { id, cookie: `JSESSIONID=${token}`, token, response };
}

function fakeTree(): FakeTree {
	return {
		values: new Map<string, unknown>([
			["properties", { id: "U", chat_address: "mia@desk.test", work_status: "not_ready" }],
			["interactions", []],
			["queues", []],
		]),
		position: 1,
		answer: () => Promise.resolve({ status: 200 }),
		beforeSnapshot: () => Promise.resolve(),
	};
}

function treeFor(tree: FakeTree, asked: Asked[]): Tree {
	return {
		answer(given) {
			asked.push(given);
			return tree.answer(given);
		},
		async snapshot(_caller, path) {
			const { position } = tree;
			const value = tree.values.get(path.join("/"));
			await tree.beforeSnapshot();
			return value === undefined
				? { ok: false, answer: { status: 404, body: { error: "unknown", message: "There is none." } } }
				: { ok: true, snapshot: { position, value } };
		},
	};
}

function fakeFeed(tree: FakeTree): FakeFeed {
	const listening = new Map<string, Set<(change: Change) => void>>();
	const hearers = (userId: string) => listening.get(userId) ?? new Set();
	return {
		listen(userId, hear) {
			listening.set(userId, hearers(userId).add(hear));
			return () => hearers(userId).delete(hear);
		},
		commit(userId, ...transactions) {
			tree.position += 1;
			const change = { position: tree.position, transactions };
			this.tell(userId, change);
			return change;
		},
		tell: (userId, change) => hearers(userId).forEach((hear) => hear(change)),
		listeners: (userId) => hearers(userId).size,
	};
}

function mediaOn(files: Map<string, MediaFile>): Media {
	return {
		bytesMax: 2000,
		take(_caller, id, { contentType, bytes }) {
			files.set(id, { filename: "a file.html", contentType, bytes });
			return Promise.resolve({ status: 200 });
		},
		give(_caller, id) {
			const file = files.get(id);
			return Promise.resolve(file === undefined ? { ok: false, answer: { status: 404 } } : { ok: true, file });
		},
	};
}

/** The transactions of a notification, whose shape is checked. */
export function transactionsOf(frame: Frame): { method: string; uri: string; subscribed_resource: unknown }[] {
	assert.deepEqual(Object.keys(frame).toSorted(), ["body", "method", "uri"]);
	const body = frame["body"] as Record<string, unknown>;
	assert.deepEqual(Object.keys(body), ["transactions"]);
	const transactions = body["transactions"] as Record<string, unknown>[];
	for (const transaction of transactions) {
		assert.deepEqual(Object.keys(transaction).toSorted(), ["method", "subscribed_resource", "uri"]);
	}
	return transactions as { method: string; uri: string; subscribed_resource: unknown }[];
}
