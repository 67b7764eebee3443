// The request a message came with, fetched when somebody opens it.

import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiGetMessagesIdRaw } from "#web/api/cmi.ts";
import { read } from "#web/api/read.ts";
import { Asked } from "#web/ui/states.tsx";
import { RequestText } from "../../blocks/request-text.tsx";

export function RawRequest({ id }: { id: string }) {
	const { t } = useTranslation("messages");
	const [isOpen, setOpen] = useState(false);
	const raw = useQuery({
		...read(["message", id, "raw"], (options) => cmiGetMessagesIdRaw(id, options)),
		enabled: isOpen,
		retry: false,
	});
	return (
		<Stack align="flex-start">
			<Button variant="default" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
				{isOpen ? t("raw.hide") : t("raw.show")}
			</Button>
			{isOpen && <Asked query={raw}>{({ body }) => <RequestText label={t("raw.title")} request={body} />}</Asked>}
		</Stack>
	);
}
