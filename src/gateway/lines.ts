// The lines of this node: one for each service whose type speaks over one, opened again when it ends, opened anew when the
// service was changed. What a provider tells over a line is recorded as a webhook's events are, before it is answered.

import type { LineAnswer, LineCall, LineView } from "#connectors/contract.ts";
import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import type { Log } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { Random } from "#platform/random.ts";
import type { LineOut } from "#platform/safe-line.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { type Arrival, recordArrivals, type Recorded } from "#storage/arrivals.ts";
import { type GroupCommit, groupCommit } from "#storage/group-commit.ts";
import type { Signals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import { KeptLine } from "./kept-line.ts";
import type { OpenService } from "./open-service.ts";
import type { ServiceBook } from "./service-book.ts";
import type { Vitals } from "./vitals.ts";

export type LinesDeps = {
	storage: Storage;
	signals: Signals;
	clock: Clock;
	random: Random;
	ids: Ids;
	log: Log;
	metrics: Metrics;
	services: ServiceBook;
	lineOut: LineOut;
	vitals: Pick<Vitals, "received" | "upkept" | "lineOpened" | "lineFailed">;
};

export type LineKeeping = LinesDeps & { arrivals: GroupCommit<Arrival, Recorded> };

export type Lines = {
	/** Never rejects for what happens to the line; a service without one is answered `notSent`. */
	ask(serviceId: string, call: LineCall): Promise<LineAnswer>;
	/** How the service's line is. A closed one is tried at once, and the answer is how that ended. */
	look(serviceId: string): Promise<LineView>;
	/** False: sending would only be refused. True for services whose type needs no line. */
	isReady(service: OpenService): boolean;
};

const pollMs = 1000;
const groupMax = 256; // Frames that share one fsync.

export function startLines(deps: LinesDeps): { lines: Lines; worker: RunningWorker } {
	const kept = new Map<string, KeptLine>();
	const closing = new Set<Promise<void>>();
	const keeping = { ...deps, arrivals: openArrivals(deps) };
	let isStopping = false;
	const keep = (): void => (isStopping ? undefined : keepWanted(kept, closing, keeping));
	const reconcile = (): Promise<boolean> => {
		keep();
		deps.metrics.alarm(
			"line_down",
			[...kept.values()].some(({ isDown }) => isDown),
		);
		return Promise.resolve(false);
	};
	const worker = startWorker(
		{ name: "Lines", pollMs, round: reconcile, listen: (wake) => deps.signals.listen("lines", wake) },
		deps,
	);
	return {
		lines: linesOver(kept, keep),
		worker: {
			async stop() {
				isStopping = true;
				await worker.stop();
				await Promise.all([...kept.values()].map((line) => line.stop()));
				await Promise.all(closing);
			},
		},
	};
}

function linesOver(kept: ReadonlyMap<string, KeptLine>, keep: () => void): Lines {
	return {
		ask: (serviceId, call) =>
			kept.get(serviceId)?.ask(call) ??
			Promise.resolve({ kind: "notSent", why: "closed", detail: "The service has no line to its provider yet." }),
		async look(serviceId) {
			keep(); // The service may have been made or changed a moment ago.
			const line = kept.get(serviceId);
			if (line?.isStopping === true) {
				await line.stop();
				keep();
			}
			return (await kept.get(serviceId)?.look()) ?? noLine;
		},
		isReady: ({ id, line }) => line === undefined || kept.get(id)?.isOpen === true,
	};
}

const noLine: LineView = {
	state: "closed",
	finding: "line_not_kept",
	code: "config",
	because: "No line is kept: the service is switched off, stopped, not complete, or was changed this second.",
};

function openArrivals({ storage, metrics }: LinesDeps): GroupCommit<Arrival, Recorded> {
	return groupCommit((items: readonly Arrival[]) => {
		metrics.groupCommit(items.length);
		return storage.write((tx) => recordArrivals(tx, items));
	}, groupMax);
}

/** The old line ends before the new one begins: providers count the lines that one user opens. */
function keepWanted(kept: Map<string, KeptLine>, closing: Set<Promise<void>>, deps: LineKeeping): void {
	const wanted = new Map(
		deps.services.sending().flatMap((service) => (isWanted(service) ? [[service.id, service]] : [])),
	);
	for (const [id, line] of kept) {
		if (wanted.get(id)?.version === line.version) {
			continue;
		}
		if (!line.isStopping) {
			const end = line.stop().then(() => {
				kept.delete(id);
				closing.delete(end);
				deps.signals.nudge("lines");
			});
			closing.add(end);
		}
	}
	for (const [id, service] of wanted) {
		if (!kept.has(id)) {
			kept.set(id, KeptLine.start(service, deps));
		}
	}
}

/** What cannot be opened or is not complete would only be refused. */
function isWanted(service: OpenService): boolean {
	return service.line !== undefined && !service.isLocked && service.cannotSend() === undefined;
}
