// A secret that the server tells this once: it stays until the person says that it is kept.

import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

export function ShownOnce({ title, children, onKept }: { title: string; children: ReactNode; onKept: () => void }) {
	const { t } = useTranslation("people");
	const frame = useRef<HTMLDivElement>(null);
	useEffect(() => frame.current?.focus(), []);
	return (
		<Alert ref={frame} tabIndex={-1} role="status" icon={<IconKey aria-hidden />} title={title}>
			<Stack gap="sm">
				<Text size="sm">{t("once.lead")}</Text>
				{children}
				<Button w="fit-content" onClick={onKept}>
					{t("once.kept")}
				</Button>
			</Stack>
		</Alert>
	);
}
