import assert from "node:assert/strict";
import { defaultCalendar } from "#domain/chat-configuration.ts";
import { serviceAt } from "#domain/service-times.ts";
import { secretBox } from "#platform/secret-box.ts";
import { seededRandom } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { chatSettingDefaults, readChatConfiguration } from "./chat-configuration.ts";
import {
	identitySecretOpens,
	readIdentitySecret,
	readStoredChatSettings,
	saveChatSettings,
	saveIdentitySecret,
} from "./chat-settings.ts";
import { type Configured, configuredStore, type Layout, queueWithAddress } from "./configured.ts";
import { dependentsOfCalendar, dependentsOfPrompt, dependentsOfQueue } from "./queue-dependents.ts";
import { queueDefaults } from "./queues.ts";
import { configurationRevision } from "./remembered.ts";
import { replyTemplatesFor } from "./reply-templates.ts";
import type { Storage, Tx } from "./storage.ts";
import { isUniqueViolation } from "./unique.ts";

const at = new Date("2026-11-24T10:00:00.000Z");
const times = { version: 1, created_at: at.getTime(), updated_at: at.getTime() };
const idOf = (n: number) => n.toString(16).toUpperCase().padStart(32, "0");
const [sales, support, prompt, week] = [idOf(1), idOf(2), idOf(3), idOf(4)];

type Fields = { name: string; priority: number; addresses: readonly string[] };
const layout: Layout<Fields> = {
	table: "queues",
	objectType: "queue",
	toColumns: ({ name, priority }) => ({ name, name_key: name.toLowerCase(), priority, settings: "{}" }),
	toFields: (row, addresses) => ({ name: String(row["name"]), priority: Number(row["priority"]), addresses }),
	addressesOf: ({ addresses }) => addresses,
};
const store = configuredStore(layout);
const page = { limit: 10, offset: 0, sort: [], filters: [], only: "every" } as const;

function insertQueue(storage: Storage, id: string, fields: Partial<Fields> = {}): Promise<void> {
	const whole = { name: id, priority: 100, addresses: [], ...fields };
	return storage.write((tx) => store.insert(tx, { id, fields: whole, at }));
}

async function isTaken(work: Promise<unknown>): Promise<boolean> {
	try {
		await work;
		return false;
	} catch (error) {
		return isUniqueViolation(error);
	}
}

onBothDialects("a queue comes back as it was stored, its addresses in their order", async (open) => {
	const storage = await open();
	const fields = { name: "Sales", priority: 7, addresses: ["b@desk.example", "+358401234567", "A"] };
	await insertQueue(storage, sales, fields);
	const stored: Configured<Fields> = { id: sales, version: 1, createdAt: at, updatedAt: at, fields };
	assert.deepEqual(await store.find(storage.db, sales), stored);
	assert.deepEqual(await store.list(storage.db, page), [stored]);
	const { queues } = await readChatConfiguration(storage.db);
	assert.deepEqual(queues, [{ ...queueDefaults, ...fields, id: sales }]);
});

onBothDialects("an address belongs to one queue, and is free when its queue gives it up or goes", async (open) => {
	const storage = await open();
	const { db } = storage;
	const mine = { name: "Sales", priority: 1, addresses: ["Shop@desk.example"] };
	await insertQueue(storage, sales, mine);
	const owner = await queueWithAddress(db, ["x", "shop@DESK.example"], support);
	assert.deepEqual([owner?.name, owner?.address], ["Sales", "Shop@desk.example"]);
	assert.equal(await queueWithAddress(db, ["shop@desk.example"], sales), undefined);
	assert.equal(await queueWithAddress(db, [], support), undefined);
	assert.ok(await isTaken(insertQueue(storage, support, { addresses: ["SHOP@desk.example"] })));
	assert.equal(await store.find(db, support), undefined, "nothing of it is left");

	const change = { id: sales, version: 1, fields: { ...mine, addresses: [] }, at };
	assert.equal(await storage.write((tx) => store.update(tx, change)), true);
	await insertQueue(storage, support, { addresses: ["SHOP@desk.example"] });
	await storage.write((tx) => store.delete(tx, support));
	assert.equal(await queueWithAddress(db, ["shop@desk.example"], sales), undefined);
});

onBothDialects("a change of an older version changes nothing, not its addresses either", async (open) => {
	const storage = await open();
	const mine = { name: "Sales", priority: 1, addresses: ["a"] };
	await insertQueue(storage, sales, mine);
	const stale = { id: sales, version: 2, fields: { ...mine, addresses: ["b"] }, at };
	assert.equal(await storage.write((tx) => store.update(tx, stale)), false);
	assert.deepEqual((await store.find(storage.db, sales))?.fields, mine);
});

onBothDialects("lists sort numbers by their value", async (open) => {
	const storage = await open();
	for (const [n, priority] of [100, 20, 3].entries()) {
		await insertQueue(storage, idOf(n + 1), { priority });
	}
	const sort = [{ column: "priority", descending: false, isNumber: true as const }];
	const found = await store.list(storage.db, { ...page, sort });
	assert.deepEqual(
		found.map(({ fields }) => fields.priority),
		[3, 20, 100],
	);
});

/** A prompt, a calendar, and of each kind of schedule one that uses them. */
async function insertUses(tx: Tx): Promise<void> {
	const texts = JSON.stringify({ en: "Hello" });
	const named = (name: string) => ({ name, name_key: name.toLowerCase() });
	await tx
		.insertInto("prompts")
		.values({ id: prompt, ...named("Hello"), type: "welcome", external_id: null, texts, ...times })
		.execute();
	const { include, exclude } = defaultCalendar;
	const days = JSON.stringify({ include: { ...include, weekdays: [1, 2, 3, 4, 5] }, exclude });
	await tx
		.insertInto("calendars")
		.values({ id: week, ...named("Week"), priority: 5, days, ...times })
		.execute();
	const hours = [{ from: "08:00", until: "16:00", isOpen: true }];
	const [serviceTimes, says] = [{ isOpenElse: false, hours }, { promptId: prompt }].map((one) => JSON.stringify(one));
	await tx
		.insertInto("schedules")
		.values([
			{
				id: idOf(11),
				kind: "serviceTimes",
				queue_id: sales,
				calendar_id: week,
				prompt_type: "",
				settings: serviceTimes ?? "",
				...times,
			},
			{
				id: idOf(12),
				kind: "chatPrompts",
				queue_id: "",
				calendar_id: defaultCalendar.id,
				prompt_type: "welcome",
				settings: says ?? "",
				...times,
			},
		])
		.execute();
	const from = Date.parse("2026-12-24T12:00:00Z");
	await tx
		.insertInto("ad_hoc_schedules")
		.values({ id: idOf(13), queue_id: "", valid_from: from, valid_until: from + 3_600_000, is_open: 0, ...times })
		.execute();
	const template = { language: null, text: "Hello", template: null, folder: "", ...times };
	await tx
		.insertInto("reply_templates")
		.values([
			{ id: idOf(14), ...named("For sales"), ...template, queue_ids: JSON.stringify([sales]) },
			{ id: idOf(15), ...named("For all"), ...template, queue_ids: "[]" },
		])
		.execute();
}

onBothDialects("what is set for chats is read as one value, by which a queue is open or not", async (open) => {
	const storage = await open();
	await insertQueue(storage, sales, { name: "Sales" });
	await storage.write(insertUses);
	const configuration = await readChatConfiguration(storage.db);
	assert.deepEqual(configuration.prompts, [{ id: prompt, name: "Hello", type: "welcome", texts: { en: "Hello" } }]);
	assert.deepEqual(
		configuration.schedules.map(({ id, queueId, kind }) => [id, queueId, kind]),
		[
			[idOf(11), sales, "serviceTimes"],
			[idOf(12), null, "chatPrompts"],
		],
	);
	assert.deepEqual(configuration.settings, chatSettingDefaults);
	const queue = { id: sales, timeZone: "UTC" };
	const isOpen = (moment: string) => serviceAt(configuration, queue, new Date(moment)).isOpen;
	assert.deepEqual(
		["2026-12-24T11:59:59Z", "2026-12-24T12:00:00Z", "2026-12-24T13:00:00Z", "2026-12-24T16:00:00Z"].map(isOpen),
		[true, false, true, false],
	);
});

onBothDialects("what uses a queue, prompt or calendar is told by name", async (open) => {
	const storage = await open();
	const { db } = storage;
	await insertQueue(storage, sales, { name: "Sales" });
	await storage.write(insertUses);
	const names = async (found: Promise<{ name: string }[]>) => (await found).map(({ name }) => name);
	assert.deepEqual(await names(dependentsOfQueue(db, sales)), ["the reply template For sales"]);
	assert.deepEqual(await names(dependentsOfQueue(db, support)), []);
	assert.deepEqual(await names(dependentsOfCalendar(db, week)), ["the schedule of Sales on Week"]);
	assert.deepEqual(await names(dependentsOfPrompt(db, prompt)), [
		"the schedule of the contact centre on Default for welcome",
	]);
	const templates = async (...ids: string[]) => (await replyTemplatesFor(db, ids)).map(({ name }) => name);
	assert.deepEqual(await templates(sales), ["For all", "For sales"]);
	assert.deepEqual(await templates(support), ["For all"]);
});

onBothDialects("chat settings are saved on the version that was read only", async (open) => {
	const storage = await open();
	const save = (chatsPerAgent: number, version: number) =>
		storage.write((tx) => saveChatSettings(tx, { ...chatSettingDefaults, chatsPerAgent }, version));
	assert.equal(await save(4, 0), true);
	assert.equal(await save(5, 0), false);
	assert.equal(await save(6, 1), true);
	const { settings, version } = await readStoredChatSettings(storage.db);
	assert.deepEqual([settings.chatsPerAgent, version], [6, 2]);
});

onBothDialects(
	"the secret of visitors' identities is sealed, outlives other changes, and goes when it is removed",
	async (open) => {
		const storage = await open();
		const { db } = storage;
		const random = seededRandom(3);
		const box = secretBox(new Map([["d1", random.bytes(32)]]), "d1", random);
		const other = secretBox(new Map([["d1", random.bytes(32)]]), "d1", random);
		assert.deepEqual([await readIdentitySecret(db, box), await identitySecretOpens(db, box)], [undefined, true]);
		const secret = "a secret of forty characters, that is long";
		await storage.write(async (tx) => {
			await saveChatSettings(tx, chatSettingDefaults, 0);
			await saveIdentitySecret(tx, box, secret);
		});
		await storage.write((tx) => saveChatSettings(tx, chatSettingDefaults, 1));
		const row = await db.selectFrom("chat_settings").select("identity_secret").executeTakeFirstOrThrow();
		assert.ok(!Buffer.from(row.identity_secret ?? []).includes("forty"));
		assert.equal(await readIdentitySecret(db, box), secret);
		assert.deepEqual([await identitySecretOpens(db, box), await identitySecretOpens(db, other)], [true, false]);
		await storage.write((tx) => saveIdentitySecret(tx, box, null));
		assert.equal((await readStoredChatSettings(db)).hasSecret, false);
	},
);

onBothDialects("every change of what is set for chats raises the revision it is remembered under", async (open) => {
	const storage = await open();
	let last = await configurationRevision(storage.db);
	const raises = async (what: string, change: (tx: Tx) => Promise<unknown>) => {
		await storage.write(change);
		const now = await configurationRevision(storage.db);
		assert.ok(now > last, what);
		last = now;
	};
	const fields = { name: "Sales", priority: 1, addresses: [] };
	await raises("a queue", (tx) => store.insert(tx, { id: sales, fields, at }));
	await raises("its address", (tx) =>
		tx.insertInto("queue_addresses").values({ address_key: "a", queue_id: sales, address: "a", position: 0 }).execute(),
	);
	await raises("what uses it", insertUses);
	for (const table of ["prompts", "calendars", "schedules", "ad_hoc_schedules", "reply_templates"] as const) {
		await raises(`${table} changed`, (tx) => tx.updateTable(table).set({ version: 2 }).execute());
		await raises(`${table} deleted`, (tx) => tx.deleteFrom(table).execute());
	}
	await raises("chat settings", (tx) => saveChatSettings(tx, chatSettingDefaults, 0));
	await raises("a queue deleted", (tx) => store.delete(tx, sales));
});
