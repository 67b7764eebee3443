import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { connect as connectTls } from "node:tls";
import { makeCertificate } from "#test/certificates.ts";
import { systemClock } from "./clock.ts";
import { watchSilent } from "./leave-taking.ts";

const { certificate: cert, key } = makeCertificate();
const doors = {
	plain: { make: () => createServer(), enter: (port: number) => connect(port, "127.0.0.1"), isOpen: "connect" },
	TLS: {
		make: () => createTlsServer({ cert, key }),
		enter: (port: number) => connectTls({ port, host: "127.0.0.1", ca: cert, servername: "localhost" }),
		isOpen: "secureConnect",
	},
} as const;

async function enter(t: TestContext, server: Server, door: (typeof doors)[keyof typeof doors]): Promise<Socket> {
	const socket = door.enter((server.address() as AddressInfo).port);
	t.after(() => socket.destroy());
	socket.on("error", () => undefined); // It is cut; that is its part.
	await once(socket, door.isOpen);
	return socket;
}

for (const [name, door] of Object.entries(doors)) {
	test(`${name}: a connection over which nothing was asked does not hold up the end, one that asks is answered`, async (t) => {
		const server: Server = door.make();
		const endSilent = watchSilent(server, systemClock);
		server.on("request", (_request, reply) => setTimeout(() => reply.end("late"), 1000));
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		const silent = await enter(t, server, door);
		const asking = await enter(t, server, door);
		const heard: string[] = [];
		asking.on("data", (bytes: Buffer) => heard.push(bytes.toString()));
		asking.write("GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
		const ends: string[] = [];
		const ended = Object.entries({ silent, asking }).map(async ([who, socket]) => {
			await once(socket, "close");
			ends.push(who);
		});
		server.close();
		endSilent();
		await Promise.all(ended);
		assert.deepEqual(ends, ["silent", "asking"], "nobody waits for what will never be asked");
		assert.match(heard.join(""), /late/);
	});
}
