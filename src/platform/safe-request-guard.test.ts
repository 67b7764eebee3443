import test from "node:test";
import assert from "node:assert/strict";
import { get, peer, wayOut } from "#test/peers.ts";

test("a redirect is an answer; nobody goes there", async (context) => {
	const target = await peer(context, (_request, response) => response.end());
	for (const status of [301, 302, 303, 307, 308]) {
		const { port } = await peer(context, (_request, response) => {
			response.writeHead(status, { location: `http://127.0.0.1:${target.port}/` }).end();
		});
		const answer = await wayOut(context, {}).request(get(`http://127.0.0.1:${port}/`));
		assert.ok(answer.kind === "answered" && answer.status === status);
	}
	assert.equal(target.connections, 0);
});

test("a private target that is not listed is blocked, and nothing connects to it", async (context) => {
	const sentinel = await peer(context, (_request, response) => response.end());
	const { port } = sentinel;
	let lookups = 0;
	const way = wayOut(context, {
		outboundAllow: ["10.0.0.0/8"],
		lookup: () => {
			lookups++;
			return Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
		},
	});
	const urls = [
		`http://127.0.0.1:${port}/`,
		`https://127.0.0.1:${port}/`,
		`http://2130706433:${port}/`,
		`http://0177.0.0.1:${port}/`,
		`http://[::ffff:127.0.0.1]:${port}/`,
		`http://[::127.0.0.1]:${port}/`,
		`http://0x7f.1:${port}/`,
		`http://localhost:${port}/`,
		`http://name.example:${port}/`,
		`https://name.example/`,
		`http://u:p@127.0.0.1:${port}/`,
		"not a url",
		"ftp://127.0.0.1/",
	];
	for (const url of urls) {
		assert.deepEqual(await way.request(get(url)), { kind: "notSent", why: "blocked" }, url);
	}
	assert.equal(sentinel.connections, 0);
	assert.equal(lookups, 3, "names are looked up once each, and only those that may be open");
});

test("one private address among the answers of a look-up blocks the call", async (context) => {
	const sentinel = await peer(context, (_request, response) => response.end());
	const way = wayOut(context, {
		outboundAllow: [],
		lookup: () =>
			Promise.resolve([
				{ address: "93.184.215.14", family: 4 },
				{ address: "127.0.0.1", family: 4 },
			]),
	});
	assert.deepEqual(await way.request(get("https://name.example/")), { kind: "notSent", why: "blocked" });
	assert.equal(sentinel.connections, 0);
});

test("a name is looked up once per connection, and the connection goes to the address that was checked", async (context) => {
	const sentinel = await peer(context, (_request, response) => response.end());
	const answers = ["127.0.0.1", "127.0.0.2", "127.0.0.1"];
	let lookups = 0;
	const way = wayOut(context, {
		outboundAllow: [`127.0.0.1:${sentinel.port}`],
		lookup: () => Promise.resolve([{ address: answers[lookups++] ?? "", family: 4 }]),
	});
	const url = `http://rebind.example:${sentinel.port}/`;
	assert.equal((await way.request(get(url))).kind, "answered");
	assert.equal(lookups, 1);
	const another = wayOut(context, {
		outboundAllow: [`127.0.0.1:${sentinel.port}`],
		lookup: () => Promise.resolve([{ address: answers[lookups++] ?? "", family: 4 }]),
	});
	assert.deepEqual(await another.request(get(url)), { kind: "notSent", why: "blocked" });
	assert.equal(sentinel.connections, 1);
});

test("a listed host and port is open by name, and its other ports are not", async (context) => {
	const open = await peer(context, (_request, response) => response.end());
	const shut = await peer(context, (_request, response) => response.end());
	const way = wayOut(context, { outboundAllow: [`localhost:${open.port}`] });
	assert.equal((await way.request(get(`http://localhost:${open.port}/`))).kind, "answered");
	assert.deepEqual(await way.request(get(`http://localhost:${shut.port}/`)), { kind: "notSent", why: "blocked" });
	assert.deepEqual(await way.request(get(`http://127.0.0.1:${open.port}/`)), { kind: "notSent", why: "blocked" });
	assert.equal(shut.connections, 0);
});

test("a name that is not found, or has no address, is certainly not sent", async (context) => {
	const lost = wayOut(context, { lookup: () => Promise.reject(new Error("ENOTFOUND")) });
	assert.deepEqual(await lost.request(get("https://gone.example/")), { kind: "notSent", why: "dns" });
	const empty = wayOut(context, { lookup: () => Promise.resolve([]) });
	assert.deepEqual(await empty.request(get("https://gone.example/")), { kind: "notSent", why: "dns" });
});

test("proxies named in the environment are not used", async (context) => {
	const proxy = await peer(context, (_request, response) => response.end());
	const { port } = await peer(context, (_request, response) => response.end("direct"));
	const before = { ...process.env };
	context.after(() => {
		process.env = before;
	});
	for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"]) {
		process.env[name] = `http://127.0.0.1:${proxy.port}`;
	}
	const answer = await wayOut(context, {}).request(get(`http://127.0.0.1:${port}/`));
	assert.ok(answer.kind === "answered" && Buffer.from(answer.body).toString() === "direct");
	assert.equal(proxy.connections, 0);
});
