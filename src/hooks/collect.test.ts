// Each event becomes exactly one delivery for each subscription that wants it and whose owner may see it, whatever node
// makes it and however often it is begun.

import assert from "node:assert/strict";
import { cursorBefore } from "#storage/subscription-progress.ts";
import {
	disableSubscription,
	findSubscription,
	goBack,
	type SubscriptionFields,
	updateSubscription,
} from "#storage/event-subscriptions.ts";
import { replaceGrants } from "#storage/grants.ts";
import { addOwner, type HookStage, openHooks } from "#test/hook-stage.ts";
import { grantOf } from "#test/rci-stage.ts";
import { addService } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { collect } from "./collect.ts";

async function collectAll(stage: Pick<HookStage, "deps">): Promise<void> {
	while (await collect(stage.deps)) {
		// Until nothing is left.
	}
}

async function details(stage: HookStage, id: string): Promise<unknown[]> {
	const rows = await stage.storage.db
		.selectFrom("event_deliveries")
		.select("body")
		.where("subscription_id", "=", id)
		.orderBy("event_tx")
		.orderBy("event_seq")
		.execute();
	return rows.map(({ body }) => (JSON.parse(body) as { data: { detail: { n: unknown } } }).data.detail.n);
}

async function change(stage: HookStage, id: string, over: Partial<SubscriptionFields>): Promise<void> {
	const { storage, clock } = stage;
	const before = await findSubscription(storage.db, id);
	assert.ok(before);
	const { ownerId } = before;
	const changed = { before, fields: { ...before, ...over }, ownerId, headers: null, at: clock.now() };
	assert.equal(await storage.write((tx) => updateSubscription(tx, storage.dialect, changed)), true);
}

async function goBackTo({ storage }: HookStage, id: string, at: Date): Promise<boolean> {
	const cursor = await cursorBefore(storage.db, storage.dialect, at);
	assert.ok(cursor);
	return storage.write((tx) => goBack(tx, id, { cursor, at }));
}

const numbered = (n: number, more: object = {}) => ({ data: { n, ...more } });

onBothDialects("a subscription hears of what happens after it was made, once and in order", async (open) => {
	const stage = await openHooks(await open());
	await stage.happen(numbered(0));
	stage.clock.advance(1000);
	const id = await stage.subscribe();
	for (const n of [1, 2, 3]) {
		await stage.happen(numbered(n));
	}
	await collectAll(stage);
	await collectAll(stage);
	assert.deepEqual(await details(stage, id), [1, 2, 3]);
});

onBothDialects("two nodes that collect at the same time make each delivery once", async (open) => {
	const stage = await openHooks(await open());
	const ids = [await stage.subscribe(), await stage.subscribe()];
	for (let n = 0; n < 20; n++) {
		await stage.happen(numbered(n));
		await Promise.all([collect(stage.deps), collect(stage.deps)]);
	}
	await collectAll(stage);
	for (const id of ids) {
		assert.deepEqual(
			await details(stage, id),
			Array.from({ length: 20 }, (_, n) => n),
		);
	}
});

onBothDialects("what a refused write was to make is made by the next round", async (open) => {
	const stage = await openHooks(await open());
	const id = await stage.subscribe();
	await stage.happen(numbered(1));
	const write = () => Promise.reject(new Error("the disk is full"));
	await assert.rejects(collect({ ...stage.deps, storage: { ...stage.storage, write } }), /disk is full/);
	await stage.happen(numbered(2));
	await collectAll(stage);
	assert.deepEqual(await details(stage, id), [1, 2]);
});

onBothDialects("more events than are read at once come whole", async (open) => {
	const stage = await openHooks(await open());
	const id = await stage.subscribe({ events: ["message.state"] });
	const late = await stage.subscribe({ events: ["message.parked"] });
	for (let n = 0; n < 1203; n++) {
		await stage.happen(n === 1202 ? { type: "message.parked", ...numbered(n) } : numbered(n));
	}
	await collectAll(stage);
	assert.equal((await details(stage, id)).length, 1202);
	assert.deepEqual(await details(stage, late), [1202]);
});

onBothDialects("types, services, queues and rights choose what is made", async (open) => {
	const stage = await openHooks(await open());
	const { storage, clock, ids, serviceId } = stage;
	const other: string = ids.next();
	await addService(storage, other, clock.now());
	const wide = await addOwner(stage, [
		grantOf("messagingService", ["messaging"]),
		grantOf("queue", ["messaging"], "Q"),
	]);
	const narrow = await addOwner(stage, [grantOf("messagingService", ["messaging"], other)]);
	const fields: Partial<SubscriptionFields> = { events: ["message.state", "chat.started", "chat.ended"] };
	const subscriptions = {
		all: await stage.subscribe(fields, { ownerId: wide }),
		oneService: await stage.subscribe({ ...fields, serviceIds: [serviceId] }, { ownerId: wide }),
		oneQueue: await stage.subscribe({ ...fields, queueIds: ["Q"] }, { ownerId: wide }),
		oneType: await stage.subscribe({ events: ["message.parked"] }, { ownerId: wide }),
		narrow: await stage.subscribe(fields, { ownerId: narrow }),
	};
	await stage.happen(numbered(1));
	await stage.happen({ serviceId: other, ...numbered(2) });
	await stage.happen({ type: "chat.started", ...numbered(3, { queue: "Q" }) });
	await stage.happen({ type: "chat.started", ...numbered(4, { queue: "R" }) });
	await stage.happen({ type: "chat.started", serviceId: "", ...numbered(5, { queue: "Q" }) });
	await stage.happen({ type: "chat.started", serviceId: "", ...numbered(6, { queue: "R" }) });
	await stage.happen({ type: "message.parked", ...numbered(7) });
	await stage.happen({ type: "chat.started", serviceId: "", ...numbered(8, { queue: "R", fromQueue: "Q" }) });
	await collectAll(stage);
	const found = Object.fromEntries(
		await Promise.all(Object.entries(subscriptions).map(async ([name, id]) => [name, await details(stage, id)])),
	) as unknown;
	assert.deepEqual(found, {
		all: [1, 2, 3, 4, 5, 8],
		oneService: [1, 3, 4],
		oneQueue: [1, 2, 3, 5, 8],
		oneType: [7],
		narrow: [2],
	});
});

onBothDialects("what is sent is what the event stream tells, without a person's words", async (open) => {
	const stage = await openHooks(await open());
	const id = await stage.subscribe();
	await stage.happen({ data: { to: "sent", user: "ada", because: "she said so" } });
	await collectAll(stage);
	const [row] = await stage.storage.db
		.selectFrom("event_deliveries")
		.select(["body", "event_tx", "event_seq"])
		.execute();
	assert.deepEqual(JSON.parse(row?.body ?? ""), {
		type: "message.state",
		timestamp: "2026-01-02T12:00:00.000Z",
		data: {
			id: `${row?.event_tx}.${row?.event_seq}`,
			type: "message.state",
			at: "2026-01-02T12:00:00.000Z",
			service: stage.serviceId,
			message: "M",
			conversation: null,
			detail: { to: "sent" },
		},
	});
	assert.equal((await stage.deliveries(id))[0]?.event, `${row?.event_tx}.${row?.event_seq}`);
});

onBothDialects("a right that is taken away counts for the next event", async (open) => {
	const stage = await openHooks(await open());
	const { storage, ids, ownerId } = stage;
	const id = await stage.subscribe();
	await stage.happen(numbered(1));
	await collectAll(stage);
	await storage.write((tx) => replaceGrants(tx, { kind: "user", id: ownerId }, [], () => ids.next()));
	await stage.happen(numbered(2));
	await collectAll(stage);
	assert.deepEqual(await details(stage, id), [1]);
});

onBothDialects("a subscription whose owner is disabled or gone is disabled, with the reason", async (open) => {
	const stage = await openHooks(await open());
	const id = await stage.subscribe();
	const ofNobody = await stage.subscribe({}, { ownerId: stage.ids.next() });
	await stage.storage.db.updateTable("users").set({ enabled: 0 }).where("id", "=", stage.ownerId).execute();
	await stage.happen();
	await collectAll(stage);
	for (const one of [id, ofNobody]) {
		const found = await findSubscription(stage.storage.db, one);
		assert.equal(found?.enabled, false);
		assert.match(found.disabledReason ?? "", /owner/);
		assert.deepEqual(await stage.deliveries(one), []);
	}
	await collectAll(stage);
	assert.ok(stage.counted.includes("alarm event_subscription_disabled"));
});

onBothDialects(
	"while it is disabled nothing is made; enabled again it begins anew, and goes back when told to",
	async (open) => {
		const stage = await openHooks(await open());
		const { storage, clock } = stage;
		const id = await stage.subscribe();
		const happenAt = async (n: number) => {
			clock.advance(60_000);
			await stage.happen(numbered(n));
		};
		await happenAt(1);
		await collectAll(stage);
		await storage.db.updateTable("event_deliveries").set({ state: "delivered" }).execute();
		await happenAt(2);
		await collectAll(stage);
		await storage.write((tx) => disableSubscription(tx, id, "because", clock.now()));
		assert.deepEqual(
			(await stage.deliveries(id)).map(({ state, reason }) => [state, reason]),
			[
				["failed", "because"],
				["delivered", null],
			],
		);
		await happenAt(3);
		const since = clock.now();
		await happenAt(4);
		clock.advance(1000);
		await change(stage, id, { enabled: true });
		await happenAt(5);
		await collectAll(stage);
		assert.deepEqual(await details(stage, id), [1, 2, 5]);

		const back = async (at: Date) => {
			assert.equal(await goBackTo(stage, id, at), true);
			await collectAll(stage);
		};
		await back(since);
		assert.deepEqual(await details(stage, id), [1, 2, 3, 4, 5], "from the third on");
		const states = async () => (await stage.deliveries(id)).map(({ state }) => state).toSorted();
		assert.deepEqual(await states(), ["delivered", "failed", "pending", "pending", "pending"]);
		await back(new Date(0));
		assert.deepEqual(await details(stage, id), [1, 2, 3, 4, 5]);
		assert.deepEqual(await states(), ["delivered", "pending", "pending", "pending", "pending"]);
	},
);

onBothDialects("a type that is added counts from then on; what was before comes by going back", async (open) => {
	const stage = await openHooks(await open());
	const { clock } = stage;
	const id = await stage.subscribe({ events: ["message.parked"] });
	const since = clock.now();
	await stage.happen(numbered(1));
	await collectAll(stage);
	clock.advance(60_000);
	await change(stage, id, { events: ["message.parked", "message.state"] });
	await collectAll(stage);
	assert.deepEqual(await details(stage, id), []);
	assert.equal(await goBackTo(stage, id, since), true);
	await stage.happen(numbered(2));
	await collectAll(stage);
	assert.deepEqual(await details(stage, id), [1, 2]);
});

onBothDialects("who adds a type and goes back in the middle of a round gets what was before", async (open) => {
	const stage = await openHooks(await open());
	const { clock, deps, storage } = stage;
	const id = await stage.subscribe({ events: ["message.parked"] });
	const since = clock.now();
	await stage.happen(numbered(1));
	await collectAll(stage);
	await stage.happen(numbered(2));
	const remembered: typeof storage.remembered = async (key, read) => {
		const found = await storage.remembered(key, read);
		if (key === "event subscriptions") {
			await change(stage, id, { events: ["message.state"] });
			await goBackTo(stage, id, since);
		}
		return found;
	};
	await collect({ ...deps, storage: { ...storage, remembered } });
	await collectAll(stage);
	assert.deepEqual(await details(stage, id), [1, 2]);
});

onBothDialects("the place of a time is before its first event", async (open) => {
	const stage = await openHooks(await open());
	const { storage, clock } = stage;
	assert.equal(await cursorBefore(storage.db, storage.dialect, clock.now()), undefined);
	const times: Date[] = [];
	for (let n = 0; n < 9; n++) {
		clock.advance(10);
		times.push(clock.now());
		await stage.happen(numbered(n));
	}
	const rows = await storage.db.selectFrom("events").select(["tx", "seq"]).orderBy("seq").execute();
	for (const [index, at] of times.entries()) {
		const cursor = await cursorBefore(storage.db, storage.dialect, at);
		assert.ok(cursor);
		const after = rows.filter(({ tx, seq }) => tx > cursor.tx || (tx === cursor.tx && seq > cursor.seq));
		assert.equal(after.length, 9 - index, `event ${index}`);
	}
	assert.equal(await cursorBefore(storage.db, storage.dialect, new Date(clock.now().getTime() + 1)), undefined);
});
