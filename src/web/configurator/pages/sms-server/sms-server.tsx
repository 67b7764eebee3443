// The SMS Server: its variables, and the SMS Interface with the request templates of its services.

import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rciGetSmsServer } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";
import { Page } from "#web/ui/page.tsx";
import { Asked } from "#web/ui/states.tsx";
import { useSession } from "../../shell/session.tsx";
import { SmsInterface } from "./sms-interface.tsx";
import { Variables } from "./variables.tsx";

export function SmsServerPage() {
	const { t } = useTranslation("system");
	const { rights } = useSession();
	const query = useQuery(read(["smsServer"], rciGetSmsServer));
	return (
		<Page title={t("smsServer.title")} lead={t("smsServer.lead")}>
			<Stack gap="xl">
				<Asked query={query} rows={3}>
					{({ body, etag }) => <Variables smsServer={body} etag={etag} />}
				</Asked>
				{rights.may("view", "messagingService") && <SmsInterface />}
			</Stack>
		</Page>
	);
}
