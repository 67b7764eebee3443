// What is entered for an event webhook: where it goes, which events, of which services and queues, and further headers.

import { MultiSelect, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Block } from "#web/ui/block.tsx";
import { fieldId, mistakeAt, SchemaFields } from "#web/ui/form/schema-fields.tsx";
import type { Fields } from "#web/ui/form/schema.ts";
import type { FieldsProps } from "#web/ui/form/stored-form.tsx";
import { useNames } from "../../blocks/object-names.ts";
import type { Reference } from "../../blocks/people-objects.ts";
import { EventFields } from "./event-fields.tsx";
import { HeaderRows } from "./header-rows.tsx";
import { choicesOf, useQueueNames } from "./names.ts";

export function HookFields(form: FieldsProps) {
	const { t } = useTranslation("subscriptions");
	const fields: Fields = {
		name: { type: "string", maxLength: 200, title: t("fields.name.title"), description: t("fields.name.help") },
		url: {
			type: "string",
			maxLength: 2000,
			title: t("fields.url.title"),
			description: t("fields.url.help"),
			examples: ["https://crm.example.com/parley"],
		},
	};
	return (
		<Stack>
			<Block title={t("blocks.basics")}>
				<SchemaFields fields={fields} {...form} />
			</Block>
			<Block title={t("fields.events.title")} lead={t("fields.events.help")}>
				<EventFields {...form} />
			</Block>
			<Block title={t("blocks.narrowed")} lead={t("blocks.narrowedLead")}>
				<Narrowing name="services" known={useNames("messagingService")} {...form} />
				<Narrowing name="queues" known={useQueueNames()} {...form} />
			</Block>
			<Block title={t("blocks.headers")} lead={t("blocks.headersLead")}>
				<HeaderRows {...form} />
			</Block>
		</Stack>
	);
}

type NarrowingProps = FieldsProps & { name: "services" | "queues"; known: readonly Reference[] };

/** Nothing chosen: all. */
function Narrowing({ name, known, values, onChange, mistakes, isReadOnly }: NarrowingProps) {
	const { t } = useTranslation("subscriptions");
	const stored = values[name];
	const chosen = Array.isArray(stored) ? stored.map(String) : [];
	return (
		<MultiSelect
			id={fieldId(`/${name}`)}
			label={t(`fields.${name}.title`)}
			description={t(`fields.${name}.help`)}
			placeholder={chosen.length === 0 ? t("all") : ""}
			data={[...choicesOf(known, chosen)]}
			value={chosen}
			onChange={(next) => onChange(name, next)}
			error={mistakeAt(mistakes, `/${name}`)}
			readOnly={isReadOnly}
			searchable
			maxValues={200}
		/>
	);
}
