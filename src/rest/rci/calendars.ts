// /calendars: on which days a schedule applies. The built-in one, Default, is every day and is not listed.

import { type Calendar, type Days, defaultCalendar } from "#domain/chat-configuration.ts";
import { isDate } from "#domain/local-time.ts";
import { Problem } from "#platform/problems.ts";
import { nameKey } from "#storage/bags.ts";
import { configuredStore } from "#storage/configured.ts";
import { dependentsOfCalendar } from "#storage/queue-dependents.ts";
import { Type } from "typebox";
import type { Route } from "../route.ts";
import { closed, line } from "../schemas.ts";
import { brokenRule, configuredRoutes, type ConfiguredKind, demandUnused, takenName } from "./configured.ts";

type Fields = Omit<Calendar, "id">;

const day = Type.String({ pattern: "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$", description: "YYYY-MM-DD" });
const days = (description: string) =>
	Type.Object(
		{
			months: Type.Array(Type.Integer({ minimum: 1, maximum: 12 }), { maxItems: 12, uniqueItems: true }),
			weekdays: Type.Array(Type.Integer({ minimum: 1, maximum: 7, description: "1 is Monday." }), {
				maxItems: 7,
				uniqueItems: true,
			}),
			yearlyDays: Type.Array(
				Type.String({ pattern: "^(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$", description: "MM-DD" }),
				{
					maxItems: 366,
					uniqueItems: true,
				},
			),
			dates: Type.Array(Type.Object({ from: day, until: day }, closed), { maxItems: 500 }),
		},
		{ ...closed, description },
	);
const leapYear = 2000;
const noDays = { months: [], weekdays: [], yearlyDays: [], dates: [] };

const kind: ConfiguredKind<Fields> = {
	objectType: "calendar",
	path: "/calendars",
	noun: "calendar",
	schema: {
		name: line(200),
		priority: Type.Integer({
			minimum: 1,
			maximum: 100_000,
			description: "Of several that fit a day the highest wins.",
		}),
		include: days("A day must fit every list here that is not empty."),
		exclude: days("A day that fits any entry here does not belong to it."),
	},
	required: ["name", "priority"],
	defaults: { name: "", priority: 1, include: noDays, exclude: noDays },
	columns: { name: "name", priority: { number: "priority" } },
	sort: "name",
	store: configuredStore<Fields>({
		table: "calendars",
		objectType: "calendar",
		toColumns: ({ name, priority, include, exclude }) => ({
			name,
			name_key: nameKey(name),
			priority,
			days: JSON.stringify({ include, exclude }),
		}),
		toFields: (row) => ({
			name: String(row["name"]),
			priority: Number(row["priority"]),
			...(JSON.parse(String(row["days"])) as Pick<Fields, "include" | "exclude">),
		}),
	}),
	builtIn: {
		[defaultCalendar.id]:
			"The calendar Default is built in: every day, at priority 0. It is neither changed nor deleted.",
	},
	nameOf: ({ name }) => name,
	async check(tx, { id, fields }) {
		checkDays("/include", fields.include);
		checkDays("/exclude", fields.exclude);
		if (nameKey(fields.name) === nameKey(defaultCalendar.name)) {
			throw takenName();
		}
		const rival = await tx
			.selectFrom("calendars")
			.select("name")
			.where("priority", "=", fields.priority)
			.where("id", "<>", id)
			.executeTakeFirst();
		if (rival !== undefined) {
			const message = `The calendar ${rival.name} has this priority; each has its own.`;
			throw new Problem("conflict", message, [{ pointer: "/priority", message }]);
		}
	},
	taken: takenName,
	async mayGo(tx, ctx, { id }) {
		demandUnused(ctx, "calendar", await dependentsOfCalendar(tx, id));
	},
};

function checkDays(pointer: string, { yearlyDays, dates }: Days): void {
	const noDay = yearlyDays.findIndex((yearly) => !isDate(`${leapYear}-${yearly}`));
	if (noDay >= 0) {
		throw brokenRule(`${pointer}/yearlyDays/${noDay}`, "is a day that no year has");
	}
	for (const [index, { from, until }] of dates.entries()) {
		const wrong = (
			[
				["from", from],
				["until", until],
			] as const
		).find(([, date]) => !isDate(date));
		if (wrong !== undefined) {
			throw brokenRule(`${pointer}/dates/${index}/${wrong[0]}`, "is a date that there is not");
		}
		if (until < from) {
			throw brokenRule(`${pointer}/dates/${index}/until`, "is before from");
		}
	}
}

export const calendarRoutes: readonly Route[] = configuredRoutes(kind);
