import assert from "node:assert/strict";
import { setStage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { keepRefused, wish } from "./quarantine.ts";
import { findOneQuarantined, findQuarantined, sealedOf } from "./quarantine-lists.ts";

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
