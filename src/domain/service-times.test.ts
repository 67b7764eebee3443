import assert from "node:assert/strict";
import { test } from "node:test";
import { type Calendar, type ChatConfiguration, defaultCalendar, type Schedule } from "./chat-configuration.ts";
import { isDate } from "./local-time.ts";
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

test("an hour that the clock leaps over never comes, one that it repeats is open twice", () => {
	const schedules = [open("Q", defaultCalendar.id, "03:00", "04:00")];
	assert.equal(isOpen({ schedules }, "2026-03-29T00:59:59Z"), false, "02:59, then the clock leaps to 04:00");
	assert.equal(isOpen({ schedules }, "2026-03-29T01:00:00Z"), false);
	assert.equal(isOpen({ schedules }, "2026-10-25T00:30:00Z"), true, "03:30 in summer time");
	assert.equal(isOpen({ schedules }, "2026-10-25T01:30:00Z"), true, "03:30 once more, in winter time");
	assert.equal(isOpen({ schedules }, "2026-10-25T02:00:00Z"), false);
});

test("a day begins at midnight of the queue's own time, for calendars too", () => {
	const calendars = [calendar("holy", 9, { dates: [{ from: "2026-12-24", until: "2026-12-24" }] })];
	const schedules = [open("Q", "holy", "00:00", "24:00"), open("Q", defaultCalendar.id, "12:00", "12:01")];
	assert.equal(isOpen({ calendars, schedules }, "2026-12-23T21:59:59Z"), false);
	assert.equal(isOpen({ calendars, schedules }, "2026-12-23T22:00:00Z"), true);
	assert.equal(isOpen({ calendars, schedules }, "2026-12-24T21:59:59Z"), true);
	assert.equal(isOpen({ calendars, schedules }, "2026-12-24T22:00:00Z"), false);
});

test("hours may close within what is else open, and a queue's own ad-hoc schedule counts before the contact centre's", () => {
	const lunch: Schedule = {
		id: "l",
		queueId: null,
		calendarId: defaultCalendar.id,
		kind: "serviceTimes",
		isOpenElse: true,
		hours: [{ from: "12:00", until: "13:00", isOpen: false }],
	};
	assert.equal(isOpen({ schedules: [lunch] }, "2026-01-15T09:59:00Z"), true);
	assert.equal(isOpen({ schedules: [lunch] }, "2026-01-15T10:00:00Z"), false);
	const [from, until] = [Date.parse("2026-01-15T09:00:00Z"), Date.parse("2026-01-15T11:00:00Z")];
	const adHocSchedules = [
		{ id: "c", queueId: null, from, until, isOpen: false },
		{ id: "q", queueId: "Q", from, until, isOpen: true },
		{ id: "o", queueId: "Other", from, until, isOpen: false },
	];
	assert.equal(isOpen({ schedules: [lunch], adHocSchedules }, "2026-01-15T10:30:00Z"), true);
	assert.equal(isOpen({ adHocSchedules: adHocSchedules.slice(0, 1) }, "2026-01-15T10:30:00Z"), false);
	assert.equal(isOpen({ adHocSchedules: adHocSchedules.slice(2) }, "2026-01-15T10:30:00Z"), true, "another queue's");
});

test("the reason names the schedule, or says that none counts on that day", () => {
	const because = (more: Partial<ChatConfiguration>, at: string) =>
		serviceAt(configuration(more), queue, new Date(at)).because;
	const calendars = [calendar("week", 1, { weekdays: [1, 2, 3, 4, 5] })];
	const schedules = [open("Q", "week", "08:00", "16:00")];
	assert.match(
		because({ calendars, schedules }, "2026-12-23T10:00:00Z"),
		/its schedule of the calendar week, 08:00 to 16:00/,
	);
	assert.match(
		because({ calendars, schedules }, "2026-12-26T10:00:00Z"),
		/^None of its schedules .* 2026-12-26 in Europe\/Helsinki/,
	);
	const others = [open("Other", "week", "08:00", "16:00")];
	assert.match(because({ calendars, schedules: others }, "2026-12-26T10:00:00Z"), /^No schedule/);
});

test("days that no year has are no dates", () => {
	assert.deepEqual(["2026-02-28", "2028-02-29", "2026-12-31"].map(isDate), [true, true, true]);
	assert.deepEqual(["2026-02-29", "2026-04-31", "2026-13-01", "2026-1-1", ""].map(isDate), [
		false,
		false,
		false,
		false,
		false,
	]);
});
