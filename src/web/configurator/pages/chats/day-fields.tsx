// The days of a calendar: which belong to it, and which do not.

import { Fieldset, MultiSelect, TagsInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { defaultCalendar, type Days } from "#domain/chat-configuration.ts";
import { fieldId, mistakeAt } from "#web/ui/form/schema-fields.tsx";
import type { FieldsProps } from "#web/ui/form/stored-form.tsx";
import { momentFormat } from "#web/ui/moments.ts";

export function DayFields(form: FieldsProps) {
	return (
		<>
			<Side side="include" {...form} />
			<Side side="exclude" {...form} />
		</>
	);
}

const noDays = defaultCalendar.include;

function Side({ side, values, onChange, mistakes, isReadOnly }: FieldsProps & { side: "include" | "exclude" }) {
	const { t, i18n } = useTranslation("chats");
	const days = (values[side] as Days | undefined) ?? noDays;
	const set = (change: Partial<Days>) => onChange(side, { ...days, ...change });
	const numbers = (count: number, name: (number: number) => string) =>
		Array.from({ length: count }, (_, index) => ({ value: String(index + 1), label: name(index + 1) }));
	// Any year and week will do: only the names are wanted.
	const month = (number: number) =>
		momentFormat(i18n.language, { month: "long" }).format(new Date(2024, number - 1, 15));
	const weekday = (number: number) =>
		momentFormat(i18n.language, { weekday: "long" }).format(new Date(2024, 0, number, 12));
	const frame = (name: keyof Days) => ({
		id: fieldId(`/${side}/${name}`),
		label: t(`days.${name}.title`),
		description: t(`days.${name}.help`),
		error: mistakeAt(mistakes, `/${side}/${name}`),
		readOnly: isReadOnly,
	});
	return (
		<Fieldset legend={t(`days.${side}`)}>
			<MultiSelect
				{...frame("months")}
				data={numbers(12, month)}
				value={days.months.map(String)}
				onChange={(chosen) => set({ months: chosen.map(Number) })}
			/>
			<MultiSelect
				{...frame("weekdays")}
				data={numbers(7, weekday)}
				value={days.weekdays.map(String)}
				onChange={(chosen) => set({ weekdays: chosen.map(Number) })}
			/>
			<TagsInput
				{...frame("yearlyDays")}
				value={[...days.yearlyDays]}
				onChange={(yearlyDays) => set({ yearlyDays })}
				acceptValueOnBlur
			/>
			<TagsInput
				{...frame("dates")}
				value={days.dates.map(({ from, until }) => (from === until ? from : `${from}…${until}`))}
				onChange={(ranges) => set({ dates: ranges.map(toRange) })}
				acceptValueOnBlur
			/>
		</Fieldset>
	);
}

/** `2026-12-24` or `2026-12-24…2026-12-26`, with dots as they come. */
export function toRange(text: string): { from: string; until: string } {
	const [from = "", until = from] = text.split(/\s*(?:…|\.\.+)\s*/);
	return { from, until };
}
