// The content of a refused request: sealed until somebody opens it who may, and each opening is on record.

import { Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiGetQuarantineIdRequest } from "#web/api/cmi.ts";
import { read } from "#web/api/read.ts";
import { Caution } from "#web/ui/caution.tsx";
import { Asked } from "#web/ui/states.tsx";
import { RequestText } from "../../blocks/request-text.tsx";
import { useSession } from "../../shell/session.tsx";

export function SealedContent({ id, service }: { id: string; service: string }) {
	const { t } = useTranslation("refused");
	const { rights } = useSession();
	const [isOpen, setOpen] = useState(false);
	const on = { id: service };
	const mayOpen =
		rights.may("manageContactHistory", "messagingService", on) && rights.may("modify", "messagingService", on);
	const request = useQuery({
		...read(["refusedContent", id], (options) => cmiGetQuarantineIdRequest(id, options)),
		enabled: isOpen,
		retry: false,
		staleTime: "static", // Each look is on record: it is asked for once.
		gcTime: 0,
	});
	if (!mayOpen) {
		return (
			<Text size="sm" c="dimmed">
				{t("contentNotYours")}
			</Text>
		);
	}
	return (
		<Stack align="stretch">
			<Caution>{t("contentWarning")}</Caution>
			{isOpen ? (
				<Asked query={request}>{({ body }) => <RequestText label={t("content")} request={body} />}</Asked>
			) : (
				<Button variant="default" w="fit-content" onClick={() => setOpen(true)}>
					{t("open")}
				</Button>
			)}
		</Stack>
	);
}
