import assert from "node:assert/strict";
import { sql } from "kysely";
import { onBothDialects } from "#test/storage-on-both.ts";
import { turnsScene } from "#test/turns-scene.ts";

onBothDialects("rights that could not be read once are read again", async (open) => {
	const { storage, rights, ...scene } = turnsScene(await open());
	const queueId = await scene.queue("support");
	const mia = await scene.user("mia", [{ objectType: "queue", objectId: queueId, access: ["serve"] }]);
	const held = await rights.now();
	await sql`ALTER TABLE grants RENAME TO grants_away`.execute(storage.db);
	await assert.rejects(held.of(mia));
	await sql`ALTER TABLE grants_away RENAME TO grants`.execute(storage.db);
	assert.equal((await (await rights.now()).of(mia)).length, 1);
	await sql`ALTER TABLE grants RENAME TO grants_away`.execute(storage.db);
	assert.equal((await (await rights.now()).of(mia)).length, 1, "and then remembered");
});
