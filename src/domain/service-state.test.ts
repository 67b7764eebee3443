import assert from "node:assert/strict";
import test from "node:test";
import { nothingSeen, type ServiceFacts, type ServiceState, serviceState, type Vitals } from "./service-state.ts";

const now = new Date("2026-11-24T12:00:00.000Z");
const before = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const fault = (code: "credentials" | "unreachable") => ({ at: before(0), code, detail: "What the provider said." });

const sound: ServiceFacts = { enabled: true, lack: undefined, stoppedReason: null, vitals: nothingSeen, now };
const seen = (vitals: Partial<Vitals>): ServiceFacts => ({ ...sound, vitals: { ...nothingSeen, ...vitals } });

const cases: readonly [ServiceState, string, ServiceFacts][] = [
	["paused", "switched off, whatever else", { ...seen({ lastOutAt: before(1) }), enabled: false, lack: "x" }],
	["draft", "it lacks something, whatever was", { ...seen({ lastOutAt: before(1) }), lack: "A token is missing." }],
	["failing", "the provider closed the door", { ...seen({ lastOutAt: before(1) }), stoppedReason: "HTTP 410" }],
	["connecting", "nothing was seen yet", sound],
	["ready", "something was taken", seen({ lastOutAt: before(1) })],
	["ready", "something came in", seen({ lastInAt: before(23.9) })],
	["connecting", "the proof is old", seen({ lastInAt: before(24.1), lastOutAt: before(99) })],
	["degraded", "one fault", seen({ lastOutAt: before(1), lastFault: fault("unreachable"), faultsInARow: 1 })],
	["failing", "five faults in a row", seen({ lastOutAt: before(1), lastFault: fault("unreachable"), faultsInARow: 5 })],
	["unauthorised", "credentials", seen({ lastOutAt: before(1), lastFault: fault("credentials"), faultsInARow: 1 })],
	["ready", "a fault that is over", seen({ lastOutAt: now, lastFault: fault("credentials") })],
	[
		"connecting",
		"mended, but not proved yet",
		seen({ lastInAt: now, lastOutAt: before(1), lastFault: fault("credentials") }),
	],
	["degraded", "its upkeep meets trouble", seen({ lastInAt: now, upkeepTrouble: { code: "throttled", detail: "x." } })],
	[
		"unauthorised",
		"its upkeep is refused",
		seen({ lastInAt: now, upkeepTrouble: { code: "credentials", detail: "The password is wrong." } }),
	],
	[
		"degraded",
		"calls are refused",
		seen({ lastInAt: before(1), refusedInARow: 2, lastRefusedReason: "signature_mismatch" }),
	],
];

for (const [state, name, facts] of cases) {
	test(`${state}: ${name}`, () => {
		const found = serviceState(facts);
		assert.equal(found.state, state);
		assert.notEqual(found.because, "");
		assert.equal(found.action === null, state === "ready", "everything but ready says what to do");
	});
}
