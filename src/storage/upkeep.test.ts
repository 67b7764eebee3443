import assert from "node:assert/strict";
import { setStage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { configurationRevision } from "./remembered.ts";
import { askUpkeep, claimUpkeep, dueUpkeep, settleUpkeep, type UpkeepEnd, upkeepSeen, upkeepStates } from "./upkeep.ts";

const leaseMs = 60_000;

onBothDialects("upkeep is due at first, when its time comes, when asked and after a change", async (open) => {
	const { storage, clock, serviceId } = await setStage(await open());
	const service = { id: serviceId, version: 1 };
	const isDue = async (version = 1) =>
		(await dueUpkeep(storage.db, [{ ...service, version }], clock.now())).length === 1;
	const claim = async (version = 1) => {
		const claimed = await storage.write((tx) => claimUpkeep(tx, { ...service, version }, clock.now(), leaseMs));
		assert.ok(claimed);
		return claimed;
	};
	const end = (over: Partial<UpkeepEnd> = {}): UpkeepEnd => ({
		state: undefined,
		dueAt: new Date(clock.now().getTime() + 30_000),
		finishedAt: clock.now(),
		trouble: null,
		...over,
	});
	assert.equal(await isDue(), true, "never done");
	const first = await claim();
	assert.deepEqual(first.state, {});
	assert.equal(await isDue(), false, "somebody does it");
	assert.equal(await storage.write((tx) => claimUpkeep(tx, service, clock.now(), leaseMs)), undefined);
	assert.equal(await storage.write((tx) => settleUpkeep(tx, first, end({ state: { cursor: 7 } }))), true);
	assert.equal(await isDue(), false);
	assert.equal(await isDue(2), true, "the service was changed");
	clock.advance(1000);
	await storage.write((tx) => askUpkeep(tx, serviceId, clock.now()));
	assert.equal(await isDue(), false, "a provider that asks all the time is not asked all the time");
	clock.advance(4000);
	assert.equal(await isDue(), true, "it was asked for");
	const second = await claim();
	await storage.write((tx) => settleUpkeep(tx, second, end()));
	assert.deepEqual(await upkeepStates(storage.db), new Map([[serviceId, { cursor: 7 }]]), "kept as it was");
	clock.advance(29_999);
	assert.equal(await isDue(), false);
	clock.advance(1);
	assert.equal(await isDue(), true, "its time has come");
});

onBothDialects("what a dead holder began comes back by its lease, and its late end counts nothing", async (open) => {
	const { storage, clock, serviceId } = await setStage(await open());
	const service = { id: serviceId, version: 1 };
	const take = () => storage.write((tx) => claimUpkeep(tx, service, clock.now(), leaseMs));
	const dead = await take();
	clock.advance(leaseMs);
	assert.deepEqual(await dueUpkeep(storage.db, [service], clock.now()), [service]);
	const alive = await take();
	assert.ok(dead && alive);
	const end = { state: { by: "dead" }, dueAt: clock.now(), finishedAt: clock.now(), trouble: null };
	assert.equal(await storage.write((tx) => settleUpkeep(tx, dead, end)), false);
	const trouble = { code: "credentials", detail: "The password is wrong." };
	assert.equal(await storage.write((tx) => settleUpkeep(tx, alive, { ...end, state: { by: "alive" }, trouble })), true);
	assert.deepEqual(await upkeepStates(storage.db), new Map([[serviceId, { by: "alive" }]]));
	assert.deepEqual((await upkeepSeen(storage.db, [serviceId])).get(serviceId)?.trouble, trouble);
});

onBothDialects("a state that changed is a change of what is configured; a round that left it is none", async (open) => {
	const { storage, clock, serviceId } = await setStage(await open());
	const round = (state: object | undefined) =>
		storage.write(async (tx) => {
			const claim = await claimUpkeep(tx, { id: serviceId, version: 1 }, clock.now(), leaseMs);
			assert.ok(claim);
			const dueAt = clock.now();
			await settleUpkeep(tx, claim, { state: state as UpkeepEnd["state"], dueAt, finishedAt: dueAt, trouble: null });
		});
	await round({ keys: 1 });
	const before = await configurationRevision(storage.db);
	await round(undefined);
	assert.equal(await configurationRevision(storage.db), before);
	await round({ keys: 2 });
	assert.ok((await configurationRevision(storage.db)) > before);
});
