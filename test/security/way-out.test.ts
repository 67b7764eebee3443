// Goal S7: no URL that anybody enters, no redirect and no answer of a name server leads into the operator's network.
// Method: some 1,600 URLs and 137 answers of name servers × every place a URL is entered × direct, redirected, mixed,
// rebound and late answers. Counted are the connections that listeners on all addresses of this machine accept, and each
// attempt to open a socket to anywhere (`dials.ts`), never what the program says of itself. Controls: a listed private
// target is reached, and a public address is dialled.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import test, { type TestContext } from "node:test";
import { type OutgoingAnswer, type SafeRequestOptions, type WayOut } from "#platform/safe-request.ts";
import { freePort } from "#test/free-port.ts";
import { connectTimeoutMs, get, handClock, peer, wayOut } from "#test/peers.ts";
import { deniedAnswers, deniedUrls } from "./denied-targets.ts";
import { watchDials } from "./dials.ts";
import { type Sentinel, sentinel, usualSentinels } from "./sentinel.ts";

type Lookup = NonNullable<SafeRequestOptions["lookup"]>;
const blocked = { kind: "notSent", why: "blocked" };
const publicAddress = "93.184.215.14";
const found = (address: string) => ({ address, family: address.includes(":") ? 6 : 4 });
const always =
	(...addresses: readonly string[]): Lookup =>
	() =>
		Promise.resolve(addresses.map(found));
const inside = always("127.0.0.1");
/** The address that is listed where a test lists one, as a name server might spell it. */
const listedSpellings = [
	"127.0.0.1",
	"::ffff:127.0.0.1",
	"::127.0.0.1",
	"0x7f000001",
	"2130706433",
	"0177.0.0.1",
	"127.1",
];

async function guards(t: TestContext) {
	const [own, usual] = [await sentinel(t), await usualSentinels(t)];
	const all: readonly Sentinel[] = [own, ...usual];
	const dials = watchDials(t);
	return {
		port: own.port,
		dials,
		assertUntouched(what: string): void {
			assert.deepEqual(dials.seen, [], what);
			assert.deepEqual(
				all.map(({ accepted }) => accepted),
				all.map(() => 0),
				what,
			);
		},
	};
}

/** In small groups, so that a stray connection is told with the URLs that may have made it. */
async function ask(way: WayOut, urls: readonly string[]): Promise<readonly OutgoingAnswer[]> {
	return Promise.all(urls.map((url) => way.request({ ...get(url), method: "POST", body: "secret" })));
}

test("the controls: a listed private target is reached, a public one is dialled, and both are seen", async (t) => {
	const { dials } = await guards(t);
	const target = await peer(t, (_request, response) => response.end("inside"));
	const endpoint = `127.0.0.1:${target.port}`;
	for (const outboundAllow of [[endpoint], ["127.0.0.0/8"], [`listed.example:${target.port}`]]) {
		const way = wayOut(t, { outboundAllow, lookup: inside });
		const name = outboundAllow[0]?.startsWith("listed") === true ? `listed.example:${target.port}` : endpoint;
		assert.equal((await way.request(get(`http://${name}/`))).kind, "answered", outboundAllow[0]);
	}
	assert.equal(target.connections, 3);
	assert.equal(dials.seen.length, 3);
	dials.forget();
	const way = wayOut(t, { outboundAllow: [], lookup: always(publicAddress) });
	assert.deepEqual(await way.request(get("https://api.example/")), { kind: "notSent", why: "refused" });
	assert.deepEqual(dials.seen, [`${publicAddress} 443`]);
});

for (const listed of ["nothing", "another private network and another port of this machine"]) {
	test(`1,500 and more URLs lead nowhere while ${listed} is listed`, async (t) => {
		const guard = await guards(t);
		const urls = deniedUrls(guard.port);
		assert.ok(urls.length >= 1500, `${urls.length} URLs`);
		const outboundAllow = listed === "nothing" ? [] : ["10.99.0.0/16", `127.0.0.1:${await freePort()}`, "fd99::/16"];
		const way = wayOut(t, { outboundAllow, lookup: inside });
		for (let from = 0; from < urls.length; from += 20) {
			const some = urls.slice(from, from + 20);
			const answers = await ask(way, some);
			some.forEach((url, index) => assert.deepEqual(answers[index], blocked, JSON.stringify(url)));
			guard.assertUntouched(JSON.stringify(some));
		}
		t.diagnostic(`${urls.length} URLs`);
	});
}

test("an answer of the name server that is denied blocks the call, alone and among allowed ones, first and last", async (t) => {
	const guard = await guards(t);
	const listedPort = await freePort();
	let tries = 0;
	for (const denied of deniedAnswers) {
		const mixes = [[denied], [publicAddress, denied], [denied, publicAddress], [publicAddress, "8.8.4.4", denied]];
		for (const [index, mix] of mixes.entries()) {
			const way = wayOut(t, { outboundAllow: [`10.99.0.1:${listedPort}`], lookup: always(...mix) });
			const answer = await way.request(get(index % 2 === 0 ? "https://api.example/" : "https://api.example:80/"));
			assert.deepEqual(answer, blocked, JSON.stringify(mix));
			tries++;
		}
		guard.assertUntouched(denied);
	}
	t.diagnostic(`${tries} answers`);
});

test("a name that is rebound after it was checked: the connection goes where the check was, and the next one is checked anew", async (t) => {
	const { dials } = await guards(t);
	const target = await peer(t, (_request, response) => response.writeHead(200, { connection: "close" }).end());
	for (const denied of deniedAnswers) {
		let lookups = 0;
		const way = wayOut(t, {
			outboundAllow: [`127.0.0.1:${target.port}`],
			lookup: () => Promise.resolve([found(lookups++ === 0 ? "127.0.0.1" : denied)]),
		});
		const url = `http://rebind.example:${target.port}/`;
		assert.equal((await way.request(get(url))).kind, "answered", denied);
		dials.forget();
		const second = await way.request(get(url));
		assert.equal(lookups, 2);
		if (!listedSpellings.includes(denied)) {
			assert.deepEqual(second, blocked, denied);
			assert.deepEqual(dials.seen, [], denied);
		}
	}
});

test("a name server that answers late, when the call was given up, leads nowhere either", async (t) => {
	const guard = await guards(t);
	for (const late of [...deniedAnswers, publicAddress]) {
		const { clock, fire } = handClock();
		let answer: (addresses: ReturnType<typeof found>[]) => void = () => undefined;
		const asked = new Promise<void>((resolve) => {
			const lookup: Lookup = () => {
				resolve();
				return new Promise((given) => (answer = given));
			};
			const way = wayOut(t, { outboundAllow: [], clock, lookup });
			const call = way.request(get("https://slow.example/"));
			t.after(() => call);
			void call.then((outcome) => assert.deepEqual(outcome, { kind: "notSent", why: "timeout" }));
		});
		await asked;
		fire(connectTimeoutMs);
		answer([found(late)]);
		await new Promise(setImmediate);
		guard.assertUntouched(late);
	}
});

test("an allowed host that redirects to any of them is answered, and nobody goes there", async (t) => {
	const guard = await guards(t);
	const urls = deniedUrls(guard.port);
	const statuses = ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent", "300 Choices"];
	// Written byte by byte: an HTTP server of our own would refuse to send half of these.
	const server = createServer((socket) => {
		socket
			.on("error", () => undefined)
			.on("data", (request) => {
				const turn = Number(/^GET \/(\d+) /.exec(request.toString())?.[1]);
				const location = (urls[turn] ?? "").replaceAll(/[\r\n\0]/g, "");
				const head = `HTTP/1.1 ${statuses[turn % statuses.length] ?? ""}\r\nLocation: ${location}\r\n`;
				socket.write(`${head}Refresh: 0; url=${location}\r\nContent-Length: 0\r\n\r\n`);
			});
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	t.after(() => server.close());
	const { port } = server.address() as AddressInfo;
	const way = wayOut(t, { outboundAllow: [`127.0.0.1:${port}`], lookup: inside });
	for (const [turn, url] of urls.entries()) {
		const answer = await way.request(get(`http://127.0.0.1:${port}/${turn}`));
		assert.ok(answer.kind === "answered" && answer.status >= 300 && answer.status < 309, JSON.stringify(url));
	}
	const elsewhere = guard.dials.seen.filter((dial) => dial !== `127.0.0.1 ${port}`);
	assert.deepEqual(elsewhere, []);
	guard.dials.forget();
	guard.assertUntouched("redirects");
});

test("what is blocked is answered alike and as fast whether somebody listens there or not; and as fast as what is refused", async (t) => {
	const own = await sentinel(t);
	const [silent, listedButClosed] = [await freePort(), await freePort()];
	const way = wayOut(t, { outboundAllow: [`127.0.0.1:${listedButClosed}`], lookup: inside });
	const targets = {
		"open port": `http://127.0.0.1:${own.port}/`,
		"closed port": `http://127.0.0.1:${silent}/`,
		"no host": "https://10.255.255.1/",
		"open port by name": `http://name.example:${own.port}/`,
		"closed port by name": `http://name.example:${silent}/`,
		refused: `http://127.0.0.1:${listedButClosed}/`,
	};
	const times = new Map<string, number[]>();
	for (let round = 0; round < 60; round++) {
		for (const [what, url] of Object.entries(targets)) {
			const startedMs = performance.now();
			const answer = await way.request(get(url));
			times.set(what, [...(times.get(what) ?? []), performance.now() - startedMs]);
			assert.deepEqual(answer, what === "refused" ? { kind: "notSent", why: "refused" } : blocked, what);
		}
	}
	const medians = [...times.values()].map((all) => all.toSorted((a, b) => a - b)[30] ?? Number.NaN);
	const apartMs = Math.max(...medians) - Math.min(...medians);
	t.diagnostic(`medians at most ${apartMs.toFixed(2)} ms apart`);
	assert.ok(apartMs < 50);
	assert.equal(own.accepted, 0);
});
