import assert from "node:assert/strict";
import test from "node:test";
import { everyRight, grantOf, openRciStage, type RciStage } from "#test/rci-stage.ts";
import type { ObjectType } from "#domain/rights.ts";
import { adHocScheduleRoutes } from "./ad-hoc-schedules.ts";
import { calendarRoutes } from "./calendars.ts";
import { promptRoutes } from "./prompts.ts";
import { queueRoutes } from "./queues.ts";
import { replyTemplateRoutes } from "./reply-templates.ts";
import { scheduleRoutes } from "./schedules.ts";

const routes = [
	...queueRoutes,
	...promptRoutes,
	...calendarRoutes,
	...scheduleRoutes,
	...adHocScheduleRoutes,
	...replyTemplateRoutes,
];

type Sample = {
	path: string;
	objectType: ObjectType;
	body: object;
	/** Another one, which may stand beside the first. */
	other(stage: RciStage): Promise<object>;
	/** A change that shows. */
	change: Readonly<Record<string, unknown>>;
};

const calendar: Sample = {
	path: "/calendars",
	objectType: "calendar",
	body: { name: "Week", priority: 5 },
	other: () => Promise.resolve({ name: "Holidays", priority: 50 }),
	change: { priority: 6 },
};

const samples: readonly Sample[] = [
	{
		path: "/queues",
		objectType: "queue",
		body: { name: "Sales", addresses: ["sales@desk.example"] },
		other: () => Promise.resolve({ name: "Support" }),
		change: { priority: 7 },
	},
	{
		path: "/prompts",
		objectType: "prompt",
		body: { name: "Hello", type: "welcome", texts: { en: "Hello" } },
		other: () => Promise.resolve({ name: "Bye", type: "disconnection", texts: { en: "Bye" } }),
		change: { texts: { de: "Hallo" } },
	},
	calendar,
	{
		path: "/schedules",
		objectType: "schedule",
		body: { kind: "serviceTimes", hours: [{ from: "09:00", until: "17:00", isOpen: true }] },
		other: async (stage) => ({ kind: "serviceTimes", calendarId: (await make(stage, calendar)).id }),
		change: { isOpenElse: true },
	},
	{
		path: "/adHocSchedules",
		objectType: "schedule",
		body: { from: "2026-12-24T12:00:00.000Z", until: "2026-12-24T18:00:00.000Z" },
		other: () => Promise.resolve({ from: "2026-12-25T12:00:00.000Z", until: "2026-12-25T18:00:00.000Z" }),
		change: { isOpen: true },
	},
	{
		path: "/replyTemplates",
		objectType: "replyTemplate",
		body: { name: "Greeting", text: "Hello {name}!" },
		other: () => Promise.resolve({ name: "Farewell", text: "Bye {name}!" }),
		change: { folder: "Sales/First" },
	},
];

type Made = { id: string; allowed: string[] } & Record<string, unknown>;

async function make(stage: RciStage, { path, body }: Sample): Promise<Made> {
	const answer = await stage.call<Made>("POST", path, { body });
	assert.equal(answer.status, 201, answer.text);
	assert.match(String(answer.headers["location"]), new RegExp(`${path}/${answer.body.id}$`));
	return answer.body;
}

for (const sample of samples) {
	const { path, objectType, change } = sample;
	const [field, value] = Object.entries(change)[0] ?? [];

	test(`${path}: who saw an older version changes and deletes nothing`, async (t) => {
		const stage = await openRciStage(t, routes);
		const { id } = await make(stage, sample);
		const one = `${path}/${id}`;
		const seen = { "if-match": String((await stage.call("GET", one)).headers["etag"]) };
		const changed = await stage.call<Made>("PATCH", one, { body: change, headers: seen });
		assert.equal(changed.status, 200, changed.text);
		assert.deepEqual(changed.body[String(field)], value);
		for (const [method, body] of [
			["PATCH", change],
			["PUT", sample.body],
			["DELETE", undefined],
		] as const) {
			assert.equal((await stage.call(method, one, { body, headers: seen })).status, 412, method);
		}
		const now = { "if-match": String(changed.headers["etag"]) };
		assert.equal((await stage.call("PUT", one, { body: sample.body, headers: now })).status, 204);
		assert.notDeepEqual(
			(await stage.call<Made>("GET", one)).body[String(field)],
			value,
			"PUT left what it was not given",
		);
		assert.equal((await stage.call("DELETE", one)).status, 204);
		assert.equal((await stage.call("GET", one)).status, 404);
	});

	test(`${path}: the same Idempotency-Key makes one`, async (t) => {
		const stage = await openRciStage(t, routes);
		const headers = { "idempotency-key": "once" };
		const first = await stage.call<Made>("POST", path, { body: sample.body, headers });
		const again = await stage.call<Made>("POST", path, { body: sample.body, headers });
		assert.deepEqual([first.status, again.status, again.body.id], [201, 201, first.body.id]);
		assert.equal((await stage.call<Made[]>("GET", path)).body.length, 1);
	});

	test(`${path}: the audit log has who made, changed and deleted it`, async (t) => {
		const stage = await openRciStage(t, routes);
		const { id } = await make(stage, sample);
		await stage.call("PATCH", `${path}/${id}`, { body: change });
		await stage.call("DELETE", `${path}/${id}`);
		const rows = await stage.storage.db
			.selectFrom("audit_log")
			.select(["action", "object_type", "object_id", "changes"])
			.orderBy("seq")
			.execute();
		assert.deepEqual(
			rows.map((row) => [row.action, row.object_type, row.object_id]),
			["create", "modify", "delete"].map((action) => [action, objectType, id]),
		);
		assert.deepEqual(Object.keys(JSON.parse(rows[1]?.changes ?? "{}") as object), [field]);
	});

	test(`${path}: lists show what the caller may view, and what they may do with it`, async (t) => {
		const stage = await openRciStage(t, routes);
		const { id } = await make(stage, sample);
		assert.equal((await stage.call("POST", path, { body: await sample.other(stage) })).status, 201);
		await stage.grant(grantOf(objectType, ["view"], id));
		const { body } = await stage.call<Made[]>("GET", path);
		assert.deepEqual(
			body.map((one) => [one.id, one.allowed]),
			[[id, ["view"]]],
		);
		assert.equal((await stage.call("PATCH", `${path}/${id}`, { body: change })).status, 403);
		assert.equal((await stage.call("POST", path, { body: sample.body })).status, 403);
	});

	test(`${path}: a field that there is not is refused by name`, async (t) => {
		const stage = await openRciStage(t, routes);
		const { status, problem } = await stage.call("POST", path, { body: { ...sample.body, colour: "red" } });
		assert.deepEqual([status, problem.errors?.[0]?.pointer], [400, "/colour"]);
	});
}

test("rights on an object go with it", async (t) => {
	const stage = await openRciStage(t, routes);
	const grants = [];
	for (const sample of samples) {
		const { id } = await make(stage, sample);
		grants.push({ one: `${sample.path}/${id}`, grant: grantOf(sample.objectType, ["view"], id) });
	}
	await stage.grant(...everyRight, ...grants.map(({ grant }) => grant));
	const ofOne = () => stage.storage.db.selectFrom("grants").select("object_id").where("object_id", "<>", "").execute();
	assert.equal((await ofOne()).length, samples.length);
	for (const { one } of grants) {
		assert.equal((await stage.call("DELETE", one)).status, 204, one);
	}
	assert.deepEqual(await ofOne(), []);
});

test("lists sort priorities as numbers and moments by time, and are filtered", async (t) => {
	const stage = await openRciStage(t, routes);
	for (const [name, priority] of [
		["A", 100],
		["B", 20],
		["C", 3],
	] as const) {
		await stage.call("POST", "/queues", { body: { name, priority } });
		await stage.call("POST", "/calendars", { body: { name, priority } });
	}
	const names = async (path: string) =>
		(await stage.call<{ name: string }[]>("GET", path)).body.map(({ name }) => name);
	for (const path of ["/queues", "/calendars"]) {
		assert.deepEqual(await names(`${path}?sort=priority`), ["C", "B", "A"]);
		assert.deepEqual(await names(`${path}?sort=-priority&limit=1`), ["A"]);
		assert.deepEqual(await names(`${path}?priority=*0`), ["A", "B"]);
		assert.deepEqual(await names(`${path}?name=b`), ["B"]);
	}
	for (const day of ["24", "22", "23"]) {
		const body = { from: `2026-12-${day}T10:00:00Z`, until: `2026-12-${day}T12:00:00+01:00` };
		assert.equal((await stage.call("POST", "/adHocSchedules", { body })).status, 201);
	}
	const days = async (sort: string) =>
		(await stage.call<{ from: string }[]>("GET", `/adHocSchedules${sort}`)).body.map(({ from }) => from.slice(8, 10));
	assert.deepEqual(await days(""), ["22", "23", "24"]);
	assert.deepEqual(await days("?sort=-until"), ["24", "23", "22"]);
	assert.equal((await stage.call("GET", "/adHocSchedules?from=1*")).status, 400);
});
