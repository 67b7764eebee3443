// Service hours: from, until, open or closed. What no row covers is the rest of the day.

import { ActionIcon, Button, Fieldset, Group, Select, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { ServiceHours } from "#domain/chat-configuration.ts";
import { fieldId, mistakeAt } from "#web/ui/form/schema-fields.tsx";
import type { FieldsProps } from "#web/ui/form/stored-form.tsx";

export function HourRows({ values, onChange, mistakes, isReadOnly }: FieldsProps) {
	const { t } = useTranslation("chats");
	const hours = Array.isArray(values["hours"]) ? (values["hours"] as ServiceHours[]) : [];
	const set = (index: number, change: Partial<ServiceHours>) =>
		onChange(
			"hours",
			hours.map((row, place) => (place === index ? { ...row, ...change } : row)),
		);
	return (
		<Fieldset legend={t("hours.title")} id={fieldId("/hours")}>
			{hours.map((row, index) => (
				<Group key={index} align="flex-end" gap="xs" mb="xs">
					<TimeField
						label={t("hours.from")}
						pointer={`/hours/${index}/from`}
						value={row.from}
						onChange={(from) => set(index, { from })}
						{...{ mistakes, isReadOnly }}
					/>
					<TimeField
						label={t("hours.until")}
						pointer={`/hours/${index}/until`}
						value={row.until}
						onChange={(until) => set(index, { until })}
						{...{ mistakes, isReadOnly }}
					/>
					<Select
						label={t("hours.is")}
						w={130}
						data={[
							{ value: "open", label: t("open") },
							{ value: "closed", label: t("closed") },
						]}
						value={row.isOpen ? "open" : "closed"}
						onChange={(is) => set(index, { isOpen: is === "open" })}
						allowDeselect={false}
						readOnly={isReadOnly}
					/>
					{!isReadOnly && (
						<ActionIcon
							variant="default"
							size="input-sm"
							aria-label={t("hours.remove", { number: index + 1 })}
							onClick={() =>
								onChange(
									"hours",
									hours.filter((_, place) => place !== index),
								)
							}
						>
							<IconTrash size={16} aria-hidden />
						</ActionIcon>
					)}
				</Group>
			))}
			{!isReadOnly && (
				<Button
					variant="default"
					size="xs"
					leftSection={<IconPlus size={14} aria-hidden />}
					onClick={() => onChange("hours", [...hours, { from: "09:00", until: "17:00", isOpen: true }])}
				>
					{t("hours.add")}
				</Button>
			)}
		</Fieldset>
	);
}

type TimeProps = {
	label: string;
	pointer: string;
	value: string;
	onChange: (value: string) => void;
	mistakes: FieldsProps["mistakes"];
	isReadOnly: boolean;
};

/** `24:00` is an end that a browser's own time field does not have. */
function TimeField({ label, pointer, value, onChange, mistakes, isReadOnly }: TimeProps) {
	return (
		<TextInput
			id={fieldId(pointer)}
			label={label}
			w={90}
			inputMode="numeric"
			placeholder="09:00"
			value={value}
			onChange={(event) => onChange(event.currentTarget.value)}
			error={mistakeAt(mistakes, pointer)}
			readOnly={isReadOnly}
			maxLength={5}
		/>
	);
}
