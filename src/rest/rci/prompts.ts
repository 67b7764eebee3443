// /prompts: what the contact centre itself says in chats. A prompt is said where a schedule names it.

import type { Prompt } from "#domain/chat-configuration.ts";
import { fillable, unfillable } from "#domain/prompts.ts";
import { type PromptType, promptTypes } from "#domain/queues.ts";
import { nameKey } from "#storage/bags.ts";
import { configuredStore } from "#storage/configured.ts";
import { dependentsOfPrompt } from "#storage/queue-dependents.ts";
import { Type } from "typebox";
import type { Route } from "../route.ts";
import { line, orNull } from "../schemas.ts";
import { brokenRule, configuredRoutes, type ConfiguredKind, demandUnused, takenName } from "./configured.ts";

type Fields = Omit<Prompt, "id"> & { externalId: string | null };

const kind: ConfiguredKind<Fields> = {
	objectType: "prompt",
	path: "/prompts",
	noun: "prompt",
	schema: {
		name: line(200),
		type: Type.Enum([...promptTypes], { description: "When it is said." }),
		externalId: orNull(line(100, "An identifier of your own.")),
		texts: Type.Unsafe<Record<string, string>>({
			type: "object",
			minProperties: 1,
			maxProperties: 50,
			propertyNames: { pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", maxLength: 35 },
			additionalProperties: { type: "string", minLength: 1, maxLength: 2000, pattern: "^[^\\u0000]*$" },
			description: `By language (BCP 47). Filled in, by type: ${promptTypes.map((type) => `${type} ${fillable(type)}`).join("; ")}.`,
		}),
	},
	required: ["name", "type", "texts"],
	defaults: { name: "", type: "welcome", externalId: null, texts: {} },
	columns: { name: "name", type: "type", externalId: "external_id" },
	sort: "name",
	store: configuredStore<Fields>({
		table: "prompts",
		objectType: "prompt",
		toColumns: ({ name, type, externalId, texts }) => ({
			name,
			name_key: nameKey(name),
			type,
			external_id: externalId,
			texts: JSON.stringify(texts),
		}),
		toFields: (row) => ({
			name: String(row["name"]),
			type: row["type"] as PromptType,
			externalId: row["external_id"] as string | null,
			texts: JSON.parse(String(row["texts"])) as Record<string, string>,
		}),
	}),
	nameOf: ({ name }) => name,
	async check(tx, { id, fields }) {
		for (const [language, text] of Object.entries(fields.texts)) {
			const unknown = unfillable(fields.type, text);
			if (unknown !== undefined) {
				const message = `has ${unknown}; in a prompt of this type only ${fillable(fields.type)} can be filled in`;
				throw brokenRule(`/texts/${language}`, message);
			}
		}
		const other = await tx
			.selectFrom("schedules")
			.select("id")
			.where("kind", "=", "chatPrompts")
			.where("prompt_type", "<>", fields.type)
			.where("settings", "like", `%"${id}"%`)
			.executeTakeFirst();
		if (other !== undefined) {
			throw brokenRule("/type", "cannot be changed while a schedule names the prompt");
		}
	},
	taken: takenName,
	async mayGo(tx, ctx, { id }) {
		demandUnused(ctx, "prompt", await dependentsOfPrompt(tx, id));
	},
};

export const promptRoutes: readonly Route[] = configuredRoutes(kind);
