import assert from "node:assert/strict";
import test from "node:test";
import { sql } from "kysely";
import { openStorage } from "#storage/storage.ts";
import { testServer } from "#test/postgres.ts";
import { everyRight, openRciStage } from "#test/rci-stage.ts";
import { adHocScheduleRoutes } from "./ad-hoc-schedules.ts";
import { calendarRoutes } from "./calendars.ts";
import { chatSettingsRoutes } from "./chat-settings.ts";
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
	...chatSettingsRoutes,
];

async function stageOfQueues(t: test.TestContext) {
	const stage = await openRciStage(t, routes);
	return {
		...stage,
		async made(path: string, body: object): Promise<string> {
			const answer = await stage.call<{ id: string }>("POST", path, { body });
			assert.equal(answer.status, 201, answer.text);
			return answer.body.id;
		},
		/** Status and the first field that is at fault. */
		async refusal(path: string, body: object, method: "POST" | "PATCH" | "PUT" = "POST") {
			const { status, problem } = await stage.call(method, path, { body });
			return [status, problem.errors?.[0]?.pointer ?? problem.code] as const;
		},
	};
}

test("an address belongs to one queue, compared without case", async (t) => {
	const stage = await stageOfQueues(t);
	const sales = await stage.made("/queues", { name: "Sales", addresses: ["Shop@example.com", "+358401234567"] });
	assert.deepEqual(await stage.refusal("/queues", { name: "Other", addresses: ["shop@EXAMPLE.com"] }), [
		400,
		"/addresses",
	]);
	assert.deepEqual(await stage.refusal("/queues", { name: "Twice", addresses: ["a", "A"] }), [400, "/addresses/1"]);
	const same = await stage.call("PATCH", `/queues/${sales}`, { body: { addresses: ["SHOP@example.com"] } });
	assert.equal(same.status, 200, same.text);
	await stage.made("/queues", { name: "Other", addresses: ["+358401234567"] });
});

test("two queues do not have one name, and a warning comes before the end it warns of", async (t) => {
	const stage = await stageOfQueues(t);
	await stage.made("/queues", { name: "Sales" });
	assert.deepEqual(await stage.refusal("/queues", { name: "SALES" }), [409, "/name"]);
	const late = { name: "Late", inactivityMinutes: 10, idleWarningMinutes: 10 };
	assert.deepEqual(await stage.refusal("/queues", late), [400, "/idleWarningMinutes"]);
	assert.deepEqual(await stage.refusal("/queues", { name: "Where", timeZone: "Europe/Nowhere" }), [400, "/timeZone"]);
});

test("a queue overflows into another one that there is and that is kept, and nothing goes round for ever", async (t) => {
	const stage = await stageOfQueues(t);
	const support = await stage.made("/queues", { name: "Support" });
	const nowhere = { name: "Lost", overflowQueueId: "F".repeat(32) };
	assert.deepEqual(await stage.refusal("/queues", nowhere), [400, "/overflowQueueId"]);
	assert.deepEqual(await stage.refusal("/queues", { name: "Lost", overflowAfterSeconds: 60 }), [
		400,
		"/overflowAfterSeconds",
	]);
	const sales = await stage.made("/queues", { name: "Sales", overflowQueueId: support, overflowAfterSeconds: 60 });
	const self = await stage.refusal(`/queues/${sales}`, { overflowQueueId: sales }, "PATCH");
	assert.deepEqual(self, [400, "/overflowQueueId"]);
	const night = await stage.made("/queues", { name: "Night", overflowQueueId: sales, overflowAfterSeconds: 30 });
	const closing = { overflowQueueId: night, overflowAfterSeconds: 10 };
	assert.deepEqual(await stage.refusal(`/queues/${support}`, closing, "PATCH"), [400, "/overflowQueueId"]);
	const keeping = { ...closing, overflowAfterSeconds: 0 };
	assert.deepEqual(await stage.refusal(`/queues/${support}`, keeping, "PATCH"), [200, undefined]);
	const waiting = await stage.refusal(`/queues/${support}`, { overflowAfterSeconds: 10 }, "PATCH");
	assert.deepEqual(waiting, [400, "/overflowQueueId"], "nor is the circle closed later");
	const { status, problem } = await stage.call("DELETE", `/queues/${night}`);
	assert.equal(status, 409);
	assert.match(problem.detail, /the queue Support/);
});

test("a schedule is one per kind, queue and calendar, and names what exists", async (t) => {
	const stage = await stageOfQueues(t);
	const queueId = await stage.made("/queues", { name: "Sales" });
	const hours = [{ from: "09:00", until: "17:00", isOpen: true }];
	const first = await stage.made("/schedules", { kind: "serviceTimes", queueId, hours });
	assert.deepEqual(await stage.refusal("/schedules", { kind: "serviceTimes", queueId, hours }), [409, "/calendarId"]);
	const { problem } = await stage.call("POST", "/schedules", { body: { kind: "serviceTimes", queueId } });
	assert.match(problem.detail, new RegExp(`the schedule of Sales on Default, ${first}`));
	const another = await stage.made("/schedules", { kind: "serviceTimes" });
	assert.deepEqual(await stage.refusal(`/schedules/${another}`, { queueId }, "PATCH"), [409, "/calendarId"]);
	assert.deepEqual(await stage.refusal(`/schedules/${first}`, { isOpenElse: true }, "PATCH"), [200, undefined]);
	const nowhere = "f".repeat(32);
	assert.deepEqual(await stage.refusal("/schedules", { kind: "serviceTimes", queueId: nowhere }), [400, "/queueId"]);
	assert.deepEqual(await stage.refusal("/schedules", { kind: "serviceTimes", calendarId: nowhere }), [
		400,
		"/calendarId",
	]);
	const twice = [...hours, { from: "16:00", until: "18:00", isOpen: true }];
	assert.deepEqual(await stage.refusal("/schedules", { kind: "serviceTimes", hours: twice }), [400, "/hours/0"]);
	const night = [{ from: "22:00", until: "06:00", isOpen: true }];
	assert.deepEqual(await stage.refusal("/schedules", { kind: "serviceTimes", hours: night }), [400, "/hours/0/until"]);
	assert.deepEqual(await stage.refusal("/schedules", { kind: "chatPrompts", promptType: "welcome" }), [
		400,
		"/promptId",
	]);
});

test("what a schedule uses is neither deleted nor turned into something else", async (t) => {
	const stage = await stageOfQueues(t);
	const promptId = await stage.made("/prompts", { name: "Hello", type: "welcome", texts: { en: "Hello" } });
	const calendarId = await stage.made("/calendars", { name: "Week", priority: 5 });
	const use = { kind: "chatPrompts", calendarId, promptType: "welcome", promptId };
	const schedule = await stage.made("/schedules", use);
	assert.deepEqual(await stage.refusal("/schedules", { ...use, promptType: "inQueue" }), [400, "/promptId"]);
	assert.deepEqual(await stage.refusal(`/prompts/${promptId}`, { type: "inQueue" }, "PATCH"), [400, "/type"]);
	const objects = [`/prompts/${promptId}`, `/calendars/${calendarId}`];
	for (const path of objects) {
		const { problem } = await stage.call("DELETE", path);
		assert.equal(problem.code, "in_use", path);
		assert.match(
			problem.detail,
			/is used by the schedule of the contact centre on Week for welcome\. Change or delete/,
		);
	}
	await stage.grant(...everyRight.filter(({ objectType }) => objectType !== "schedule"));
	for (const path of objects) {
		assert.match((await stage.call("DELETE", path)).problem.detail, /is used by 1 that you may not view\./, path);
	}
	await stage.grant(...everyRight);
	await stage.call("DELETE", `/schedules/${schedule}`);
	for (const path of objects) {
		assert.equal((await stage.call("DELETE", path)).status, 204, path);
	}
});

test("a prompt says only values that are filled in", async (t) => {
	const stage = await stageOfQueues(t);
	const prompt = { name: "Place", type: "inQueue", texts: { en: "You are {position}", de: "Sie sind {place}" } };
	assert.deepEqual(await stage.refusal("/prompts", prompt), [400, "/texts/de"]);
	const agent = { ...prompt, texts: { en: "{agent} is glad to help." } };
	assert.deepEqual(await stage.refusal("/prompts", agent), [400, "/texts/en"], "nobody has the chat yet");
	const id = await stage.made("/prompts", { ...agent, type: "disconnection" });
	assert.deepEqual(await stage.refusal(`/prompts/${id}`, { type: "welcome" }, "PATCH"), [400, "/texts/en"]);
	assert.deepEqual(await stage.refusal("/prompts", { ...prompt, texts: {} }), [400, "/texts"]);
	assert.deepEqual(await stage.refusal("/prompts", { ...prompt, texts: { "not a language": "x" } }), [400, "/texts"]);
});

test("ad-hoc schedules of one queue do not overlap, and tell with which", async (t) => {
	const stage = await stageOfQueues(t);
	const queueId = await stage.made("/queues", { name: "Sales" });
	const first = { queueId, from: "2026-12-24T12:00:00.000Z", until: "2026-12-24T18:00:00.000Z" };
	await stage.made("/adHocSchedules", first);
	const over = { queueId, from: "2026-12-24T17:00:00.000Z", until: "2026-12-24T19:00:00.000Z" };
	const { status, problem } = await stage.call("POST", "/adHocSchedules", { body: over });
	assert.equal(status, 409);
	assert.match(problem.detail, /2026-12-24T12:00:00\.000Z to 2026-12-24T18:00:00\.000Z/);
	await stage.made("/adHocSchedules", { ...over, from: first.until });
	await stage.made("/adHocSchedules", { ...over, queueId: null });
	assert.deepEqual(await stage.refusal("/adHocSchedules", { ...first, until: first.from }), [400, "/until"]);
});

test("whether a queue is open is told with the reason", async (t) => {
	const stage = await stageOfQueues(t);
	const queueId = await stage.made("/queues", { name: "Sales", timeZone: "Europe/Helsinki" });
	const hours = [{ from: "09:00", until: "17:00", isOpen: true }];
	await stage.made("/schedules", { kind: "serviceTimes", queueId, hours });
	const openAt = async (at: string) => {
		const { body } = await stage.call<{ isOpen: boolean }>("GET", `/queues/${queueId}/service?at=${at}`);
		return body.isOpen;
	};
	assert.equal(await openAt("2026-11-26T07:00:00.000Z"), true);
	assert.equal(await openAt("2026-11-26T06:59:59.999Z"), false);
	assert.equal(await openAt("2026-11-26T15:00:00.000Z"), false);
});

test("a moment that there is not is refused", async (t) => {
	const stage = await stageOfQueues(t);
	const queueId = await stage.made("/queues", { name: "Sales" });
	const asked = await stage.call("GET", `/queues/${queueId}/service?at=2026-13-01T00:00:00Z`);
	assert.deepEqual([asked.status, asked.problem.errors?.[0]?.pointer], [400, "/at"]);
	const [good, bad] = ["2026-12-01T00:00:00Z", "2026-13-01T00:00:00Z"];
	assert.deepEqual(await stage.refusal("/adHocSchedules", { from: bad, until: good }), [400, "/from"]);
	assert.deepEqual(await stage.refusal("/adHocSchedules", { from: good, until: bad }), [400, "/until"]);
});

test("a calendar has days that there are, and a priority of its own", async (t) => {
	const stage = await stageOfQueues(t);
	await stage.made("/calendars", { name: "Week", priority: 5 });
	const days = { months: [], weekdays: [], yearlyDays: [], dates: [] };
	const refusal = (more: object) => stage.refusal("/calendars", { name: "Other", priority: 6, ...more });
	assert.deepEqual(await refusal({ include: { ...days, yearlyDays: ["02-29", "02-30"] } }), [
		400,
		"/include/yearlyDays/1",
	]);
	const noDay = { from: "2026-02-28", until: "2026-02-29" };
	assert.deepEqual(await refusal({ exclude: { ...days, dates: [noDay] } }), [400, "/exclude/dates/0/until"]);
	const backwards = { from: "2026-03-02", until: "2026-03-01" };
	assert.deepEqual(await refusal({ include: { ...days, dates: [backwards] } }), [400, "/include/dates/0/until"]);
	assert.deepEqual(await refusal({ name: "week" }), [409, "/name"]);
	const { status, problem } = await stage.call("POST", "/calendars", { body: { name: "Other", priority: 5 } });
	assert.deepEqual([status, problem.errors?.[0]?.pointer], [409, "/priority"]);
	assert.match(problem.detail, /calendar Week has this priority/);
	await stage.made("/calendars", { name: "Other", priority: 6, include: { ...days, yearlyDays: ["02-29"] } });
});

test("the calendar Default is neither changed nor deleted, nor is there another of its name or priority", async (t) => {
	const stage = await stageOfQueues(t);
	const one = `/calendars/${"0".repeat(32)}`;
	for (const [method, body] of [
		["PATCH", { priority: 9 }],
		["PUT", { name: "Mine", priority: 9 }],
		["DELETE", undefined],
	] as const) {
		const { status, problem } = await stage.call(method, one, { body });
		assert.equal(status, 404, method);
		assert.match(problem.detail, /Default is built in/, method);
	}
	assert.deepEqual(await stage.refusal("/calendars", { name: "default", priority: 9 }), [409, "/name"]);
	assert.deepEqual(await stage.refusal("/calendars", { name: "Mine", priority: 0 }), [400, "/priority"]);
});

test("a queue goes with its schedules, and each of them is in the audit log", async (t) => {
	const stage = await stageOfQueues(t);
	const queueId = await stage.made("/queues", { name: "Sales" });
	const schedule = await stage.made("/schedules", { kind: "serviceTimes", queueId });
	const moments = { from: "2026-12-24T12:00:00.000Z", until: "2026-12-24T18:00:00.000Z" };
	const adHoc = await stage.made("/adHocSchedules", { queueId, ...moments });
	const kept = await stage.made("/schedules", { kind: "serviceTimes" });
	assert.equal((await stage.call("DELETE", `/queues/${queueId}`)).status, 204);
	const left = await stage.call<{ id: string }[]>("GET", "/schedules");
	assert.deepEqual(
		left.body.map(({ id }) => id),
		[kept],
	);
	assert.deepEqual((await stage.call("GET", "/adHocSchedules")).body, []);
	const rows = await stage.storage.db
		.selectFrom("audit_log")
		.select("object_id")
		.where("action", "=", "delete")
		.orderBy("seq")
		.execute();
	assert.deepEqual(
		rows.map(({ object_id }) => object_id),
		[schedule, adHoc, queueId],
	);
});

test("a queue that reply templates are for is kept, and some of them are named", async (t) => {
	const stage = await stageOfQueues(t);
	const [sales, other] = [
		await stage.made("/queues", { name: "Sales" }),
		await stage.made("/queues", { name: "Other" }),
	];
	const made = [];
	for (const name of ["A", "B", "C", "D", "E", "F", "G"]) {
		made.push(await stage.made("/replyTemplates", { name, text: "Hello", queueIds: [sales, other] }));
	}
	await stage.made("/replyTemplates", { name: "Another", text: "Hello", queueIds: [other] });
	const { problem } = await stage.call("DELETE", `/queues/${sales}`);
	assert.equal(problem.code, "in_use");
	assert.match(problem.detail, /used by the reply template A, .*, the reply template E, 2 more\. Change or delete/);
	for (const id of made) {
		assert.equal((await stage.call("PATCH", `/replyTemplates/${id}`, { body: { queueIds: [other] } })).status, 200);
	}
	assert.equal((await stage.call("DELETE", `/queues/${sales}`)).status, 204);
});

test("a reply template is for queues that exist, and what a provider gets of it is bounded", async (t) => {
	const stage = await stageOfQueues(t);
	const template = { name: "Order", text: "Your order {name}" };
	const nowhere = "f".repeat(32).toUpperCase();
	assert.deepEqual(await stage.refusal("/replyTemplates", { ...template, queueIds: [nowhere] }), [400, "/queueIds/0"]);
	const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`p${index}`, "x"]));
	const [status] = await stage.refusal("/replyTemplates", { ...template, template: { id: "order", parameters: many } });
	assert.equal(status, 400);
	const approved = { id: "order_update", language: "en", parameters: { name: "Ann" } };
	const { body } = await stage.call<{ template: unknown; queueIds: unknown }>("POST", "/replyTemplates", {
		body: { ...template, template: approved },
	});
	assert.deepEqual([body.template, body.queueIds], [approved, []]);
});

test("chat settings begin with defaults, are replaced as a whole, and an old version changes nothing", async (t) => {
	const stage = await stageOfQueues(t);
	const path = "/chatSettings";
	const first = await stage.call<Record<string, unknown>>("GET", path);
	assert.deepEqual(
		[first.body["chatsPerAgent"], first.body["agentLostSeconds"], first.body["attachmentBytesMax"]],
		[3, 60, 10_485_760],
	);
	const seen = { "if-match": String(first.headers["etag"]) };
	const widgetIdentitySecret = "a secret of forty characters, that is long";
	const patch = { chatsPerAgent: 5, statisticsSeconds: 9, widgetIdentitySecret };
	assert.equal((await stage.call("PATCH", path, { body: patch, headers: seen })).status, 200);
	assert.equal((await stage.call("PUT", path, { body: { chatsPerAgent: 6 }, headers: seen })).status, 412);
	assert.equal((await stage.call("PUT", path, { body: { chatsPerAgent: 6 } })).status, 204);
	const { body } = await stage.call<Record<string, unknown>>("GET", path);
	assert.deepEqual(body, { ...first.body, chatsPerAgent: 6, widgetIdentitySecretSet: true });
	for (const name of ["widgetOrigins", "agentOrigins"]) {
		for (const wrong of ["https://shop.example/page", "shop.example", "*", "https://a.example; script-src *"]) {
			const refused = await stage.refusal(path, { [name]: ["https://shop.example", wrong] }, "PUT");
			assert.deepEqual(refused, [400, `/${name}/1`], wrong);
		}
	}
});

test("the secret of visitors' identities is set and never read, and none is required without it", async (t) => {
	const stage = await stageOfQueues(t);
	const path = "/chatSettings";
	const required = { widgetIdentityRequired: true };
	assert.deepEqual(await stage.refusal(path, required, "PATCH"), [400, "/widgetIdentityRequired"]);
	const secret = "a secret of forty characters, that is long";
	const set = await stage.call<{ widgetIdentitySecretSet: boolean }>("PATCH", path, {
		body: { ...required, widgetIdentitySecret: secret },
	});
	assert.equal(set.status, 200, set.text);
	assert.equal(set.body.widgetIdentitySecretSet, true);
	assert.doesNotMatch(set.text, /a secret of forty/);
	assert.doesNotMatch((await stage.call("GET", path)).text, /a secret of forty/);
	const audit = JSON.stringify(await stage.storage.db.selectFrom("audit_log").selectAll().execute());
	assert.doesNotMatch(audit, /a secret of forty/);
	assert.deepEqual(await stage.refusal(path, { widgetIdentitySecret: null }, "PATCH"), [
		400,
		"/widgetIdentityRequired",
	]);
});

/** Undefined: there is no PostgreSQL here, and the test says so. */
async function stageOnPostgres(t: test.TestContext) {
	const server = await testServer();
	if (!server.ok) {
		t.skip(server.reason);
		return undefined;
	}
	const storage = await openStorage(await server.freshDatabase(), () => undefined);
	t.after(() => storage.close());
	return openRciStage(t, routes, storage);
}

test("a queue is not deleted while chats are given their places (postgres)", async (t) => {
	const stage = await stageOnPostgres(t);
	if (stage === undefined) {
		return;
	}
	const { body } = await stage.call<{ id: string }>("POST", "/queues", { body: { name: "Sales" } });
	let isDeleted = false;
	const deletion = await stage.storage.alone("chats", async () => {
		const answer = stage.call("DELETE", `/queues/${body.id}`).finally(() => (isDeleted = true));
		const isWaiting = async () =>
			(
				await sql`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`.execute(
					stage.storage.db,
				)
			).rows.length > 0;
		while (!isDeleted && !(await isWaiting())) {
			await new Promise((resolve) => setImmediate(resolve));
		}
		assert.equal(isDeleted, false);
		return { answer };
	});
	assert.equal((await deletion.answer).status, 204);
});

test("of two who close a circle at once, one is refused (postgres)", async (t) => {
	const stage = await stageOnPostgres(t);
	if (stage === undefined) {
		return;
	}
	const made = async (name: string) =>
		(await stage.call<{ id: string }>("POST", "/queues", { body: { name, overflowQueueId: null } })).body.id;
	for (let n = 0; n < 10; n += 1) {
		const [one, other] = [await made(`One ${n}`), await made(`Other ${n}`)];
		const point = (from: string, to: string): Promise<{ status: number }> =>
			stage.call("PATCH", `/queues/${from}`, { body: { overflowQueueId: to, overflowAfterSeconds: 60 } });
		const answers = await Promise.all([point(one, other), point(other, one)]);
		assert.deepEqual(
			answers.map(({ status }) => status).toSorted((a, b) => a - b),
			[200, 400],
		);
	}
});
