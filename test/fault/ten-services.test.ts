// Goal: ten services in ten states: a provider that stalls, breaks, refuses or is not there keeps only its own service from
// sending, each shows the state that it is in, and nothing that was taken is lost.
// Method: Parley as a process of its own, ten simulators of ten types. How much slower the sound one becomes is printed;
// the share of 10 % is judged by the bench (`--only neighbours`), since a test must not depend on the machine's mood.

import assert from "node:assert/strict";
import test from "node:test";
import { numberFlag } from "#test/flags.ts";
import { childParley, type MessageObject, until } from "#test/parley.ts";
import { burden, greetAll, moveIn, plights, quantileOf, timesOf } from "./neighbours.ts";

const samples = numberFlag("samples", 150);
const ratioMax = numberFlag("ratio", 5);

test("nine services in trouble beside a sound one", async (t) => {
	const parley = await childParley(t, ["--breaker.probeMs", "2000", "--outbound.firstByteMs", "3000"]);
	await parley.start();
	const { api } = parley;
	const { sound, nine } = await moveIn(api, (end) => t.after(end));
	await Promise.all([sound, ...nine].map(greetAll));
	await timesOf(api, sound, samples); // Warm: code compiled, connections open.
	const alone = await timesOf(api, sound, samples);
	for (const { type, simulator, serviceId, webhookUrl } of nine) {
		plights[type]?.strike(simulator, webhookUrl);
		if (plights[type]?.state === "paused") {
			await api.call("PATCH", `/RI/rci/messagingServices/${serviceId}`, { enabled: false });
		}
	}
	const burdens = await Promise.all(nine.map((one) => burden(api, one)));
	await Promise.all(nine.map(({ simulator }) => simulator.contactWrites({ from: simulator.somebody, text: "hello?" })));
	const beside = await timesOf(api, sound, samples);
	const ratio = quantileOf(beside, 0.99) / quantileOf(alone, 0.99);
	t.diagnostic(
		`p50 ${quantileOf(alone, 0.5).toFixed(1)} → ${quantileOf(beside, 0.5).toFixed(1)} ms, p99 ${quantileOf(alone, 0.99).toFixed(1)} → ${quantileOf(beside, 0.99).toFixed(1)} ms`,
	);
	assert.ok(ratio <= ratioMax, `the sound service's p99 rose to ${ratio.toFixed(2)} times`);

	for (const [index, { type, serviceId }] of nine.entries()) {
		const wanted = plights[type]?.state;
		const seen = await until(
			async () => {
				const { state } = await api.call<{ state: string }>("GET", `/RI/rci/messagingServices/${serviceId}/health`);
				return state === wanted ? state : undefined;
			},
			`${type} is ${wanted ?? "sound"}`,
			30_000,
		);
		assert.equal(seen, wanted);
		const kept = await api.call<MessageObject[]>(
			"GET",
			`/RI/cmi/messages?service=${serviceId}&direction=out&limit=100`,
		);
		assert.equal(kept.length, burdens[index], `${type} keeps what was taken`);
	}
});
