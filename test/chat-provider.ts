// A customer on a simulated provider whose messages come into the queue of a chat stage.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { systemClock } from "#platform/clock.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { simulators } from "#simulators/simulators.ts";
import { chatStage, type ChatStage } from "./chat-scene.ts";
import { configure } from "./parley.ts";
import { seededRandom } from "./scene.ts";

export type ProviderStage = { stage: ChatStage; simulator: Simulator };

/** The queue `Support` has the address of the simulated account. */
export async function providerStage(t: TestContext, type: string): Promise<ProviderStage> {
	const start = simulators[type];
	assert.ok(start);
	const simulator = await start({ clock: systemClock, random: seededRandom(11) });
	t.after(() => simulator.close());
	const stage = await chatStage(t, { addresses: [simulator.account.ourAddress], wrapUpSeconds: 0 });
	await configure(stage, simulator);
	return { stage, simulator };
}
