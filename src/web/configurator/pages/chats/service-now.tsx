// Whether a queue takes chats now, and why: schedules can be tried here.

import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rciGetQueuesIdService } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";

export function ServiceNow({ id }: { id: string }) {
	const { t } = useTranslation("chats");
	const service = useQuery(read(["queues", id, "service"], (options) => rciGetQueuesIdService(id, {}, options)));
	if (service.data === undefined) {
		return null;
	}
	const { isOpen, because } = service.data.body;
	return (
		<Alert color={isOpen ? "green" : "yellow"} title={t(isOpen ? "openNow" : "closedNow")}>
			{because}
		</Alert>
	);
}
