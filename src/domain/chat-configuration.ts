// What administrators set for chats, as one value: queues, prompts, and when which of them applies.

import type { ChatSettings, PromptType, Queue } from "./queues.ts";

export type Prompt = {
	id: string;
	name: string;
	type: PromptType;
	/** By language, BCP 47. What may stand in braces is in `prompts.ts`. */
	texts: Readonly<Record<string, string>>;
};

export type DateRange = { from: string; until: string };

/** Days of one kind; an empty list says nothing about its kind. */
export type Days = {
	/** 1 to 12. */
	months: readonly number[];
	/** 1 (Monday) to 7, as ISO 8601 has them. */
	weekdays: readonly number[];
	/** `MM-DD`. */
	yearlyDays: readonly string[];
	/** `YYYY-MM-DD`, both ends included. */
	dates: readonly DateRange[];
};

/** A day belongs to it when it fits every list of `include` that is not empty, and no entry of `exclude`. */
export type Calendar = {
	id: string;
	name: string;
	/** Unique; the highest whose day it is wins. */
	priority: number;
	include: Days;
	exclude: Days;
};

/** `HH:MM` of the queue's own time; `until` may be `24:00`. */
export type ServiceHours = { from: string; until: string; isOpen: boolean };

export type Schedule = {
	id: string;
	/** Null: of the contact centre, for every queue that has none of its own. */
	queueId: string | null;
	calendarId: string;
} & (
	| { kind: "serviceTimes"; isOpenElse: boolean; hours: readonly ServiceHours[] }
	| { kind: "chatPrompts"; promptType: PromptType; promptId: string }
);

/** Counts before every schedule, from one moment to another. */
export type AdHocSchedule = { id: string; queueId: string | null; from: number; until: number; isOpen: boolean };

export type ChatConfiguration = {
	queues: readonly Queue[];
	prompts: readonly Prompt[];
	calendars: readonly Calendar[];
	schedules: readonly Schedule[];
	adHocSchedules: readonly AdHocSchedule[];
	settings: ChatSettings;
};

/** The calendar that every installation has: every day, before no other. It is neither changed nor deleted. */
export const defaultCalendar: Calendar = {
	id: "00000000000000000000000000000000",
	name: "Default",
	priority: 0,
	include: { months: [], weekdays: [], yearlyDays: [], dates: [] },
	exclude: { months: [], weekdays: [], yearlyDays: [], dates: [] },
};
