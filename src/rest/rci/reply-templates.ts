// /replyTemplates: texts that agents insert, some with a template of the provider's that goes out instead.

import { idPattern } from "#domain/ids.ts";
import { nameKey } from "#storage/bags.ts";
import { configuredStore } from "#storage/configured.ts";
import { objectExists } from "#storage/object-exists.ts";
import type { ReplyTemplate } from "#storage/reply-templates.ts";
import { Type } from "typebox";
import type { Route } from "../route.ts";
import { closed, line, orNull } from "../schemas.ts";
import { brokenRule, configuredRoutes, type ConfiguredKind, takenName } from "./configured.ts";

type Fields = Omit<ReplyTemplate, "id">;

const kind: ConfiguredKind<Fields> = {
	objectType: "replyTemplate",
	path: "/replyTemplates",
	noun: "reply template",
	schema: {
		name: line(200),
		folder: Type.String({
			maxLength: 200,
			pattern: "^[^\\u0000-\\u001f]*$",
			description: "Groups them in lists; / for levels.",
		}),
		language: orNull(Type.String({ pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", maxLength: 35 })),
		text: Type.String({
			minLength: 1,
			maxLength: 5000,
			pattern: "^[^\\u0000]*$",
			description: "May hold {name}, {agent} and {queue}, which are filled in when it is inserted.",
		}),
		template: orNull(
			Type.Object(
				{
					id: line(255, "Id at the provider."),
					language: Type.Optional(line(35)),
					parameters: Type.Optional(
						Type.Unsafe<Record<string, string>>({
							type: "object",
							maxProperties: 100,
							propertyNames: { minLength: 1, maxLength: 100 },
							additionalProperties: { type: "string", maxLength: 1024, pattern: "^[^\\u0000]*$" },
						}),
					),
				},
				{
					...closed,
					description: "A provider's template that is sent instead of the text, as WhatsApp asks outside its window.",
				},
			),
		),
		queueIds: Type.Array(Type.String({ pattern: idPattern }), {
			maxItems: 200,
			uniqueItems: true,
			description: "For these queues; empty: for all.",
		}),
	},
	required: ["name", "text"],
	defaults: { name: "", folder: "", language: null, text: "", template: null, queueIds: [] },
	columns: { name: "name", folder: "folder", language: "language" },
	sort: "name",
	store: configuredStore<Fields>({
		table: "reply_templates",
		objectType: "replyTemplate",
		toColumns: ({ name, folder, language, text, template, queueIds }) => ({
			name,
			name_key: nameKey(name),
			folder,
			language,
			text,
			template: template === null ? null : JSON.stringify(template),
			queue_ids: JSON.stringify(queueIds),
		}),
		toFields: (row) => ({
			name: String(row["name"]),
			folder: String(row["folder"]),
			language: row["language"] as string | null,
			text: String(row["text"]),
			template: typeof row["template"] === "string" ? (JSON.parse(row["template"]) as Record<string, unknown>) : null,
			queueIds: JSON.parse(String(row["queue_ids"])) as string[],
		}),
	}),
	nameOf: ({ name }) => name,
	async check(tx, { fields }) {
		for (const [index, queueId] of fields.queueIds.entries()) {
			if (!(await objectExists(tx, "queue", queueId))) {
				throw brokenRule(`/queueIds/${index}`, "There is no queue with this id.");
			}
		}
	},
	taken: takenName,
};

export const replyTemplateRoutes: readonly Route[] = configuredRoutes(kind);
