// What belongs to the person: account, colours, language, the way out.

import { ActionIcon, Menu } from "@mantine/core";
import { IconLogout, IconUserCircle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { MenuLink } from "#web/ui/menu-link.tsx";
import { PreferenceItems } from "#web/ui/preference-items.tsx";
import { useSession } from "./session.tsx";

export function PersonMenu() {
	const { t } = useTranslation("shell");
	const { me, signOut } = useSession();
	return (
		<Menu position="bottom-end" width={240} withinPortal defaultOpened>
			<Menu.Target>
				<ActionIcon variant="subtle" size="lg" aria-label={t("person", { name: `${me.firstName} ${me.surname}` })}>
					<IconUserCircle aria-hidden />
				</ActionIcon>
			</Menu.Target>
			<Menu.Dropdown>
				<Menu.Label>{me.login}</Menu.Label>
				<MenuLink to="/account" leftSection={<IconUserCircle size={16} aria-hidden />}>
					{t("account")}
				</MenuLink>
				<Menu.Divider />
				<PreferenceItems />
				<Menu.Divider />
				<Menu.Item
					leftSection={<IconLogout size={16} aria-hidden className="mirrors" />}
					onClick={() => void signOut()}
				>
					{t("signOut")}
				</Menu.Item>
			</Menu.Dropdown>
		</Menu>
	);
}
