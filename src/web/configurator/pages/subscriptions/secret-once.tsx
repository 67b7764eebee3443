// The secret that signs every event, this once.

import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CopyField } from "#web/ui/copy.tsx";
import { ShownOnce } from "../../blocks/shown-once.tsx";

export function SecretOnce({ title, secret, onKept }: { title: string; secret: string; onKept: () => void }) {
	const { t } = useTranslation("subscriptions");
	return (
		<ShownOnce title={title} onKept={onKept}>
			<CopyField label={t("secret.title")} text={secret} />
			<Text size="sm">{t("secret.signs")}</Text>
		</ShownOnce>
	);
}
