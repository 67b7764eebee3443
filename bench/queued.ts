// A Parley that has very many messages to send and a provider that is not there: the morning after an outage.

import { freePort } from "#test/free-port.ts";
import { openBacklog } from "./backlog.ts";
import { addCopies } from "./copies.ts";
import type { Parley } from "./parley.ts";
import { plain, told } from "./report.ts";
import { planFor, type Stand } from "./stand.ts";
import { greet } from "./way.ts";

const writers = 400;
const base = 5 * writers; // Each has several answers to come, one behind the other.

/** Stopped. The messages came in through the interface, and were then copied to as many as asked for. */
export async function parleyWithQueued(stand: Stand, count: number): Promise<Parley> {
	const parley = await stand.parley({ providerPort: await freePort() });
	const backlog = await openBacklog(parley.database);
	await parley.start("gateway,matcher");
	await greet(stand, parley, backlog, writers);
	await parley.stop();
	// Without the SMS Server nothing is sent meanwhile.
	await parley.start("rest");
	const plan = { ...planFor(parley, "send"), contacts: writers };
	const job = { plan, port: parley.port, connections: 64, warmSeconds: 0, seconds: 0, count: base };
	const result = await stand.load(job);
	const { outbox } = await backlog.read();
	await backlog.close();
	await parley.stop();
	if (outbox !== base) {
		throw new Error(`${outbox} of ${base} messages are queued: ${told(result)}.`);
	}
	const start = performance.now();
	addCopies(parley.database, count / base - 1);
	stand.say(`  ${count} queued messages made in ${plain((performance.now() - start) / 1000)} s`);
	return parley;
}
