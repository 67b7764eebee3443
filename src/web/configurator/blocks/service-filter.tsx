// Narrows a list to one messaging service. Who may not see services gets no such choice.

import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rciGetMessagingServices } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";
import { useSession } from "../shell/session.tsx";

export type ServiceFilterProps = { service: string | undefined; onChange: (service: string | undefined) => void };

export function ServiceFilter({ service, onChange }: ServiceFilterProps) {
	const { t } = useTranslation("refused");
	const { rights } = useSession();
	const mayView = rights.may("view", "messagingService");
	const services = useQuery({
		...read(["services", "names"], (options) => rciGetMessagingServices({ limit: 1000 }, options)),
		enabled: mayView,
	});
	if (!mayView) {
		return null;
	}
	return (
		<Select
			label={t("service")}
			placeholder={t("anyService")}
			data={(services.data?.body ?? []).map(({ id, name }) => ({ value: id, label: name }))}
			value={service ?? null}
			onChange={(id) => onChange(id ?? undefined)}
			clearable
			searchable
			maw="20rem"
		/>
	);
}
