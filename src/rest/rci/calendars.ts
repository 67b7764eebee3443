// /calendars: on which days a schedule applies. The built-in one, Default, is every day and is not listed.

import type { Calendar } from "#domain/chat-configuration.ts";
import { Problem } from "#platform/problems.ts";
import { nameKey } from "#storage/bags.ts";
import { configuredStore } from "#storage/configured.ts";
import { Type } from "typebox";
import type { Route } from "../route.ts";
import { closed, line } from "../schemas.ts";
import { brokenRule, configuredRoutes, type ConfiguredKind } from "./configured.ts";

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
	nameOf: ({ name }) => name,
	check(_tx, { fields }) {
		for (const side of ["include", "exclude"] as const) {
			const wrong = fields[side].dates.findIndex(({ from, until }) => until < from);
			if (wrong >= 0) {
				throw brokenRule(`/${side}/dates/${wrong}/until`, "is before from");
			}
		}
		return Promise.resolve();
	},
	taken: ({ priority }) => {
		const message = `Another calendar has this name, or the priority ${priority}.`;
		return new Problem("duplicate_name", message, [{ pointer: "/priority", message }]);
	},
	async mayGo(tx, { id }) {
		const used = await tx.selectFrom("schedules").select("id").where("calendar_id", "=", id).executeTakeFirst();
		if (used !== undefined) {
			throw new Problem("conflict", "A schedule uses this calendar; change or delete the schedule first.");
		}
	},
};

export const calendarRoutes: readonly Route[] = configuredRoutes(kind);
