// What the commands of the delivery model share: what the test knows besides the rows, and how a command is made, so that
// every row is looked at after each one.

import assert from "node:assert/strict";
import type fc from "fast-check";
import type { Claim } from "#storage/outbox.ts";
import type { UnknownPart } from "#storage/outbox-recovery.ts";
import type { Stage } from "#test/scene.ts";
import { assertStep, look, type Rows } from "./delivery-watch.ts";

/** What the test knows besides the rows: who believes to hold what, and what each attempt certainly brought. */
export type World = {
	stage: Stage;
	enqueued: Set<string>;
	claims: Claim[];
	unknowns: UnknownPart[];
	/** By part: it was settled as taken by the claim that held it. */
	taken: Set<string>;
	/** By part: attempts of which it is not certain that the provider did not take them. */
	unclear: Map<string, Set<string>>;
	done: Map<string, number>;
};

type Step = { name: string; run(world: World, before: Rows): Promise<string | undefined> };
export type Model = Record<string, never>;

/** A command that does nothing counts as nothing: `run` says whether it found something to do. */
export function command(step: Step): fc.AsyncCommand<Model, World> {
	return {
		check: () => true,
		toString: () => step.name,
		async run(_model, world) {
			const before = await look(world.stage);
			const did = await step.run(world, before);
			const after = await look(world.stage);
			assertStep(before, after);
			assert.deepEqual(new Set(after.keys()), world.enqueued, "rows are exactly what was enqueued");
			if (did !== undefined) {
				world.done.set(did, (world.done.get(did) ?? 0) + 1);
			}
		},
	};
}

export function pick<T>(items: readonly T[], index: number): T | undefined {
	return items.length === 0 ? undefined : items[index % items.length];
}
