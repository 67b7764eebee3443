import assert from "node:assert/strict";
import { test } from "node:test";
import { type Calendar, type ChatConfiguration, defaultCalendar, type Schedule } from "./chat-configuration.ts";
import { promptText } from "./prompts.ts";
import { serviceAt } from "./service-times.ts";

const none = defaultCalendar.include;
const queue = { id: "Q", timeZone: "Europe/Helsinki", language: "fi" };
const calendar = (id: string, priority: number, include: Partial<Calendar["include"]>, exclude = {}): Calendar => ({
	id,
	name: id,
	priority,
	include: { ...none, ...include },
	exclude: { ...none, ...exclude },
});
const open = (queueId: string | null, calendarId: string, from: string, until: string): Schedule => ({
	id: `${queueId} ${calendarId}`,
	queueId,
	calendarId,
	kind: "serviceTimes",
	isOpenElse: false,
	hours: [{ from, until, isOpen: true }],
});
const configuration = (more: Partial<ChatConfiguration>) => ({
	prompts: [],
	calendars: [],
	schedules: [],
	adHocSchedules: [],
	...more,
});
const isOpen = (more: Partial<ChatConfiguration>, at: string) =>
	serviceAt(configuration(more), queue, new Date(at)).isOpen;

test("without a schedule it is always open; with one, in its hours of the queue's own time, the end excluded", () => {
	assert.equal(isOpen({}, "2026-01-01T00:00:00Z"), true);
	const schedules = [open("Q", defaultCalendar.id, "08:00", "16:00")];
	assert.equal(isOpen({ schedules }, "2026-01-15T05:59:59Z"), false);
	assert.equal(isOpen({ schedules }, "2026-01-15T06:00:00Z"), true, "08:00 in Helsinki in winter");
	assert.equal(isOpen({ schedules }, "2026-07-15T05:00:00Z"), true, "and in summer an hour earlier");
	assert.equal(isOpen({ schedules }, "2026-01-15T14:00:00Z"), false);
	assert.equal(isOpen({ schedules: [open("Q", defaultCalendar.id, "20:00", "24:00")] }, "2026-01-15T21:59:00Z"), true);
});

test("the calendar with the highest priority whose day it is wins", () => {
	const calendars = [
		calendar("week", 1, { weekdays: [1, 2, 3, 4, 5] }),
		calendar("holy", 9, { yearlyDays: ["12-24"] }),
	];
	const schedules: Schedule[] = [
		open("Q", "week", "08:00", "16:00"),
		{ id: "h", queueId: "Q", calendarId: "holy", kind: "serviceTimes", isOpenElse: false, hours: [] },
	];
	assert.equal(isOpen({ calendars, schedules }, "2026-12-23T10:00:00Z"), true);
	assert.equal(isOpen({ calendars, schedules }, "2026-12-24T10:00:00Z"), false);
	assert.equal(isOpen({ calendars, schedules }, "2026-12-26T10:00:00Z"), true, "on a Saturday no schedule counts");
});

test("days of a range belong to it, excluded ones do not", () => {
	const calendars = [
		calendar("summer", 1, { dates: [{ from: "2026-06-01", until: "2026-08-31" }] }, { weekdays: [7] }),
	];
	const schedules = [open("Q", "summer", "10:00", "12:00"), open("Q", defaultCalendar.id, "08:00", "09:00")];
	assert.equal(isOpen({ calendars, schedules }, "2026-08-31T08:00:00Z"), true);
	assert.equal(isOpen({ calendars, schedules }, "2026-09-01T08:00:00Z"), false);
	assert.equal(
		isOpen({ calendars, schedules }, "2026-07-05T08:00:00Z"),
		false,
		"a Sunday goes by the default calendar",
	);
});

test("the queue's own schedule counts before the contact centre's, ad-hoc ones before all", () => {
	const schedules = [open(null, defaultCalendar.id, "08:00", "16:00")];
	assert.equal(isOpen({ schedules }, "2026-01-15T10:00:00Z"), true);
	const own = [...schedules, open("Q", defaultCalendar.id, "00:00", "01:00")];
	assert.equal(isOpen({ schedules: own }, "2026-01-15T10:00:00Z"), false);
	const from = Date.parse("2026-01-15T09:00:00Z");
	const adHocSchedules = [{ id: "x", queueId: null, from, until: from + 3_600_000, isOpen: true }];
	assert.equal(isOpen({ schedules: own, adHocSchedules }, "2026-01-15T09:59:59Z"), true);
	assert.equal(isOpen({ schedules: own, adHocSchedules }, "2026-01-15T10:00:00Z"), false);
});

test("a prompt is said where a schedule names it, in the contact's language, with what is known filled in", () => {
	const texts = { en: "You are number {position} in {queue}. {unknown}", fi: "Olet numero {position}." };
	const prompts = [{ id: "P", name: "P", type: "inQueue" as const, texts }];
	const schedules: Schedule[] = [
		{
			id: "s",
			queueId: null,
			calendarId: defaultCalendar.id,
			kind: "chatPrompts",
			promptType: "inQueue",
			promptId: "P",
		},
	];
	const asked = { queue, type: "inQueue" as const, at: new Date("2026-01-15T10:00:00Z") };
	const say = (language: string | null) =>
		promptText(configuration({ prompts, schedules }), { ...asked, language }, { position: "2", queue: "Shop" });
	assert.equal(say("en-GB"), "You are number 2 in Shop. {unknown}");
	assert.equal(say(null), "Olet numero 2.");
	assert.equal(say("sv"), "Olet numero 2.", "the queue's language, where there is none of the contact's");
	assert.equal(promptText(configuration({ prompts }), { ...asked, language: "en" }, {}), undefined);
});
