// /adHocSchedules: open or closed from one moment to another, before every schedule. Those of one queue do not overlap.

import { idPattern } from "#domain/ids.ts";
import { Problem } from "#platform/problems.ts";
import { configuredStore } from "#storage/configured.ts";
import { objectExists } from "#storage/object-exists.ts";
import { Type } from "typebox";
import type { Route } from "../route.ts";
import { givenTimestamp, orNull, toMoment, toTimestamp } from "../schemas.ts";
import { brokenRule, configuredRoutes, type ConfiguredKind } from "./configured.ts";

type Fields = { queueId: string | null; from: string; until: string; isOpen: boolean };

export const adHocScheduleKind: ConfiguredKind<Fields> = {
	objectType: "schedule",
	path: "/adHocSchedules",
	noun: "ad-hoc schedule",
	schema: {
		queueId: orNull(Type.String({ pattern: idPattern, description: "Null: the whole contact centre." })),
		from: givenTimestamp,
		until: givenTimestamp,
		isOpen: Type.Boolean(),
	},
	required: ["from", "until"],
	defaults: { queueId: null, from: "", until: "", isOpen: false },
	columns: { queueId: "queue_id", from: { moment: "valid_from" }, until: { moment: "valid_until" } },
	sort: "from",
	store: configuredStore<Fields>({
		table: "ad_hoc_schedules",
		objectType: "schedule",
		toColumns: ({ queueId, from, until, isOpen }) => ({
			queue_id: queueId ?? "",
			valid_from: new Date(from).getTime(),
			valid_until: new Date(until).getTime(),
			is_open: isOpen ? 1 : 0,
		}),
		toFields: (row) => ({
			queueId: row["queue_id"] === "" ? null : String(row["queue_id"]),
			from: toTimestamp(new Date(Number(row["valid_from"]))),
			until: toTimestamp(new Date(Number(row["valid_until"]))),
			isOpen: row["is_open"] === 1,
		}),
	}),
	nameOf: ({ from }) => from,
	async check(tx, { id, fields }) {
		const from = toMoment(fields.from, "invalid_body", "/from").getTime();
		const until = toMoment(fields.until, "invalid_body", "/until").getTime();
		if (until <= from) {
			throw brokenRule("/until", "must be after from");
		}
		if (fields.queueId !== null && !(await objectExists(tx, "queue", fields.queueId))) {
			throw brokenRule("/queueId", "There is no queue with this id.");
		}
		const other = await tx
			.selectFrom("ad_hoc_schedules")
			.select(["valid_from", "valid_until"])
			.where("queue_id", "=", fields.queueId ?? "")
			.where("id", "<>", id)
			.where("valid_from", "<", until)
			.where("valid_until", ">", from)
			.executeTakeFirst();
		if (other !== undefined) {
			const [start, end] = [new Date(Number(other.valid_from)), new Date(Number(other.valid_until))];
			const message = `It overlaps with the one from ${toTimestamp(start)} to ${toTimestamp(end)}; delete that first.`;
			throw new Problem("conflict", message, [{ pointer: "/from", message }]);
		}
	},
	taken: () => new Problem("conflict", "There is such an ad-hoc schedule already."),
};

export const adHocScheduleRoutes: readonly Route[] = configuredRoutes(adHocScheduleKind);
