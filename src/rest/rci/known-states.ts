// The states of all messaging services, for everybody who watches them on this node: computed at most every two seconds,
// however many watch, and not at all while nobody does.

import { type JudgedState, nothingSeen } from "#domain/service-state.ts";
import { openService } from "#storage/service-secrets.ts";
import { listServices } from "#storage/services.ts";
import { vitalsOf } from "#storage/vitals.ts";
import type { RestDeps } from "../deps.ts";
import { idsOf } from "./service-answers.ts";
import { stateOf } from "./service-view.ts";

export type States = ReadonlyMap<string, JudgedState>;
export type KnownStates = () => Promise<States>;
type Deps = Pick<RestDeps, "storage" | "clock" | "secretBox">;

const goodForMs = 2000; // What is seen of a service is written every second.

export function knownStates(deps: Deps): KnownStates {
	let known: { fromMs: number; states: Promise<States> } | undefined;
	return () => {
		const nowMs = deps.clock.monotonicMs();
		if (known === undefined || nowMs - known.fromMs >= goodForMs) {
			const states = judged(deps);
			known = { fromMs: nowMs, states };
			states.catch(() => {
				known = undefined; // Who waited is told; the next one tries anew.
			});
		}
		return known.states;
	};
}

async function judged({ storage, clock, secretBox }: Deps): Promise<States> {
	const now = clock.now();
	const services = await storage.remembered("services", (db) => listServices(db));
	const vitals = await vitalsOf(storage.db, idsOf(services));
	return new Map(
		services.map((service) => {
			const facts = { vitals: vitals.get(service.id) ?? nothingSeen, now };
			return [service.id, stateOf(service, openService(service, secretBox, now), facts)];
		}),
	);
}
