import assert from "node:assert/strict";
import { test } from "node:test";
import { openLink, SessionEnded, type Socket, Unanswered, Unsent, type LinkState, type Transaction } from "./link.ts";

type Timer = { at: number; run: () => void };

/** What the server says. */
function hear(socket: Socket, text: string): void {
	(socket.onmessage as ((event: { data: string }) => void) | null)?.({ data: text });
}

function stage(addresses: readonly (string | Error)[] = []) {
	const sockets: (Socket & { sent: { client_req_id: string; method: string; uri: string }[]; isClosed: boolean })[] =
		[];
	const states: LinkState[] = [];
	const told: Transaction[] = [];
	const timers = new Set<Timer>();
	let now = 0;
	let tries = 0;
	const link = openLink({
		address() {
			const next = addresses[tries] ?? `wss://desk.test/${tries}`;
			tries += 1;
			return typeof next === "string" ? Promise.resolve(next) : Promise.reject(next);
		},
		openSocket() {
			const sent: { client_req_id: string; method: string; uri: string }[] = [];
			const socket = {
				sent,
				isClosed: false,
				send: (text: string) => void sent.push(JSON.parse(text) as (typeof sent)[number]),
				close() {
					socket.isClosed = true;
					(socket.onclose as (() => void) | null)?.();
				},
				onmessage: null,
				onclose: null,
			};
			sockets.push(socket);
			return socket;
		},
		after(delayMs, run) {
			const timer = { at: now + delayMs, run };
			timers.add(timer);
			return () => timers.delete(timer);
		},
		random: () => 1,
		subscriptions: ["/properties", "/interactions"],
		onTransactions: (transactions) => void told.push(...transactions),
		onState: (state) => void states.push(state),
	});
	const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
	const last = () => {
		const socket = sockets.at(-1);
		assert.ok(socket);
		return socket;
	};
	return {
		link,
		states,
		told,
		sockets,
		settle,
		last,
		async advance(ms: number) {
			now += ms;
			for (const timer of [...timers].filter(({ at }) => at <= now)) {
				timers.delete(timer);
				timer.run();
			}
			await settle();
		},
		say: (frame: unknown) => hear(last(), JSON.stringify(frame)),
		/** Hello, and every request so far is answered with 200. */
		async greet() {
			hear(last(), JSON.stringify({ sessionid: "TMP" }));
			for (let answered = 0; answered < 2; answered += 1) {
				await settle();
				const asked = last().sent.at(answered);
				hear(last(), JSON.stringify({ client_req_id: asked?.client_req_id, status_code: 200 }));
			}
			await settle();
		},
	};
}

test("after the hello it subscribes in order, and only then it is open", async () => {
	const { settle, greet, last, states } = stage();
	await settle();
	assert.deepEqual(states, ["connecting"]);
	await greet();
	assert.deepEqual(
		last().sent.map(({ method, uri }) => `${method} ${uri}`),
		["SUBSCRIBE /users/me/properties", "SUBSCRIBE /users/me/interactions"],
	);
	assert.deepEqual(states, ["connecting", "open"]);
});

test("what is asked gets its own answer, and what changes is handed on", async () => {
	const { settle, greet, link, say, told, last } = stage();
	await settle();
	await greet();
	const answer = link.ask("PUT", "/properties", { work_status: "ready" });
	const change: Transaction = { method: "PUT", uri: "/users/me/properties/work_status", subscribed_resource: "ready" };
	say({ method: "PUT", uri: "/users/me/subscriptions/S", body: { transactions: [change] } });
	say({ client_req_id: last().sent.at(-1)?.client_req_id, status_code: 403, body: { error: "absent" } });
	assert.deepEqual(await answer, { status: 403, body: { error: "absent" } });
	assert.deepEqual(told, [change]);
});

test("a lost line comes back with longer and longer waits, and everything is asked for anew", async () => {
	const { settle, greet, link, advance, last, sockets, states } = stage();
	await settle();
	await greet();
	const open = link.ask("GET", "/queues");
	last().close();
	await assert.rejects(open, Unanswered);
	await assert.rejects(link.ask("GET", "/queues"), Unsent);
	assert.equal(states.at(-1), "lost");
	await advance(499);
	assert.equal(sockets.length, 1);
	await advance(1);
	assert.equal(sockets.length, 2);
	last().close();
	await advance(999);
	assert.equal(sockets.length, 2);
	await advance(1);
	assert.equal(sockets.length, 3);
	await greet();
	assert.equal(states.at(-1), "open");
	assert.equal(last().sent.length, 2);
});

test("an answer that does not come is told as such, a late one is nobody's, and the line is made anew", async () => {
	const { settle, greet, link, advance, say, last, sockets, states } = stage();
	await settle();
	await greet();
	const asked = link.ask("GET", "/queues");
	const id = last().sent.at(-1)?.client_req_id;
	const rejected = assert.rejects(asked, Unanswered);
	await advance(20_000);
	await rejected;
	say({ client_req_id: id, status_code: 200 });
	assert.equal(sockets[0]?.isClosed, true);
	assert.equal(states.at(-1), "lost");
	await advance(500);
	assert.equal(sockets.length, 2);
});

test("a line on which nothing comes is tried, and one that answers is kept", async () => {
	const { settle, greet, advance, say, last, sockets } = stage();
	await settle();
	await greet();
	await advance(39_999);
	assert.equal(last().sent.length, 2);
	await advance(1);
	assert.equal(last().sent.length, 3);
	say({ client_req_id: last().sent.at(-1)?.client_req_id, status_code: 404 });
	await advance(39_999);
	assert.deepEqual([last().sent.length, sockets.length], [3, 1]);
	await advance(1);
	await advance(20_000);
	await advance(500);
	assert.deepEqual([sockets[0]?.isClosed, sockets.length], [true, 2]);
});

test("a socket that never says hello is given up", async () => {
	const { settle, advance, sockets } = stage();
	await settle();
	await advance(20_000);
	await advance(500);
	assert.deepEqual([sockets[0]?.isClosed, sockets.length], [true, 2]);
});

test("without a session it ends, and tries again only when somebody wants it", async () => {
	const { link, settle, advance, states, sockets } = stage([new SessionEnded("signed out")]);
	await settle();
	await advance(60_000);
	assert.deepEqual(states, ["connecting", "ended"]);
	assert.equal(sockets.length, 0);
	link.retry();
	await settle();
	assert.equal(sockets.length, 1);
});

test("a line that is closed while it asks for its address says nothing more, and tries no more", async () => {
	for (const failure of [new Error("offline"), new SessionEnded()]) {
		const { link, states, sockets, settle, advance } = stage([failure]);
		link.close();
		await settle();
		await advance(60_000);
		assert.deepEqual([states, sockets.length], [["connecting"], 0]);
	}
});

test("somebody may try at once", async () => {
	const { settle, link, sockets } = stage([new Error("offline")]);
	await settle();
	assert.equal(sockets.length, 0);
	link.retry();
	await settle();
	assert.equal(sockets.length, 1);
});

test("where the server cannot tell what there is, the line is made anew instead of showing half of it", async () => {
	const { settle, say, advance, last, sockets, states } = stage();
	await settle();
	hear(last(), JSON.stringify({ sessionid: "TMP" }));
	await settle();
	say({ client_req_id: last().sent.at(-1)?.client_req_id, status_code: 408, body: { error: "timeout" } });
	await settle();
	assert.deepEqual([sockets[0]?.isClosed, states.includes("open")], [true, false]);
	await advance(500);
	assert.equal(sockets.length, 2);
});
