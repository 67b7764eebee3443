import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultCalendar, type Prompt, type Schedule } from "./chat-configuration.ts";
import { fillable, promptText, unfillable } from "./prompts.ts";
import { type PromptType, promptTypes } from "./queues.ts";

const queue = { id: "Q", timeZone: "Europe/Helsinki", language: "fi" };
const at = new Date("2026-01-15T10:00:00Z");

function prompt(id: string, type: PromptType, texts: Prompt["texts"] = { en: id }): Prompt {
	return { id, name: id, type, texts };
}

function says(
	{ id, type }: Prompt,
	{ queueId = null as string | null, calendarId = defaultCalendar.id } = {},
): Schedule {
	return { id: `${id} ${queueId}`, queueId, calendarId, kind: "chatPrompts", promptType: type, promptId: id };
}

test("a prompt is said where a schedule names it, in the contact's language, with what is known filled in", () => {
	const texts = { en: "You are number {position} in {queue}. {unknown}", fi: "Olet numero {position}." };
	const prompts = [prompt("P", "inQueue", texts)];
	const schedules = prompts.map((one) => says(one));
	const asked = { queue, type: "inQueue" as const, at };
	const say = (language: string | null) =>
		promptText({ prompts, calendars: [], schedules }, { ...asked, language }, { position: "2", queue: "Shop" });
	assert.equal(say("en-GB"), "You are number 2 in Shop. ", "without what is not known");
	assert.equal(say(null), "Olet numero 2.");
	assert.equal(say("sv"), "Olet numero 2.", "the queue's language, where there is none of the contact's");
	assert.equal(promptText({ prompts, calendars: [], schedules: [] }, { ...asked, language: "en" }, {}), undefined);
});

test("of texts in one language the nearest is said, whatever the case of its tag; without any, the first", () => {
	const inLanguage = (texts: Prompt["texts"], language: string | null) => {
		const prompts = [prompt("P", "welcome", texts)];
		const asked = { queue, type: "welcome" as const, at, language };
		return promptText({ prompts, calendars: [], schedules: prompts.map((one) => says(one)) }, asked, {});
	};
	const texts = { "en-US": "color", en: "hue", "en-GB": "colour" };
	assert.equal(inLanguage(texts, "en-gb"), "colour");
	assert.equal(inLanguage(texts, "en-AU"), "hue");
	assert.equal(inLanguage({ sv: "färg", "en-US": "color" }, "en-AU"), "color");
	assert.equal(inLanguage({ sv: "färg", de: "Farbe" }, "en"), "färg");
});

test("each of the eight prompts is said by its own schedule only", () => {
	const prompts = promptTypes.map((type) => prompt(type, type));
	for (const type of promptTypes) {
		const schedules = prompts.filter((one) => one.type === type).map((one) => says(one));
		const said = promptTypes.map((asked) =>
			promptText({ prompts, calendars: [], schedules }, { queue, type: asked, at, language: null }, {}),
		);
		assert.deepEqual(
			said,
			promptTypes.map((asked) => (asked === type ? type : undefined)),
		);
	}
});

test("what a text may have in braces depends on its type", () => {
	const found = ["Bye, {agent} of {queue}.", "{position}, {Agent}", "{agents}"].map((text) =>
		unfillable("disconnection", text),
	);
	assert.deepEqual(found, [undefined, "{position}", "{agents}"]);
	assert.equal(unfillable("welcome", "Hello, this is {agent}"), "{agent}");
	assert.equal(fillable("idleWarning"), "{minutes}, {queue}, {agent}");
});

test("the queue's own prompt comes before the contact centre's, and the calendar's whose day it is before Default", () => {
	const [all, own, holiday] = [prompt("all", "welcome"), prompt("own", "welcome"), prompt("holiday", "welcome")];
	const days = { ...defaultCalendar.include, yearlyDays: ["12-24"] };
	const calendars = [{ ...defaultCalendar, id: "C", name: "Holidays", priority: 5, include: days }];
	const schedules = [says(all), says(own, { queueId: "Q" }), says(holiday, { queueId: "Q", calendarId: "C" })];
	const say = (id: string, day: string) => {
		const asked = { queue: { ...queue, id }, type: "welcome" as const, at: new Date(day), language: null };
		return promptText({ prompts: [all, own, holiday], calendars, schedules }, asked, {});
	};
	assert.equal(say("Q", "2026-12-23T12:00:00Z"), "own");
	assert.equal(say("Q", "2026-12-24T12:00:00Z"), "holiday");
	assert.equal(say("Another", "2026-12-24T12:00:00Z"), "all");
});
