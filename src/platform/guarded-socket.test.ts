// The socket by itself, before anything is sent over it: which address it goes to, what it says of itself in TLS, and that
// no connection outlives its time limit.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import test from "node:test";
import { type TLSSocket, createServer as createTlsServer } from "node:tls";
import { connectTimeoutMs, handClock, listen, testCertificate, testKey } from "#test/peers.ts";
import { type LookedUp, NotSent, type SocketOptions, openGuardedSocket } from "./guarded-socket.ts";
import { type Target, parseAllowList } from "./outbound-rules.ts";

const here: LookedUp = { address: "127.0.0.1", family: 4 };

function options(change: Partial<SocketOptions> = {}): SocketOptions {
	return {
		allow: parseAllowList(["127.0.0.0/8"]),
		clock: handClock().clock,
		connectTimeoutMs,
		lookup: () => Promise.resolve([here]),
		certificateAuthorities: [testCertificate],
		...change,
	};
}

function target(port: number, change: Partial<Target> = {}): Target {
	return { isTls: false, host: "api.example", port, literal: undefined, needs: "listed", ...change };
}

test("when the first checked address refuses, the next one is tried", async (t) => {
	const port = await listen(t, createServer());
	const nobody = { address: "127.0.0.2", family: 4 };
	const socket = await openGuardedSocket(target(port), options({ lookup: () => Promise.resolve([nobody, here]) }));
	assert.equal(socket.remoteAddress, "127.0.0.1");
	socket.destroy();
	const refused = openGuardedSocket(target(port), options({ lookup: () => Promise.resolve([nobody]) }));
	await assert.rejects(refused, { name: "NotSent", message: "not sent: refused", why: "refused" });
});

test("an open socket that breaks before anybody listens to it does not end the process", async (t) => {
	const port = await listen(t, createServer());
	const socket = await openGuardedSocket(target(port), options());
	assert.equal(socket.listenerCount("error"), 1);
	socket.destroy(new Error("broken"));
	await new Promise<void>((resolve) => socket.once("close", () => resolve()));
});

test("by TLS only HTTP/1.1 is offered, with the name as SNI, and no SNI for an address", async (t) => {
	const named: string[] = [];
	const server = createTlsServer({
		key: testKey,
		cert: testCertificate,
		ALPNProtocols: ["h2", "http/1.1"],
		SNICallback(name, callback) {
			named.push(name);
			callback(null);
		},
	});
	const port = await listen(t, server);
	const socket = (await openGuardedSocket(target(port, { isTls: true }), options())) as TLSSocket;
	assert.equal(socket.alpnProtocol, "http/1.1");
	assert.deepEqual(named, ["api.example"]);
	socket.destroy();
	const byAddress = target(port, { isTls: true, host: "127.0.0.1", literal: "127.0.0.1" });
	await assert.rejects(openGuardedSocket(byAddress, options()), { why: "tls" });
	assert.deepEqual(named, ["api.example"]);
});

test("whenever the time limit falls, during the look-up or right after it, it is the end", async (t) => {
	const port = await listen(t, createServer());
	for (let steps = 0; steps < 16; steps++) {
		const { clock, fire } = handClock();
		const opening = openGuardedSocket(target(port), options({ clock }));
		for (let step = 0; step < steps; step++) {
			await Promise.resolve();
		}
		fire(connectTimeoutMs);
		await assert.rejects(
			opening,
			(error) => error instanceof NotSent && error.why === "timeout",
			`after ${steps} steps`,
		);
	}
});

test("a socket that is open has no time limit any more", async (t) => {
	const port = await listen(t, createServer());
	const { clock, timers } = handClock();
	const socket = await openGuardedSocket(target(port), options({ clock }));
	assert.equal(timers.size, 0);
	socket.destroy();
});
