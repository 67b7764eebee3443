// How many services are in which state; a press shows only those.

import { Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ServiceState } from "#web/api/objects.ts";
import { attention, isInState, statesByNeed } from "../services/service-rows.ts";

type StateFilterProps = {
	states: readonly ServiceState[];
	show: string | undefined;
	onShow: (show: string | undefined) => void;
};

export function StateFilter({ states, show, onShow }: StateFilterProps) {
	const { t } = useTranslation("health");
	const { t: words } = useTranslation("services");
	const count = (wanted: string | undefined) => states.filter((state) => isInState(state, wanted)).length;
	const choices = [
		{ value: undefined, label: t("all") },
		{ value: attention, label: words("attention") },
		...statesByNeed.map((state) => ({ value: state, label: words(`states.${state}`) })),
	].map((choice) => ({ ...choice, count: count(choice.value) }));
	return (
		<Group gap="xs" role="group" aria-label={t("byState")}>
			{choices
				.filter(({ value, count: found }) => found > 0 || value === undefined || value === show)
				.map(({ value, label, count: found }) => (
					<Button
						key={label}
						size="compact-md"
						variant={value === show ? "filled" : "default"}
						aria-pressed={value === show}
						onClick={() => onShow(value)}
					>
						{label} ({found})
					</Button>
				))}
		</Group>
	);
}
