import assert from "node:assert/strict";
import test from "node:test";
import type { Outcome } from "#connectors/contract.ts";
import { commonSettingsDefaults } from "#domain/service-settings.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import { localSignals } from "#storage/signals.ts";
import { addService, enqueue, setStage } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import type { OpenService } from "./open-service.ts";
import { startSender } from "./sender.ts";
import { tokenShelf } from "./tools.ts";

const turns = async () => {
	for (let turn = 0; turn < 20; turn++) {
		await new Promise((resolve) => setImmediate(resolve));
	}
};

test("services that have nothing to send take no place from the others", async (t) => {
	const stage = await setStage(await openTemporarySqlite(t));
	const ids = Array.from({ length: 24 }, () => stage.ids.next<never>() as string);
	for (const id of ids) {
		await addService(stage.storage, id, stage.clock.now());
	}
	const last = ids.at(-1) ?? "";
	await enqueue({ ...stage, serviceId: last });
	const asked: string[] = [];
	const serviceOf = (id: string) =>
		({
			id,
			type: "twilio",
			enabled: true,
			stoppedReason: null,
			isLocked: false,
			settings: commonSettingsDefaults,
			webhookUrl: "https://parley.example/sms/twilio/x",
			stored: { authentications: [] },
			cannotSend: () => undefined,
			send(): Promise<Outcome> {
				asked.push(id);
				return Promise.resolve({ kind: "accepted", remoteIds: ["r" as never], at: stage.clock.now() } as Outcome);
			},
		}) as unknown as OpenService;
	const services = ids.map(serviceOf);
	const sender = startSender({
		...stage,
		signals: localSignals(),
		log: silentLog,
		metrics: openMetrics(),
		vitals: { attempted: () => undefined },
		services: {
			all: () => services,
			sending: () => services,
			byId: (id) => services.find((service) => service.id === id),
			ofType: () => services,
			refresh: () => Promise.resolve(),
		},
		tokens: tokenShelf(stage.clock),
		wayOut: { request: () => Promise.resolve({ kind: "notSent", why: "refused" }), close: () => Promise.resolve() },
		retry: { baseMs: 1000, capMs: 1000 },
		breaker: { failures: 10, probeMs: 30_000 },
		leaseMs: 20_000,
		owner: "node",
	});
	await turns();
	const stopping = sender.stop();
	stage.clock.advance(1000);
	await stopping;
	assert.deepEqual(asked, [last]);
});
