import assert from "node:assert/strict";
import { holdsEveryRight } from "#rights/hand-out.ts";
import { listAudit, verifyAudit } from "#storage/audit.ts";
import { effectiveGrants } from "#storage/grants.ts";
import { countUsers } from "#storage/people.ts";
import { publicBaseUrl, restScene } from "#test/rest-scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";

const person = { firstName: "Ada", surname: "Byron", login: "ada", password: "a long enough one" };
const minute = 60_000;

async function scene(open: Parameters<Parameters<typeof onBothDialects>[1]>[0]) {
	const made = await restScene({ after: () => undefined }, { storage: await open(), basePath: "/acme" });
	const start = `${publicBaseUrl}/acme/bootstrap/`;
	const { bootstrap } = made.identity;
	const openToken = async () => {
		const url = (await bootstrap.open()) ?? "";
		assert.ok(url.startsWith(start), url);
		return url.slice(start.length);
	};
	return { ...made, bootstrap, openToken };
}

onBothDialects("the one-time address makes one administrator with every right, who can sign in", async (open) => {
	const { bootstrap, openToken, storage, identity, deps, app } = await scene(open);
	const token = await openToken();
	assert.match(token, /^[A-Za-z0-9_-]{43}$/);
	assert.equal(await bootstrap.isOpenFor(token), true);
	const id = await bootstrap.create(token, person);
	assert.ok(id);
	assert.equal(holdsEveryRight(await effectiveGrants(storage.db, id)), true);
	assert.equal((await identity.logOn({ login: "ada", password: person.password, address: "::1" })).ok, true);
	assert.equal(await bootstrap.create(token, { ...person, login: "eve" }), undefined, "used up");
	assert.equal(await bootstrap.open(), undefined, "there is a user");
	const [entry] = await listAudit(storage.db, { limit: 1 });
	assert.deepEqual([entry?.action, entry?.objectId], ["bootstrap", id]);
	assert.equal((await verifyAudit(storage.db, (...pieces) => deps.mac("audit", ...pieces))).whole, true);
	await app.close();
});

onBothDialects("an old, superseded or guessed address makes nobody", async (open) => {
	const { bootstrap, openToken, storage, clock, app } = await scene(open);
	const first = await openToken();
	const second = await openToken();
	for (const token of [first, "", "x", `${second}x`]) {
		assert.equal(await bootstrap.isOpenFor(token), false);
		assert.equal(await bootstrap.create(token, person), undefined);
	}
	clock.advance(30 * minute - 1);
	assert.equal(await bootstrap.isOpenFor(second), true);
	clock.advance(1);
	assert.equal(await bootstrap.isOpenFor(second), false);
	assert.equal(await bootstrap.create(second, person), undefined);
	assert.equal(await countUsers(storage.db), 0);
	await app.close();
});

onBothDialects("of several who use the address at the same time one becomes administrator", async (open) => {
	const { bootstrap, openToken, storage, app } = await scene(open);
	const token = await openToken();
	const made = await Promise.all(["a", "b", "c", "d"].map((login) => bootstrap.create(token, { ...person, login })));
	assert.equal(made.filter((id) => id !== undefined).length, 1);
	assert.equal(await countUsers(storage.db), 1);
	await app.close();
});
