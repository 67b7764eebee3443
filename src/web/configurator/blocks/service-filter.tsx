// Narrows a list to one messaging service. Who may not see services gets no such choice.

import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSession } from "../shell/session.tsx";
import { useNames } from "./object-names.ts";

type ServiceFilterProps = { service: string | undefined; onChange: (service: string | undefined) => void };

export function ServiceFilter({ service, onChange }: ServiceFilterProps) {
	const { t } = useTranslation("refused");
	const { rights } = useSession();
	const names = useNames("messagingService");
	if (!rights.may("view", "messagingService")) {
		return null;
	}
	return (
		<Select
			label={t("service")}
			placeholder={t("anyService")}
			data={names.map(({ id, name }) => ({ value: id, label: name }))}
			value={service ?? null}
			onChange={(id) => onChange(id ?? undefined)}
			clearable
			searchable
			maw="20rem"
		/>
	);
}
