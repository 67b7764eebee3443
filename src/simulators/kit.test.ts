// Goal: a simulator repeats what was not taken, as its manners say, and tells of each moment of a webhook and of a send, in
// order and while it lasts.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { request as sendRequest } from "undici";
import { systemClock } from "#platform/clock.ts";
import { listen } from "#test/peers.ts";
import { seededRandom } from "#test/scene.ts";
import { createServer, type RequestListener } from "node:http";
import { jsonReply, SimulatorHost } from "./kit.ts";
import type { Moment } from "./simulator.ts";

async function openHost(t: TestContext): Promise<SimulatorHost> {
	const host = await SimulatorHost.open({ clock: systemClock, random: seededRandom(1) });
	t.after(() => host.close());
	return host;
}

async function receiver(t: TestContext, listener: RequestListener): Promise<string> {
	return `http://127.0.0.1:${await listen(t, createServer(listener))}`;
}

test("a webhook that got no 2xx is sent again until it is taken, at most as often as the manners say", async (t) => {
	const host = await openHost(t);
	let refusals = 2;
	const url = await receiver(t, (request, response) => {
		request.resume();
		response.writeHead(refusals-- > 0 ? 503 : 200).end();
	});
	const deliver = () =>
		host.deliver({ kind: "receipt", remoteId: "r" }, () => host.call({ method: "POST", url, headers: {}, body: "{}" }));
	assert.equal((await deliver()).status, 503, "the default is once");
	host.manners = { ...host.manners, again: { everyMs: 1, timesMax: 5 } };
	assert.equal((await deliver()).status, 200);
	refusals = 100;
	assert.equal((await deliver()).status, 503);
	assert.deepEqual(
		host.webhooks.map(({ status }) => status),
		[503, 503, 200, ...Array.from({ length: 6 }, () => 503)],
	);
});

test("each moment of a webhook is told of while it lasts", async (t) => {
	const host = await openHost(t);
	const story: string[] = [];
	const url = await receiver(t, (request, response) => {
		story.push("heard headers");
		request.once("data", () => story.push("heard body"));
		request.once("end", () => {
			response.writeHead(200);
			response.write("be");
			response.end("gun");
		});
	});
	host.onMoment = (moment) => void story.push(moment);
	const answer = await host.call({ method: "POST", url, headers: {}, body: "{}" });
	assert.deepEqual(answer, { status: 200, body: "begun" });
	const order = (one: string, other: string) => assert.ok(story.indexOf(one) < story.indexOf(other), story.join(", "));
	order("webhook headers sent", "webhook body sent");
	order("heard headers", "heard body");
	order("webhook headers sent", "heard body");
	order("webhook body sent", "webhook answer began");
	assert.equal(story.length, 5);
});

test("an answer that began counts, even when the rest of it never comes; none is status 0", async (t) => {
	const host = await openHost(t);
	host.onMoment = () => undefined;
	const url = await receiver(t, (request, response) => {
		request.resume();
		response.writeHead(200, { "content-length": "100" });
		response.write("half");
		setImmediate(() => setImmediate(() => response.destroy()));
	});
	assert.equal((await host.call({ method: "POST", url, headers: {}, body: "{}" })).status, 200);
	const nobody = await receiver(t, (request) => void request.socket.destroy());
	assert.equal((await host.call({ method: "POST", url: nobody, headers: {}, body: "{}" })).status, 0);
});

test("each moment of a send is told of: heard, taken but not answered, answered; nothing of other requests", async (t) => {
	const host = await openHost(t);
	const story: (Moment | "taken")[] = [];
	host.onMoment = (moment) => void story.push(moment);
	host.serve({
		sends: (_method, path) => path === "/send",
		judge: () => ({
			ok: true,
			take: () => {
				story.push("taken");
				return { reply: { status: 200, body: "{}" } };
			},
		}),
	});
	await (await fetch(`${host.origin}/send`, { method: "POST", body: "{}" })).text();
	await host.settled();
	assert.deepEqual(story, ["send heard", "taken", "send not yet answered", "send answered"]);
	await (await fetch(`${host.origin}/other`, { method: "POST", body: "{}" })).text();
	assert.deepEqual(story.slice(4), ["taken"]);
});

test("the trouble of a host is that of every request, and leaves the script alone", async (t) => {
	const host = await openHost(t);
	const taken: string[] = [];
	host.serve({
		sends: () => true,
		judge: ({ path }) => ({
			ok: true,
			take() {
				taken.push(path);
				return { reply: jsonReply(200, { path }) };
			},
		}),
	});
	host.script = [{ kind: "answer", status: 418 }];
	host.trouble = { answer: { status: 503, body: "down" } };
	assert.deepEqual(await host.call({ method: "GET", url: `${host.origin}/a`, headers: {} }), {
		status: 503,
		body: "down",
	});
	host.trouble = { resets: true };
	assert.equal((await host.call({ method: "GET", url: `${host.origin}/b`, headers: {} })).status, 0);
	host.trouble = { stallMs: 20, clockOffsetMs: 3_600_000 };
	const startedMs = performance.now();
	const answer = await sendRequest(`${host.origin}/c`);
	await answer.body.dump();
	assert.equal(answer.statusCode, 418);
	assert.ok(performance.now() - startedMs >= 19);
	const ahead = Date.parse(String(answer.headers["date"])) - Date.now();
	assert.ok(Math.abs(ahead - 3_600_000) < 60_000, String(ahead));
	host.trouble = {};
	assert.equal((await host.call({ method: "GET", url: `${host.origin}/d`, headers: {} })).status, 200);
	assert.deepEqual(taken, ["/d"]);
});

test("whoever goes away while a host stalls leaves nothing behind", async (t) => {
	const host = await openHost(t);
	host.serve({ sends: () => true, judge: () => assert.fail("judged without a caller") });
	host.trouble = { stallMs: 30 };
	const leaving = sendRequest(`${host.origin}/`, { signal: AbortSignal.timeout(5) });
	await assert.rejects(leaving);
	await host.settled();
});
