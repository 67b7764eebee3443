// Goal: a simulator repeats what was not taken, as its manners say, and tells of each moment of a webhook and of a send, in
// order and while it lasts.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { systemClock } from "#platform/clock.ts";
import { listen } from "#test/peers.ts";
import { seededRandom } from "#test/scene.ts";
import { createServer, type RequestListener } from "node:http";
import { SimulatorHost } from "./kit.ts";
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
