import assert from "node:assert/strict";
import test from "node:test";
import { silentLog } from "#platform/log.ts";
import { matchBatch } from "#matcher/start.ts";
import { recordArrivals } from "#storage/arrivals.ts";
import { closeConversation } from "#storage/conversations.ts";
import { type CmiStage, openCmi } from "#test/cmi-stage.ts";
import { arrivalOf, messageEvent } from "#test/scene.ts";

const contact = "+4915112345";
const dayMs = 86_400_000;
type Problems = { code: string; detail: string };
type Window = { replyWindow: { endsAt: string | null } | null };

/** The stage's service is of a type whose channel `whatsapp` has a window. */
async function stageOf(t: Parameters<typeof openCmi>[0], settings: object = {}): Promise<CmiStage> {
	const stage = await openCmi(t);
	const changed = { type: "windowed", settings: JSON.stringify(settings) };
	await stage.storage.db.updateTable("messaging_services").set(changed).execute();
	return stage;
}

async function contactWrites(stage: CmiStage): Promise<void> {
	const event = messageEvent(stage.ids.next(), { channel: "whatsapp" });
	await stage.storage.write((tx) => recordArrivals(tx, [arrivalOf(stage, [event])]));
	await matchBatch({ ...stage, ...stage.deps, log: silentLog, settings: { leaseMs: 20_000 } });
}

async function send(stage: CmiStage, body: object = {}) {
	const whole = { service: stage.serviceId, to: contact, channel: "whatsapp", text: "hello", ...body };
	const answer = await stage.call("agent", { method: "POST", api: "/messages", body: whole });
	return { ...answer, problem: answer.body as Problems, message: answer.body as { conversation: string } };
}

async function windows(stage: CmiStage) {
	const list = (await stage.call("historian", { api: "/conversations" })).body as (Window & { id: string })[];
	for (const { id, replyWindow } of list) {
		const one = (await stage.call("historian", { api: `/conversations/${id}` })).body as Window;
		assert.deepEqual(one.replyWindow, replyWindow);
	}
	return list.map(({ replyWindow }) => replyWindow);
}

test("a free text to somebody who never wrote is refused at once, with the next step; a template goes", async (t) => {
	const stage = await stageOf(t);
	const { status, problem } = await send(stage);
	assert.deepEqual([status, problem.code], [422, "outside_window"]);
	assert.match(problem.detail, /Send a template/);
	assert.deepEqual(await stage.storage.db.selectFrom("contacts").select("id").execute(), [], "nothing is left behind");
	const template = await send(stage, { text: undefined, template: { id: "t" } });
	assert.equal(template.status, 202);
	assert.deepEqual(await windows(stage), [{ endsAt: null }]);
	assert.equal((await send(stage)).problem.code, "outside_window", "our own message opens nothing");
	assert.equal((await send(stage, { channel: "sms" })).status, 202, "a channel without a window");
});

test("the window is open for 24 hours, and the clock says so", async (t) => {
	const stage = await stageOf(t);
	await contactWrites(stage);
	assert.deepEqual(await windows(stage), [{ endsAt: "2026-01-03T12:00:00.000Z" }]);
	stage.clock.advance(dayMs - 1);
	assert.equal((await send(stage)).status, 202);
	stage.clock.advance(1);
	assert.match((await send(stage)).problem.detail, /more than 24 hours ago/);
});

test("it does not end with the conversation: not with a new one, nor with one that is opened again", async (t) => {
	const stage = await stageOf(t);
	await contactWrites(stage);
	const first = (await send(stage)).message.conversation;
	const close = (id: string) => stage.storage.write((tx) => closeConversation(tx, id, stage.clock.now()));
	await close(first);
	stage.clock.advance(2 * dayMs);
	await contactWrites(stage);
	const second = (await send(stage)).message.conversation;
	assert.notEqual(second, first);
	await close(second);
	stage.clock.advance(1000);
	const third = (await send(stage)).message.conversation;
	assert.notEqual(third, second);
	await close(third);
	const again = await send(stage, { conversation: first });
	assert.deepEqual([again.status, again.message.conversation], [202, first]);
	const endsAt = "2026-01-05T12:00:00.000Z";
	const shown = await windows(stage);
	assert.deepEqual(shown, [{ endsAt }, { endsAt }, { endsAt }]);
});

test("a message that is received and not matched yet opens the window, for who accepts and for who sends", async (t) => {
	const stage = await stageOf(t);
	const template = { text: undefined, template: { id: "t" } };
	const isOpenAt = async () => {
		const rows = await stage.storage.db.selectFrom("conversations").select("contact_last_wrote_at").execute();
		return rows.map(({ contact_last_wrote_at: at }) => at);
	};
	await send(stage, template);
	assert.deepEqual(await isOpenAt(), [null]);
	const event = messageEvent("waiting", { channel: "whatsapp" });
	await stage.storage.write((tx) => recordArrivals(tx, [arrivalOf(stage, [event])]));
	assert.equal((await send(stage)).status, 202);
	assert.deepEqual(await isOpenAt(), [stage.clock.now().getTime()]);
	assert.equal((await send(stage, { to: "+4915199999" })).problem.code, "outside_window", "somebody else");
	stage.clock.advance(dayMs);
	assert.equal((await send(stage)).problem.code, "outside_window");
});

test("a service whose window another system watches has none here", async (t) => {
	const stage = await stageOf(t, { keepReplyWindow: false });
	assert.equal((await send(stage)).status, 202);
	assert.deepEqual(await windows(stage), [null]);
});

test("a type without templates, or not on that channel, refuses one by its rule", async (t) => {
	const stage = await stageOf(t);
	const refused = await send(stage, { text: undefined, channel: "sms", template: { id: "t" } });
	assert.deepEqual([refused.status, refused.problem.code], [422, "no_templates"]);
	assert.match(refused.problem.detail, /windowed have no templates on the channel sms/);
	await stage.storage.db.updateTable("messaging_services").set({ type: "plain" }).execute();
	const none = await send(stage, { text: undefined, template: { id: "t" } });
	assert.match(none.problem.detail, /plain have no templates; send a text/);
});

test("a template's shape is checked once for all types", async (t) => {
	const stage = await stageOf(t);
	for (const template of [
		{ id: "" },
		{ id: "t", language: "not a language" },
		{ id: "t", language: "e" },
		{ id: "t", parameters: { a: 1 } },
		{ id: "t", parameters: { a: "x".repeat(1025) } },
		{ id: "t", parameters: { ["x".repeat(101)]: "a" } },
		{ id: "t", parameters: { a: "b\u0000" } },
		{ id: "t", parameters: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`p${index}`, "x"])) },
		{ id: "wrong" },
	]) {
		const { status, problem } = await send(stage, { text: undefined, template });
		assert.deepEqual([status, problem.code], [400, "invalid_body"], JSON.stringify(template).slice(0, 60));
	}
	for (const language of ["en", "en_US", "pt-BR", "zh_Hant_TW", "fil"]) {
		assert.equal((await send(stage, { text: undefined, template: { id: "t", language } })).status, 202, language);
	}
});
