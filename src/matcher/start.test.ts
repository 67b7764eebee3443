import assert from "node:assert/strict";
import { silentLog } from "#platform/log.ts";
import { recordArrivals } from "#storage/arrivals.ts";
import { closeConversation } from "#storage/conversations.ts";
import { localSignals } from "#storage/signals.ts";
import { addService, arrivalOf, messageEvent, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { matchBatch, type MatcherDeps } from "./start.ts";

function matcherOn(stage: Stage): MatcherDeps {
	return { ...stage, signals: localSignals(), log: silentLog, settings: { leaseMs: 20_000 } };
}

async function receive(stage: Stage, ids: readonly string[], contact = "+4915112345"): Promise<void> {
	await stage.storage.write((tx) =>
		recordArrivals(
			tx,
			ids.map((id) => arrivalOf(stage, [messageEvent(id, { contact: { address: contact } })])),
		),
	);
}

async function conversations(stage: Stage) {
	const rows = await stage.storage.db.selectFrom("conversations").selectAll().orderBy("id").execute();
	return rows.map(({ state, contact_address: contact, messages, previous_id: previous }) => ({
		state,
		contact,
		messages,
		previous,
	}));
}

onBothDialects(
	"any number of concurrent first messages make one conversation, in order, whoever matches them",
	async (open) => {
		const stage = await setStage(await open());
		const ids = Array.from({ length: 30 }, (_, index) => `m${String(index).padStart(2, "0")}`);
		await receive(stage, ids);
		await receive(stage, ["other"], "+4915199999");
		// Four workers, as on four nodes, each looking until nothing is left.
		const worker = async () => {
			while (await matchBatch(matcherOn(stage))) {
				// A full batch: there may be more.
			}
			await matchBatch(matcherOn(stage));
		};
		await Promise.all([worker(), worker(), worker(), worker()]);
		assert.deepEqual(
			(await conversations(stage))
				.map(({ contact, messages }) => [contact, messages])
				.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
			[
				["+4915112345", 30],
				["+4915199999", 1],
			],
		);
		const matched = await stage.storage.db
			.selectFrom("messages")
			.select(["remote_id", "sequence", "state", "decision"])
			.where("contact_address", "=", "+4915112345")
			.orderBy("sequence")
			.execute();
		assert.deepEqual(
			matched.map(({ remote_id: id, sequence }) => [id, sequence]),
			ids.map((id, index) => [id, index + 1]),
		);
		assert.ok(matched.every(({ state, decision }) => state === "matched" && decision !== null));
		const contacts = await stage.storage.db.selectFrom("contacts").select("id").execute();
		assert.equal(contacts.length, 2);
	},
);

onBothDialects(
	"a closed conversation is reopened within the service's window and continued by a linked one after it",
	async (open) => {
		const stage = await setStage(await open());
		await stage.storage.db
			.updateTable("messaging_services")
			.set({ settings: JSON.stringify({ reopenWindowMinutes: 60 }) })
			.execute();
		const deps = matcherOn(stage);
		const closeAll = async () => {
			const open_ = await stage.storage.db
				.selectFrom("conversations")
				.select("id")
				.where("state", "=", "open")
				.execute();
			await stage.storage.write(async (tx) => {
				for (const { id } of open_) {
					await closeConversation(tx, id, stage.clock.now());
				}
			});
		};
		await receive(stage, ["a"]);
		await matchBatch(deps);
		await closeAll();
		stage.clock.advance(59 * 60_000);
		await receive(stage, ["b"]);
		await matchBatch(deps);
		assert.deepEqual(
			(await conversations(stage)).map(({ state, messages }) => [state, messages]),
			[["open", 2]],
		);
		await closeAll();
		stage.clock.advance(60 * 60_000);
		await receive(stage, ["c"]);
		await matchBatch(deps);
		const [first, second] = await conversations(stage);
		assert.deepEqual([first?.messages, second?.messages], [2, 1]);
		assert.notEqual(second?.previous, null, "linked to the earlier one");
		const rules = await stage.storage.db.selectFrom("messages").select("decision").orderBy("id").execute();
		assert.deepEqual(
			rules.map(({ decision }) => (JSON.parse(decision ?? "{}") as { rule: string }).rule),
			["start", "reopen", "start"],
		);
	},
);

onBothDialects(
	"a message that cannot be matched is parked after some attempts and spoils nobody else's",
	async (open) => {
		const stage = await setStage(await open());
		const deps = matcherOn(stage);
		await receive(stage, ["bad"]);
		await receive(stage, ["good"], "+4915199999");
		// A row that breaks the append.
		await stage.storage.db.updateTable("messages").set({ content: "damaged" }).where("remote_id", "=", "bad").execute();
		for (let attempt = 0; attempt < 7; attempt++) {
			await matchBatch(deps);
			stage.clock.advance(120_000);
		}
		const rows = await stage.storage.db
			.selectFrom("messages")
			.select(["remote_id", "state"])
			.orderBy("remote_id")
			.execute();
		assert.deepEqual(
			rows.map(({ remote_id: id, state }) => [id, state]),
			[
				["bad", "parked"],
				["good", "matched"],
			],
		);
		const [parked] = await stage.storage.db
			.selectFrom("inbox")
			.select(["attempts", "reason"])
			.where("state", "=", "parked")
			.execute();
		assert.ok(parked !== undefined && parked.attempts <= 6 && parked.reason !== null);
	},
);

onBothDialects("two services with the same addresses are two chains", async (open) => {
	const stage = await setStage(await open());
	const other: string = stage.ids.next();
	await addService(stage.storage, other, stage.clock.now());
	await receive(stage, ["a"]);
	await receive({ ...stage, serviceId: other }, ["a"]);
	await matchBatch(matcherOn(stage));
	assert.deepEqual(
		(await conversations(stage)).map(({ messages }) => messages),
		[1, 1],
	);
});

onBothDialects(
	"a clock set back hides no open conversation, and no older message turns its times back",
	async (open) => {
		const stage = await setStage(await open());
		const { storage, clock } = stage;
		const take = async (id: string) => {
			await receive(stage, [id]);
			await matchBatch(matcherOn(stage));
			const columns = ["id", "contact_last_wrote_at", "messages"] as const;
			return storage.db
				.selectFrom("conversations")
				.select(columns)
				.where("state", "=", "open")
				.executeTakeFirstOrThrow();
		};
		for (const closed of ["m1", "m2"]) {
			const { id } = await take(closed);
			await storage.write((tx) => closeConversation(tx, id, clock.now()));
			clock.advance(100 * 3_600_000);
		}
		const { id } = await take("m3");
		const later = clock.now().getTime() + 1;
		await storage.db
			.updateTable("conversations")
			.set({ opened_at: 0, contact_last_wrote_at: later })
			.where("id", "=", id)
			.execute();
		assert.deepEqual({ ...(await take("m4")) }, { id, contact_last_wrote_at: later, messages: 2 });
	},
);

onBothDialects("a message that failed once keeps its place before the next one of its chain", async (open) => {
	const stage = await setStage(await open());
	await receive(stage, ["a"]);
	stage.clock.advance(100);
	await receive(stage, ["b"]);
	const deps = matcherOn(stage);
	let failures = 2; // The batch, then the first message alone.
	const next: typeof deps.ids.next = () => {
		failures -= 1;
		if (failures >= 0) {
			throw new Error("passing trouble");
		}
		return deps.ids.next();
	};
	const failing = { ...deps, ids: { ...deps.ids, next } };
	for (let look = 0; look < 3; look++) {
		await matchBatch(failing);
		stage.clock.advance(60_000);
	}
	const rows = await stage.storage.db.selectFrom("messages").select("remote_id").orderBy("sequence").execute();
	assert.deepEqual(
		rows.map(({ remote_id: id }) => id),
		["a", "b"],
	);
});

onBothDialects(
	"within a batch the provider's time decides, and where it gave none the time of receipt",
	async (open) => {
		const stage = await setStage(await open());
		const minute = (n: number) => new Date(stage.clock.now().getTime() + n * 60_000);
		const events = [
			messageEvent("third", { at: minute(-1) }),
			messageEvent("fourth"),
			messageEvent("first", { at: minute(-3) }),
			messageEvent("second", { at: minute(-2) }),
		];
		await stage.storage.write((tx) =>
			recordArrivals(
				tx,
				events.map((event) => arrivalOf(stage, [event])),
			),
		);
		await matchBatch(matcherOn(stage));
		const rows = await stage.storage.db.selectFrom("messages").select("remote_id").orderBy("sequence").execute();
		assert.deepEqual(
			rows.map(({ remote_id: id }) => id),
			["first", "second", "third", "fourth"],
		);
	},
);
