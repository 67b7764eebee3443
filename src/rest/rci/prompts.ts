// /prompts: what the contact centre itself says in chats. A prompt is said where a schedule names it.

import type { Prompt } from "#domain/chat-configuration.ts";
import { promptValues } from "#domain/prompts.ts";
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
			description: `By language (BCP 47). ${promptValues.map((name) => `{${name}}`).join(", ")} are filled in.`,
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
		const unknown = Object.entries(fields.texts).flatMap(([language, text]) =>
			[...text.matchAll(/\{([a-z]+)\}/g)]
				.filter(([, name]) => !promptValues.some((known) => known === name))
				.map(([whole]) => ({ language, whole })),
		)[0];
		if (unknown !== undefined) {
			const known = promptValues.map((name) => `{${name}}`).join(", ");
			throw brokenRule(`/texts/${unknown.language}`, `has ${unknown.whole}; only ${known} are filled in`);
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
