import assert from "node:assert/strict";
import { firstIdAt } from "#domain/ids.ts";
import { addService, enqueue, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { lastHours, latencies, refusalsSince } from "./service-history.ts";

const hourMs = 3_600_000;

onBothDialects("each hour has its own figures, each service too, and hours without any are there", async (open) => {
	const stage = await setStage(await open());
	const { storage, serviceId, clock } = stage;
	const other: string = stage.ids.next();
	await addService(storage, other, clock.now());
	const now = clock.now();
	const [thisHour, before] = [now.getTime(), now.getTime() - 2 * hourMs];
	const hour = (id: string, at: number, received: number) =>
		({ service_id: id, hour: at, received, sent: 2, failed: 1 }) as const;
	await storage.db
		.insertInto("service_hours")
		.values([
			hour(serviceId, thisHour, 5),
			hour(serviceId, before, 4),
			hour(serviceId, before - hourMs, 3),
			hour(other, thisHour, 9),
		])
		.execute();
	const refusal = (reason: string, mode: "observe" | "enforce", count: number) =>
		({ service_id: serviceId, hour: before, reason, mode, count, last_at: before }) as const;
	await storage.db
		.insertInto("service_refusals")
		.values([refusal("replay", "enforce", 2), refusal("stale", "enforce", 3), refusal("replay", "observe", 50)])
		.execute();
	const hours = await lastHours(storage.db, [serviceId, other], new Date(thisHour + 1000), 3);
	const nothing = { received: 0, sent: 0, failed: 0, refused: 0 };
	assert.deepEqual(hours.get(serviceId), [
		{ at: new Date(before), received: 4, sent: 2, failed: 1, refused: 5 },
		{ at: new Date(before + hourMs), ...nothing },
		{ at: new Date(thisHour), received: 5, sent: 2, failed: 1, refused: 0 },
	]);
	assert.deepEqual(
		hours.get(other)?.map(({ received }) => received),
		[0, 0, 9],
	);
	const refusals = await refusalsSince(storage.db, [serviceId, other], new Date(before));
	assert.deepEqual(
		refusals.get(serviceId)?.map(({ mode, count }) => `${mode} ${count}`),
		["observe 50", "enforce 3", "enforce 2"],
	);
	assert.equal(refusals.has(other), false);
	assert.equal((await lastHours(storage.db, [], now, 3)).size, 0);
});

async function attempt(
	stage: Stage,
	partId: string,
	over: { atMs: number; tookMs: number; number: number; outcome?: "accepted" | "retry" },
) {
	const { atMs, tookMs, number, outcome = "accepted" } = over;
	const nothing = { code: null, detail: null, exchange: null, decision: null };
	const id = firstIdAt(atMs) + String(number).padStart(20, "0");
	const times = { started_at: atMs, finished_at: atMs + tookMs };
	const what = { id, part_id: partId, message_id: "M", service_id: stage.serviceId, number, epoch: 1, outcome };
	await stage.storage.db
		.insertInto("attempts")
		.values({ ...what, ...times, ...nothing })
		.execute();
}

onBothDialects("latency is told by what was accepted in the last two hours, and by nothing else", async (open) => {
	const stage = await setStage(await open());
	const nowMs = stage.clock.now().getTime();
	const [partId = ""] = (await enqueue(stage)).partIds;
	assert.equal((await latencies(stage.storage.db, stage.clock.now())).size, 0);
	for (let number = 1; number <= 20; number++) {
		await attempt(stage, partId, { atMs: nowMs - 1000, tookMs: number * 10, number });
	}
	await attempt(stage, partId, { atMs: nowMs - 1000, tookMs: 30_000, number: 21, outcome: "retry" });
	await attempt(stage, partId, { atMs: nowMs - 2 * hourMs - 1, tookMs: 30_000, number: 22 });
	assert.deepEqual(
		[...(await latencies(stage.storage.db, stage.clock.now()))],
		[[stage.serviceId, { medianMs: 100, p95Ms: 190, samples: 20 }]],
	);
});
