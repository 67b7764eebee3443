// A listener on every address of this machine that counts who connects: what is denied must never reach it.

import type { TestContext } from "node:test";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

export type Sentinel = { readonly port: number; readonly accepted: number };

/** On all IPv4 and IPv6 addresses; whoever connects is answered nothing. */
export async function sentinel(t: Pick<TestContext, "after">, port = 0): Promise<Sentinel> {
	const sockets = new Set<Socket>();
	const seen = { port, accepted: 0 };
	const server = createServer((socket) => {
		seen.accepted++;
		sockets.add(socket.on("error", () => undefined));
	});
	server.listen(port, "::");
	await once(server, "listening");
	t.after(() => {
		sockets.forEach((socket) => socket.destroy());
		server.close();
	});
	seen.port = (server.address() as AddressInfo).port;
	return seen;
}

/** At the usual ports of HTTP and HTTPS, where this machine lets us listen there. */
export async function usualSentinels(t: Pick<TestContext, "after">): Promise<readonly Sentinel[]> {
	const found = await Promise.allSettled([80, 443].map((port) => sentinel(t, port)));
	return found.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}
