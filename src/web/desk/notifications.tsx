// Notifications of the browser: asked for by a button, as browsers want it; on a narrow screen by an item of the menu.

import { ActionIcon, Menu } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

export function NotificationsButton() {
	const { t } = useTranslation("desk");
	const { mayAsk, ask } = useNotifications();
	return mayAsk ? (
		<ActionIcon
			variant="subtle"
			visibleFrom="sm"
			aria-label={t("alerts.allow")}
			title={t("alerts.allow")}
			onClick={ask}
		>
			<IconBell size={18} aria-hidden />
		</ActionIcon>
	) : null;
}

export function NotificationsItem() {
	const { t } = useTranslation("desk");
	const { mayAsk, ask } = useNotifications();
	return mayAsk ? (
		<Menu.Item hiddenFrom="sm" leftSection={<IconBell size={16} aria-hidden />} onClick={ask}>
			{t("alerts.allow")}
		</Menu.Item>
	) : null;
}

function useNotifications() {
	const [permission, setPermission] = useState(() => ("Notification" in window ? Notification.permission : "denied"));
	return {
		mayAsk: permission === "default",
		ask: () => void Notification.requestPermission().then(setPermission),
	};
}
