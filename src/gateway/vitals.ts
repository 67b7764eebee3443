// What this process sees of each messaging service, gathered in memory and written about once a second: the state that an
// administrator looks at must be true, and must cost a message nothing.

import type { Outcome } from "#connectors/contract.ts";
import type { Fault } from "#domain/faults.ts";
import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import { describeError, type Log } from "#platform/log.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import type { Storage } from "#storage/storage.ts";
import { recordSeen, type SeenOf, type WebhookCall } from "#storage/vitals.ts";
import type { IncomingMode } from "./open-service.ts";

export type Vitals = {
	/** A genuine call was recorded. */
	received(serviceId: string, messages: number): void;
	/** The door refused a call, or let it through because of the mode. */
	refused(serviceId: string, reason: string, mode: IncomingMode): void;
	/** How a call of the provider's was answered. */
	answered(serviceId: string, call: Omit<WebhookCall, "id" | "at">): void;
	/** A round of upkeep ended without trouble: the provider answers and knows us, whether or not it had anything. */
	upkept(serviceId: string): void;
	/** The provider let us in on a line: it is there and knows us. */
	lineOpened(serviceId: string): void;
	/** A line could not be opened. */
	lineFailed(serviceId: string, fault: Fault): void;
	/** An attempt at sending ended. */
	attempted(serviceId: string, outcome: Outcome): void;
};

export type VitalsDeps = { storage: Storage; clock: Clock; ids: Ids; log: Log };

const writeEveryMs = 1000;
const callsShown = 5; // Of a second and a service; more would tell a person nothing new.

type Seen = Omit<SeenOf, "refusals" | "calls"> & {
	refusals: Map<string, SeenOf["refusals"][number]>;
	calls: WebhookCall[];
};

export function startVitals(deps: VitalsDeps): { vitals: Vitals; worker: RunningWorker } {
	let seen = new Map<string, Seen>();
	const of = (serviceId: string): Seen => {
		const known = seen.get(serviceId) ?? nothingOf(serviceId);
		seen.set(serviceId, known);
		return known;
	};
	async function write(): Promise<boolean> {
		if (seen.size === 0) {
			return false;
		}
		const told = [...seen.values()].map((one) => ({ ...one, refusals: [...one.refusals.values()] }));
		seen = new Map();
		// What cannot be written is lost with its second: it is a picture, not the truth about messages.
		await deps.storage.write((tx) => recordSeen(tx, told, deps.clock.now()));
		return false;
	}
	const worker = startWorker(
		{ name: "Vitals", pollMs: writeEveryMs, round: write, listen: () => () => undefined },
		deps,
	);
	return {
		vitals: countersOn(of, deps),
		worker: {
			async stop() {
				await worker.stop();
				await write().catch((error: unknown) =>
					deps.log.warn("The last second of the services' vitals was not written.", {
						server: "SMS Server",
						error: describeError(error),
					}),
				);
			},
		},
	};
}

function countersOn(of: (serviceId: string) => Seen, { clock, ids }: Pick<VitalsDeps, "clock" | "ids">): Vitals {
	return {
		answered(serviceId, call) {
			const { calls } = of(serviceId);
			if (calls.length < callsShown) {
				calls.push({ ...call, id: ids.next(), at: clock.now() });
			}
		},
		received(serviceId, messages) {
			const one = of(serviceId);
			one.lastInAt = clock.now();
			one.wasGenuine = true;
			one.refused = 0;
			one.received += messages;
		},
		refused(serviceId, reason, mode) {
			const one = of(serviceId);
			const key = `${reason} ${mode}`;
			const count = (one.refusals.get(key)?.count ?? 0) + 1;
			one.refusals.set(key, { reason, mode, count, lastAt: clock.now() });
			one.refused += 1;
		},
		upkept(serviceId) {
			of(serviceId).lastInAt = clock.now();
		},
		lineOpened(serviceId) {
			const one = of(serviceId);
			one.lastInAt = clock.now();
			one.hasRecovered = true;
			one.faults = 0;
		},
		lineFailed(serviceId, { code, detail }) {
			const one = of(serviceId);
			one.lastFault = { at: clock.now(), code, detail };
			one.faults += 1;
		},
		attempted(serviceId, outcome) {
			const one = of(serviceId);
			if (isFault(outcome)) {
				one.lastFault = { at: clock.now(), code: outcome.code, detail: outcome.detail };
				one.faults += 1;
				one.failed += 1;
				return;
			}
			one.hasRecovered = true;
			one.faults = 0;
			if (outcome.kind === "accepted") {
				one.lastOutAt = clock.now();
				one.sent += 1;
			}
		},
	};
}

function nothingOf(serviceId: string): Seen {
	return {
		serviceId,
		lastInAt: undefined,
		lastOutAt: undefined,
		lastFault: undefined,
		hasRecovered: false,
		faults: 0,
		wasGenuine: false,
		refusals: new Map(),
		refused: 0,
		received: 0,
		sent: 0,
		failed: 0,
		calls: [],
	};
}

/** A refusal of one message (its recipient, its content) says that the provider is well and knows us. */
function isFault(outcome: Outcome): outcome is Exclude<Outcome, { kind: "accepted" }> {
	return outcome.kind === "rejected"
		? outcome.code === "config" || outcome.code === "credentials"
		: outcome.kind !== "accepted" && outcome.code !== "throttled";
}
