// Whether a queue takes chats at a moment, and why: ad-hoc schedules first, then the queue's own schedules, then those of
// the contact centre; of several, the one whose calendar has the highest priority. Where none counts it is open.

import {
	type Calendar,
	type ChatConfiguration,
	type Days,
	defaultCalendar,
	type Schedule,
	type ServiceHours,
} from "./chat-configuration.ts";
import { localTime, type LocalTime } from "./local-time.ts";
import type { Queue } from "./queues.ts";

export type ServiceState = { isOpen: boolean; because: string };

type Times = Pick<ChatConfiguration, "calendars" | "schedules" | "adHocSchedules">;

export function serviceAt(times: Times, queue: Pick<Queue, "id" | "timeZone">, at: Date): ServiceState {
	const now = at.getTime();
	const adHoc = [queue.id, null].flatMap((queueId) =>
		times.adHocSchedules.filter((one) => one.queueId === queueId && one.from <= now && now < one.until),
	)[0];
	if (adHoc !== undefined) {
		return {
			isOpen: adHoc.isOpen,
			because: `An ad-hoc schedule says so until ${new Date(adHoc.until).toISOString()}.`,
		};
	}
	const local = localTime(at, queue.timeZone);
	const isServiceTimes = (one: Schedule): one is ServiceTimes => one.kind === "serviceTimes";
	const found = applying(times, { queueId: queue.id, local, isFitting: isServiceTimes });
	if (found === undefined) {
		return { isOpen: true, because: whyNoneCounts(times, queue, local) };
	}
	const { schedule, calendar } = found;
	const hours = schedule.hours.find((one) => isWithin(local.time, one));
	const whose = schedule.queueId === null ? "the contact centre's schedule" : "its schedule";
	const when = hours === undefined ? "the rest of the day" : `${hours.from} to ${hours.until}`;
	return {
		isOpen: hours?.isOpen ?? schedule.isOpenElse,
		because: `By ${whose} of the calendar ${calendar.name}, ${when} (${local.time} in ${queue.timeZone}).`,
	};
}

function whyNoneCounts({ schedules }: Times, queue: Pick<Queue, "id" | "timeZone">, { date }: LocalTime): string {
	const isOfIt = ({ kind, queueId }: Schedule) => kind === "serviceTimes" && (queueId === queue.id || queueId === null);
	return schedules.some(isOfIt)
		? `None of its schedules of service times counts on ${date} in ${queue.timeZone}, so it is open all day.`
		: "No schedule of service times is there for it, so it is always open.";
}

type ServiceTimes = Extract<Schedule, { kind: "serviceTimes" }>;

/**
 * The schedule that counts on that day: the queue's own before the contact centre's, and of each the one whose calendar
 * has the highest priority.
 */
export function applying<S extends Schedule>(
	{ calendars, schedules }: Pick<Times, "calendars" | "schedules">,
	asked: { queueId: string; local: LocalTime; isFitting(schedule: Schedule): schedule is S },
): { schedule: S; calendar: Calendar } | undefined {
	const known = new Map([defaultCalendar, ...calendars].map((calendar) => [calendar.id, calendar]));
	for (const queueId of [asked.queueId, null]) {
		const candidates = schedules.filter(asked.isFitting).flatMap((schedule) => {
			const calendar = known.get(schedule.calendarId);
			const isToday = schedule.queueId === queueId && calendar !== undefined && isDayOf(calendar, asked.local);
			return isToday ? [{ schedule, calendar }] : [];
		});
		const [best] = candidates.toSorted((a, b) => b.calendar.priority - a.calendar.priority);
		if (best !== undefined) {
			return best;
		}
	}
	return undefined;
}

export function isDayOf({ include, exclude }: Calendar, local: LocalTime): boolean {
	const checks = checksOf(local);
	const isIn = checks.every(({ list, fits }) => list(include).length === 0 || fits(include));
	return isIn && !checks.some(({ fits }) => fits(exclude));
}

type DayCheck = { list(days: Days): readonly unknown[]; fits(days: Days): boolean };

function checksOf({ date, weekday }: LocalTime): DayCheck[] {
	const month = Number(date.slice(5, 7));
	return [
		{ list: ({ months }) => months, fits: ({ months }) => months.includes(month) },
		{ list: ({ weekdays }) => weekdays, fits: ({ weekdays }) => weekdays.includes(weekday) },
		{ list: ({ yearlyDays }) => yearlyDays, fits: ({ yearlyDays }) => yearlyDays.includes(date.slice(5)) },
		{ list: ({ dates }) => dates, fits: ({ dates }) => dates.some(({ from, until }) => from <= date && date <= until) },
	];
}

/** The end does not belong to it. */
function isWithin(time: string, { from, until }: ServiceHours): boolean {
	return from <= time && time < until;
}
