import assert from "node:assert/strict";
import { setStage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { keepRefused, removeFromQuarantine, stillRefused, wish } from "./quarantine.ts";
import { findOneQuarantined, findQuarantined, sealedOf } from "./quarantine-lists.ts";

onBothDialects(
	"the ledger tells of what a service keeps by one event, and of nothing that found no room",
	async (open) => {
		const { storage, ids, clock, serviceId } = await setStage(await open());
		const request = (service: string) => ({
			id: ids.next<string>(),
			serviceId: service,
			receivedAt: clock.now(),
			reason: "signature_mismatch",
			sealed: new Uint8Array([1]),
			bytes: 1,
			bodyHash: "00",
			remoteAddress: "203.0.113.1",
		});
		const many = [serviceId, serviceId, "OTHER", serviceId, serviceId].map(request);
		const kept = await storage.write((tx) => keepRefused(tx, many, { rowsMax: 3, bytesMax: 100 }));
		assert.deepEqual(kept, [true, true, true, true, false]);
		assert.deepEqual(
			await storage.write((tx) => keepRefused(tx, [request(serviceId)], { rowsMax: 3, bytesMax: 100 })),
			[false],
		);
		const [first] = many;
		assert.ok(first);
		await storage.write((tx) => stillRefused(tx, first, "genuine", clock.now()));
		await storage.write((tx) => removeFromQuarantine(tx, first, { to: "released", at: clock.now() }));
		const events = await storage.db
			.selectFrom("events")
			.select(["type", "service_id", "data"])
			.orderBy("seq")
			.execute();
		assert.deepEqual(
			events.map(({ type, service_id: service, data }) => [type, service, JSON.parse(data) as unknown]),
			[
				["request.quarantined", serviceId, { requests: 3 }],
				["request.quarantined", "OTHER", { requests: 1 }],
				["request.changed", serviceId, { to: "refused" }],
				["request.changed", serviceId, { to: "released" }],
			],
		);
	},
);

onBothDialects("refused requests are listed oldest first, without what is sealed in them", async (open) => {
	const { storage, ids, clock, serviceId } = await setStage(await open());
	const [first, second, gone]: string[] = [ids.next(), ids.next(), ids.next()];
	assert.ok(first && second && gone);
	const request = (id: string, service: string) => ({
		id,
		serviceId: service,
		receivedAt: clock.now(),
		reason: "signature_mismatch",
		sealed: new Uint8Array([1, 2, 3]),
		bytes: 3,
		bodyHash: "00",
		remoteAddress: null,
	});
	const requests = [request(second, serviceId), request(first, serviceId), request(gone, "DELETED")];
	await storage.write((tx) => keepRefused(tx, requests, { rowsMax: 10, bytesMax: 100 }));
	await storage.write((tx) => wish(tx, { id: first }, "recheck"));
	const all = await findQuarantined(storage.db, { services: "every", limit: 10 });
	assert.deepEqual(
		all.map(({ id, wish: wished, service }) => [id, wished, service?.type]),
		[
			[first, "recheck", "twilio"],
			[second, "none", "twilio"],
			[gone, "none", undefined],
		],
	);
	assert.ok(all.every((row) => !("sealed" in row)));
	const page = await findQuarantined(storage.db, { services: [serviceId], limit: 10, after: first });
	assert.deepEqual(
		page.map(({ id }) => id),
		[second],
	);
	assert.equal((await findOneQuarantined(storage.db, second))?.reason, "signature_mismatch");
	assert.deepEqual([...((await sealedOf(storage.db, second)) ?? [])], [1, 2, 3]);
	assert.equal(await sealedOf(storage.db, ids.next()), undefined);
});
