// Goal: an administrator sees when a token was last used, to the minute, and a busy program does not cost a write with each
// call. Method: the real storage with its writes counted, on a virtual clock.

import assert from "node:assert/strict";
import { insertApiToken } from "#storage/sessions.ts";
import type { Storage } from "#storage/storage.ts";
import { restScene } from "#test/rest-scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { makeApiToken } from "./api-tokens.ts";

const minuteMs = 60_000;

onBothDialects("the last use of a token is written once a minute: not with each call, and not never", async (open) => {
	const ends: (() => unknown)[] = [];
	const real = await open();
	let writes = 0;
	const storage: Storage = {
		...real,
		write(work) {
			writes += 1;
			return real.write(work);
		},
	};
	const scene = await restScene({ after: (end) => ends.push(end as () => unknown) }, { storage });
	const { clock, deps, identity } = scene;
	const owner = await scene.person();
	const expiresAt = new Date(clock.now().getTime() + 100 * minuteMs);
	const { token, row } = makeApiToken(deps, { userId: owner.id, name: "t", expiresAt });
	await storage.write((tx) => insertApiToken(tx, row));
	writes = 0;
	const use = async (): Promise<[writes: number, lastUsedAt: number | null]> => {
		const seen = await identity.authenticate({
			authorization: `Bearer ${token}`,
			cookie: undefined,
			address: "192.0.2.1",
		});
		assert.ok(seen.ok);
		const stored = await real.db.selectFrom("api_tokens").select("last_used_at").executeTakeFirstOrThrow();
		return [writes, stored.last_used_at];
	};
	const firstMs = clock.now().getTime();
	assert.deepEqual(await use(), [1, firstMs], "the first use is written at once");
	assert.deepEqual(await use(), [1, firstMs]);
	clock.advance(minuteMs - 1);
	assert.deepEqual(await use(), [1, firstMs], "still the same minute");
	// Something else is configured: what was remembered is read anew.
	await scene.person();
	writes = 0;
	assert.deepEqual(await use(), [0, firstMs], "the database knows of the use, too");
	clock.advance(1);
	assert.deepEqual(await use(), [1, firstMs + minuteMs], "the minute is over");
	assert.deepEqual(await use(), [1, firstMs + minuteMs]);
	for (const end of ends) {
		await end();
	}
});
