// Ports for servers of tests that must know theirs before they listen, or come back at the same.

import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below the range from which systems take the ports of outgoing connections (32768 on Linux, 49152 elsewhere): a port from
// there can be taken by any connection between two starts of the same server.
const [portMin, portMax] = [15_000, 32_000];

/** A port of 127.0.0.1 that nobody listens on, and that nobody is given unasked. */
export async function freePort(): Promise<number> {
	const port = randomInt(portMin, portMax);
	const isFree = await new Promise<boolean>((resolve) => {
		const probe = createServer().once("error", () => resolve(false));
		probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
	});
	return isFree ? port : freePort();
}
