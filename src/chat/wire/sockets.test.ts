// Goal: the public sample clients connect as they are, and nobody else's page does. Method: the real server, real sockets,
// a tree and a feed that the test moves.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import test from "node:test";
import { presentUsers } from "#storage/chat-sessions.ts";
import { type LoggedIn, transactionsOf, wireScene } from "#test/wire-scene.ts";

const at = "/desk/ecfs/ws_endpoint/";
const visitorAt = "/desk/visitor/ecfs/ws_endpoint/";

test("the first frame has sessionid, and no other; its values open nothing", async (t) => {
	const scene = await wireScene(t);
	const me = await scene.logIn(await scene.person());
	const client = await scene.connect(at, { headers: { cookie: me.cookie } });
	const hello = await client.next();
	assert.match(String(hello["sessionid"]), /^TMP[A-F0-9]{29}$/);
	assert.match(String(hello["ecfsessionid"]), /^[A-F0-9]{32}$/);
	assert.ok(!client.texts[0]?.includes(me.token));
	client.ask("SUBSCRIBE", "/users/me/properties");
	assert.deepEqual(Object.keys(await client.next()), ["client_req_id", "method", "uri", "status_code", "body"]);
	transactionsOf(await client.next());
	assert.ok(client.texts.slice(1).every((text) => !text.includes('"sessionid"')));
});

type Way = {
	name: string;
	path?: string;
	headers?: (mine: { agent: LoggedIn; other: LoggedIn; visitor: LoggedIn }) => Record<string, string>;
	protocols?: string[];
	selected?: string;
	refused?: number;
};

const cookie = ({ agent }: { agent: LoggedIn }) => ({ cookie: agent.cookie });
const ways: readonly Way[] = [
	{ name: "no origin", headers: cookie },
	{ name: "c, h, a, t", headers: cookie, protocols: ["c", "h", "a", "t"] },
	{ name: "chat", headers: cookie, protocols: ["chat"], selected: "chat" },
	{ name: "two slashes in front", path: "//desk/ecfs/ws_endpoint/", headers: cookie },
	{ name: "no slash at the end", path: "/desk/ecfs/ws_endpoint", headers: cookie },
	{ name: "a query nobody knows", path: `${at}?a=1&a=2&b`, headers: cookie },
	{ name: "an empty jsessionid", path: `${at};jsessionid=`, headers: cookie },
	{ name: "a content type", headers: (mine) => ({ ...cookie(mine), "content-type": "application/json" }) },
	{
		name: "a whole Set-Cookie line",
		headers: ({ agent }) => ({ cookie: `${agent.cookie}; Path=/desk/ecfs; HttpOnly` }),
	},
	{ name: "foreign cookies", headers: ({ agent }) => ({ cookie: `JWT=a.b.c; ${agent.cookie}; x=1` }) },
	{ name: "our own origin", headers: (mine) => ({ ...cookie(mine), origin: "https://parley.example" }) },
	{
		name: "our own host as samples write it",
		headers: (mine) => ({ ...cookie(mine), origin: "wss://Parley.example/" }),
	},
	{ name: "with a path", headers: (mine) => ({ ...cookie(mine), origin: "https://parley.example/tenant/" }) },
	{ name: "another origin", headers: (mine) => ({ ...cookie(mine), origin: "https://evil.example" }), refused: 403 },
	{
		name: "a lookalike",
		headers: (mine) => ({ ...cookie(mine), origin: "https://parley.example.evil" }),
		refused: 403,
	},
	{
		name: "in its user part",
		headers: (mine) => ({ ...cookie(mine), origin: "https://parley.example@evil" }),
		refused: 403,
	},
	{
		name: "another port",
		headers: (mine) => ({ ...cookie(mine), origin: "https://parley.example:8443" }),
		refused: 403,
	},
	{ name: "null", headers: (mine) => ({ ...cookie(mine), origin: "null" }), refused: 403 },
	{
		name: "a widget's page, as an agent",
		headers: (mine) => ({ ...cookie(mine), origin: "https://shop.example" }),
		refused: 403,
	},
	{ name: "no cookie", refused: 401 },
	{ name: "a wrong cookie", headers: () => ({ cookie: `JSESSIONID=${"AB".repeat(32)}` }), refused: 401 },
	{
		name: "a visitor's cookie at the agent's socket",
		headers: ({ visitor }) => ({ cookie: visitor.cookie }),
		refused: 401,
	},
	{ name: "an agent's cookie at the visitor's socket", path: visitorAt, headers: cookie, refused: 401 },
	{
		name: "a visitor",
		path: visitorAt,
		headers: ({ visitor }) => ({ cookie: visitor.cookie, origin: "https://shop.example" }),
	},
	{ name: "no such socket", path: "/desk/other/ws_endpoint/", headers: cookie, refused: 404 },
];

test("handshakes", async (t) => {
	const scene = await wireScene(t);
	const agent = await scene.logIn(await scene.person());
	const mine = { agent, other: await scene.logIn(await scene.person()), visitor: await scene.visit() };
	for (const { name, path = at, headers, protocols, selected = "", refused } of ways) {
		await t.test(name, async () => {
			const opening = scene.connect(path, {
				headers: headers?.(mine) ?? {},
				...(protocols === undefined ? {} : { protocols }),
			});
			if (refused !== undefined) {
				await assert.rejects(opening, { message: `refused with ${refused}` });
				return;
			}
			const { ws } = await opening.catch((error: Error) => {
				// Clients of `ws` insist on a choice; the samples' do not.
				assert.match(error.message, /no subprotocol/);
				return { ws: { protocol: "" } };
			});
			assert.equal(ws.protocol, selected);
		});
	}
});

test("a session in the path counts before the cookie", async (t) => {
	const scene = await wireScene(t);
	const [one, other] = [await scene.logIn(await scene.person()), await scene.logIn(await scene.person())];
	await scene.connect(`${at};jsessionid=${one.token}`, { headers: { cookie: other.cookie } });
	assert.deepEqual(
		scene.events.map(({ caller }) => caller.userId),
		[one.id],
	);
	await assert.rejects(scene.connect(`${at};jsessionid=${"AB".repeat(32)}`, { headers: { cookie: other.cookie } }));
});

test("a ticket opens one socket, once, within thirty seconds, on its own side", async (t) => {
	const scene = await wireScene(t);
	const me = await scene.visit();
	const ticket = async (): Promise<string> => {
		const response = await fetch(`${scene.origin}/desk/visitor/ecfs/ticket`, {
			method: "POST",
			headers: { "x-jsessionid": me.token },
		});
		return ((await response.json()) as { ticket: string }).ticket;
	};
	const first = await ticket();
	const tries = [1, 2, 3].map(() => scene.connect(`${visitorAt};ticket=${first}`));
	const settled = await Promise.allSettled(tries);
	assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
	await assert.rejects(scene.connect(`${at};ticket=${await ticket()}`), { message: "refused with 401" });
	const late = await ticket();
	scene.clock.advance(30_000);
	await assert.rejects(scene.connect(`${visitorAt};ticket=${late}`), { message: "refused with 401" });
	const none = await fetch(`${scene.origin}/desk/visitor/ecfs/ticket`, { method: "POST" });
	assert.equal(none.status, 401);
});

test("nothing but JSON comes in ten minutes of silence; pings are answered, and answer", async (t) => {
	const scene = await wireScene(t);
	const client = await scene.enter(await scene.logIn(await scene.person()));
	let pings = 0;
	client.ws.on("ping", () => (pings += 1));
	for (let round = 1; round <= 20; round++) {
		const pinged = once(client.ws, "ping");
		scene.clock.advance(30_000);
		await pinged;
		client.ws.pong(); // One more than was asked for, as samples send.
		const ponged = once(client.ws, "pong");
		client.ws.ping();
		await ponged;
	}
	assert.equal(pings, 20);
	assert.equal(client.texts.length, 1);
	assert.equal(client.ws.readyState, client.ws.OPEN);
});

test("who misses two pongs is dropped", async (t) => {
	const scene = await wireScene(t);
	const me = await scene.logIn(await scene.person());
	const client = await scene.connect(at, { headers: { cookie: me.cookie }, autoPong: false });
	for (let round = 1; round <= 2; round++) {
		const pinged = once(client.ws, "ping");
		scene.clock.advance(30_000);
		await pinged;
	}
	assert.equal(client.ws.readyState, client.ws.OPEN);
	scene.clock.advance(30_000);
	assert.equal((await client.closed).code, 1006);
});

test("a frame above 64 KiB closes with 1009, a binary one with 1008", async (t) => {
	const scene = await wireScene(t);
	const me = await scene.logIn(await scene.person());
	const large = await scene.enter(me);
	large.ask("GET", "/users/me/properties");
	await large.next();
	large.send(
		JSON.stringify({ client_req_id: "x", method: "GET", uri: "/users/me/properties", pad: "x".repeat(65_536) }),
	);
	assert.equal((await large.closed).code, 1009);
	const binary = await scene.enter(me);
	binary.ws.send(Buffer.from("{}"), { binary: true });
	assert.equal((await binary.closed).code, 1008);
});

test("a session has twenty sockets, a node as many as it may", async (t) => {
	const scene = await wireScene(t, { limits: { socketsPerSession: 2, socketsMax: 3 } });
	const [one, other] = [await scene.logIn(await scene.person()), await scene.logIn(await scene.person())];
	const first = await scene.enter(one);
	await scene.enter(one);
	await assert.rejects(scene.enter(one), { message: "refused with 503" });
	await scene.enter(other);
	await assert.rejects(scene.enter(other), { message: "refused with 503" });
	first.ws.close();
	await first.closed;
	await scene.enter(other);
});

test("visitors leave agents a share of the sockets, and no network takes those of all others", async (t) => {
	const scene = await wireScene(t, { limits: { socketsMax: 4, visitorsShare: 0.5, socketsPerNetwork: 2 } });
	const sit = async (cookie: string, path: string) => scene.connect(path, { headers: { cookie } });
	const first = await sit((await scene.visit()).cookie, visitorAt);
	await sit((await scene.visit()).cookie, visitorAt);
	const third = await scene.visit();
	await assert.rejects(sit(third.cookie, visitorAt), { message: "refused with 503" });
	const agent = await scene.logIn(await scene.person());
	await sit(agent.cookie, at);
	await sit(agent.cookie, at);
	first.ws.close();
	await first.closed;
	await assert.rejects(sit(third.cookie, visitorAt), { message: "refused with 503" });

	const roomy = await wireScene(t, { limits: { socketsMax: 100, socketsPerNetwork: 2 } });
	await roomy.connect(visitorAt, { headers: { cookie: (await roomy.visit()).cookie } });
	await roomy.connect(visitorAt, { headers: { cookie: (await roomy.visit()).cookie } });
	const refused = { headers: { cookie: (await roomy.visit()).cookie } };
	await assert.rejects(roomy.connect(visitorAt, refused), { message: "refused with 503" });
	await roomy.enter(await roomy.logIn(await roomy.person()));
});

test("a slow reader's bytes are bounded: then it is closed", async (t) => {
	const scene = await wireScene(t, { limits: { cloggedBytes: 100_000, bufferedBytesMax: 500_000 } });
	const me = await scene.logIn(await scene.person());
	const client = await scene.connect(at, { headers: { cookie: me.cookie }, perMessageDeflate: false });
	await client.next();
	client.ask("SUBSCRIBE", "/users/me/interactions");
	await client.next();
	await client.next();
	client.ws.pause();
	const uri = "/users/me/interactions/AB";
	let told = 0;
	while (scene.feed.listeners(me.id) > 0 && told < 1000) {
		scene.feed.commit(me.id, { method: "PUT", uri, subscribed_resource: "x".repeat(200_000) });
		told += 1;
		await new Promise((resolve) => setImmediate(resolve));
		scene.clock.advance(10);
	}
	assert.ok(told < 1000, "the connection ended");
});

test("when the server stops, what has begun is answered and every socket hears 1001", async (t) => {
	const scene = await wireScene(t);
	const client = await scene.enter(await scene.logIn(await scene.person()));
	let finish: () => void = () => undefined;
	const begun = new Promise<void>((begin) => {
		scene.tree.answer = () =>
			new Promise((resolve) => {
				finish = () => resolve({ status: 200 });
				begin();
			});
	});
	client.ask("PUT", "/users/me/properties", { work_status: "ready" });
	await begun;
	const stopped = scene.wire.stop();
	finish();
	assert.equal((await client.next())["status_code"], 200);
	assert.equal((await client.closed).code, 1001);
	await stopped;
});

test("an ordinary GET of a socket's address says what it is for; who asks for another upgrade is answered in HTTP", async (t) => {
	const scene = await wireScene(t);
	const me = await scene.logIn(await scene.person());
	const plain = await fetch(`${scene.origin}/desk/ecfs/ws_endpoint`, { headers: { cookie: me.cookie } });
	assert.equal(plain.status, 426);
	const { port } = new URL(scene.origin);
	const socket = connect(Number(port), "127.0.0.1");
	const first = once(socket, "data");
	socket.write("GET /desk/ecfs/ws_endpoint HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
	assert.match(String((await first)[0]), /^HTTP\/1.1 401 /);
	socket.destroy();
});

for (const [what, headers, status] of [
	["no key", { "sec-websocket-version": "13" }, 400],
	["version 12", { "sec-websocket-version": "12", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" }, 400],
] as const) {
	test(`a handshake with ${what} is refused, and nobody is there by it`, async (t) => {
		const scene = await wireScene(t);
		const me = await scene.logIn(await scene.person());
		const socket = connect(Number(new URL(scene.origin).port), "127.0.0.1");
		let text = "";
		socket.on("data", (bytes) => (text += bytes.toString()));
		const all = { host: "x", connection: "Upgrade", upgrade: "websocket", cookie: me.cookie, ...headers };
		const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
		socket.write(`GET ${at} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
		await once(socket, "close");
		assert.match(text, new RegExp(`^HTTP/1.1 ${status} `));
		while ((await presentUsers(scene.storage.db, "agent", scene.clock.now())).length > 0) {
			await new Promise((resolve) => setImmediate(resolve));
		}
		assert.equal(scene.events.length, 0);
	});
}
