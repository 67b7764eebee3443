import assert from "node:assert/strict";
import test from "node:test";
import { openRciStage } from "#test/rci-stage.ts";
import { adHocScheduleRoutes } from "./ad-hoc-schedules.ts";
import { calendarRoutes } from "./calendars.ts";
import { chatSettingsRoutes } from "./chat-settings.ts";
import { promptRoutes } from "./prompts.ts";
import { queueRoutes } from "./queues.ts";
import { scheduleRoutes } from "./schedules.ts";

const routes = [
	...queueRoutes,
	...promptRoutes,
	...calendarRoutes,
	...scheduleRoutes,
	...adHocScheduleRoutes,
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

test("a schedule is one per kind, queue and calendar, and names what exists", async (t) => {
	const stage = await stageOfQueues(t);
	const queueId = await stage.made("/queues", { name: "Sales" });
	const hours = [{ from: "09:00", until: "17:00", isOpen: true }];
	await stage.made("/schedules", { kind: "serviceTimes", queueId, hours });
	assert.deepEqual(await stage.refusal("/schedules", { kind: "serviceTimes", queueId, hours }), [409, "/calendarId"]);
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
	for (const path of [`/prompts/${promptId}`, `/calendars/${calendarId}`]) {
		assert.equal((await stage.call("DELETE", path)).status, 409, path);
	}
	await stage.call("DELETE", `/schedules/${schedule}`);
	for (const path of [`/prompts/${promptId}`, `/calendars/${calendarId}`]) {
		assert.equal((await stage.call("DELETE", path)).status, 204, path);
	}
});

test("a prompt says only values that are filled in", async (t) => {
	const stage = await stageOfQueues(t);
	const prompt = { name: "Place", type: "inQueue", texts: { en: "You are {position}", de: "Sie sind {place}" } };
	assert.deepEqual(await stage.refusal("/prompts", prompt), [400, "/texts/de"]);
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

test("a queue goes with its schedules", async (t) => {
	const stage = await stageOfQueues(t);
	const queueId = await stage.made("/queues", { name: "Sales" });
	await stage.made("/schedules", { kind: "serviceTimes", queueId });
	assert.equal((await stage.call("DELETE", `/queues/${queueId}`)).status, 204);
	assert.deepEqual((await stage.call("GET", "/schedules")).body, []);
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
