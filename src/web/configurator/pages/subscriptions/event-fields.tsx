// Which events are told, group by group, each group with a sentence on what it is.

import { Checkbox, Fieldset, Input, SimpleGrid, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { fieldId, mistakeAt } from "#web/ui/form/schema-fields.tsx";
import type { FieldsProps } from "#web/ui/form/stored-form.tsx";
import { type EventType, eventTypes, type GroupName, groupNames, typesOf } from "./event-groups.ts";

export function EventFields({ values, onChange, mistakes, isReadOnly }: FieldsProps) {
	const { t } = useTranslation("subscriptions");
	const stored = values["events"];
	const chosen = eventTypes.filter((type) => Array.isArray(stored) && stored.includes(type));
	const mistake = mistakeAt(mistakes, "/events");
	return (
		<Stack gap="sm" id={fieldId("/events")} tabIndex={-1} role="group" aria-label={t("fields.events.title")}>
			{mistake !== undefined && <Input.Error>{mistake}</Input.Error>}
			{groupNames.map((group) => (
				<EventGroup
					key={group}
					group={group}
					chosen={chosen}
					onChange={(types) => onChange("events", types)}
					isReadOnly={isReadOnly}
				/>
			))}
		</Stack>
	);
}

type EventGroupProps = {
	group: GroupName;
	/** Of all groups. */
	chosen: readonly EventType[];
	onChange: (types: readonly EventType[]) => void;
	isReadOnly: boolean;
};

function EventGroup({ group, chosen, onChange, isReadOnly }: EventGroupProps) {
	const { t } = useTranslation("subscriptions");
	const types = typesOf(group);
	const count = types.filter((type) => chosen.includes(type)).length;
	const choose = (wanted: readonly EventType[], isWanted: boolean) => {
		if (!isReadOnly) {
			onChange(eventTypes.filter((type) => (wanted.includes(type) ? isWanted : chosen.includes(type))));
		}
	};
	return (
		<Fieldset legend={t(`groups.${group}.title`)}>
			<Stack gap="sm">
				<Text size="sm" c="dimmed">
					{t(`groups.${group}.lead`)}
				</Text>
				<Checkbox
					label={t("allOf", { group: t(`groups.${group}.title`) })}
					checked={count === types.length}
					indeterminate={count > 0 && count < types.length}
					onChange={(event) => choose(types, event.currentTarget.checked)}
					aria-readonly={isReadOnly}
				/>
				<SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" verticalSpacing="xs">
					{types.map((type) => (
						<Checkbox
							key={type}
							label={t(`events.${type}`)}
							description={type}
							checked={chosen.includes(type)}
							onChange={(event) => choose([type], event.currentTarget.checked)}
							aria-readonly={isReadOnly}
						/>
					))}
				</SimpleGrid>
			</Stack>
		</Fieldset>
	);
}
