// What the list is narrowed by: words, state, type. All of it stands in the address.

import { Button, Group, Select, TextInput } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { attention, isInState, type ServiceRow, statesByNeed, type Wanted } from "./service-rows.ts";

type FiltersProps = { rows: readonly ServiceRow[]; wanted: Wanted; onWant: (wanted: Wanted) => void };

export function Filters({ rows, wanted, onWant }: FiltersProps) {
	const { t } = useTranslation("services");
	const isNarrowed = Object.values(wanted).some((value) => value !== undefined);
	return (
		<Group align="flex-end" gap="sm" role="search" aria-label={t("filters")}>
			<FindInput find={wanted.find ?? ""} onFind={(find) => onWant({ ...wanted, find })} />
			<StateSelect {...{ rows, wanted, onWant }} />
			<TypeSelect {...{ rows, wanted, onWant }} />
			{isNarrowed && (
				<Button variant="subtle" leftSection={<IconX size={16} aria-hidden />} onClick={() => onWant({})}>
					{t("showAll")}
				</Button>
			)}
		</Group>
	);
}

const typingMs = 200;

/** The address follows when the typing pauses. */
function FindInput({ find, onFind }: { find: string; onFind: (find: string) => void }) {
	const { t } = useTranslation("services");
	const [text, setText] = useState(find);
	const [shown, setShown] = useState(find);
	if (shown !== find) {
		// The address was changed elsewhere, or caught up with what was typed.
		setShown(find);
		setText(find);
	}
	useEffect(() => {
		if (text === find) {
			return undefined;
		}
		const timer = window.setTimeout(() => onFind(text), typingMs);
		return () => window.clearTimeout(timer);
	}, [text, find, onFind]);
	return (
		<TextInput
			type="search"
			label={t("find")}
			placeholder={t("findExample")}
			value={text}
			onChange={(event) => setText(event.currentTarget.value)}
			leftSection={<IconSearch size={16} aria-hidden />}
			maxLength={200}
			flex="1 1 14rem"
			maw="24rem"
		/>
	);
}

function StateSelect({ rows, wanted, onWant }: FiltersProps) {
	const { t } = useTranslation("services");
	const count = (state: string) => rows.filter(({ service }) => isInState(service.state, state)).length;
	const choices = [
		{ value: attention, label: `${t("attention")} (${count(attention)})` },
		...statesByNeed.map((state) => ({ value: state, label: `${t(`states.${state}`)} (${count(state)})` })),
	];
	return (
		<Select
			label={t("columns.state")}
			placeholder={t("everyState")}
			data={choices}
			value={wanted.state ?? null}
			onChange={(state) => onWant({ ...wanted, state: state ?? "" })}
			clearable
			clearButtonProps={{ "aria-label": t("everyState") }}
			w="14rem"
		/>
	);
}

function TypeSelect({ rows, wanted, onWant }: FiltersProps) {
	const { t } = useTranslation("services");
	const labels = new Map(rows.map(({ service, typeLabel }) => [service.type, typeLabel]));
	const choices = [...labels].map(([value, label]) => ({ value, label }));
	return (
		<Select
			label={t("columns.type")}
			placeholder={t("everyType")}
			data={choices.toSorted((one, other) => one.label.localeCompare(other.label))}
			value={wanted.type ?? null}
			onChange={(type) => onWant({ ...wanted, type: type ?? "" })}
			clearable
			clearButtonProps={{ "aria-label": t("everyType") }}
			w="14rem"
		/>
	);
}
