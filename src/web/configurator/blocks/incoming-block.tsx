// Who may call in: how the provider proves itself, what happens to calls that prove nothing, and the external users that
// providers call in as.

import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { MessagingService, ServiceType } from "#web/api/objects.ts";
import { Empty } from "#web/ui/states.tsx";
import { HttpUsers } from "./http-users.tsx";
import { IncomingMode } from "./incoming-mode.tsx";
import { IncomingProof } from "./incoming-proof.tsx";

type IncomingBlockProps = { service: MessagingService; etag: string | null; type: ServiceType };

export function IncomingBlock({ service, etag, type }: IncomingBlockProps) {
	const { t } = useTranslation("webhook");
	if (type.inboundProof === "line") {
		return <Empty title={t("noHttp")}>{t("noHttpHelp")}</Empty>;
	}
	return (
		<Stack gap="lg" maw="60rem">
			<IncomingProof service={service} type={type} />
			<IncomingMode service={service} etag={etag} />
			<HttpUsers service={service} type={type} />
		</Stack>
	);
}
