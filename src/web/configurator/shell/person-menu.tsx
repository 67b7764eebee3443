// What belongs to the person: account, colours, language, the way out.

import { ActionIcon, Menu, useDirection, useMantineColorScheme } from "@mantine/core";
import {
	IconArrowsLeftRight,
	IconDeviceDesktop,
	IconLanguage,
	IconLogout,
	IconMoon,
	IconSun,
	IconUserCircle,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { chooseLanguage, type Language, languages } from "#web/texts/texts.ts";
import { useSession } from "./session.tsx";

const schemes = [
	["light", IconSun],
	["dark", IconMoon],
	["auto", IconDeviceDesktop],
] as const;

export function PersonMenu() {
	const { t, i18n } = useTranslation("shell");
	const { me, signOut } = useSession();
	const { colorScheme, setColorScheme } = useMantineColorScheme();
	const { toggleDirection } = useDirection();
	return (
		<Menu position="bottom-end" width={240} withinPortal>
			<Menu.Target>
				<ActionIcon variant="subtle" size="lg" aria-label={t("person", { name: `${me.firstName} ${me.surname}` })}>
					<IconUserCircle aria-hidden />
				</ActionIcon>
			</Menu.Target>
			<Menu.Dropdown>
				<Menu.Label>{me.login}</Menu.Label>
				<Menu.Item
					renderRoot={(props) => <Link to="/account" {...props} />}
					leftSection={<IconUserCircle size={16} aria-hidden />}
				>
					{t("account")}
				</Menu.Item>
				<Menu.Divider />
				{schemes.map(([scheme, Icon]) => (
					<Menu.Item
						key={scheme}
						role="menuitemradio"
						aria-checked={colorScheme === scheme}
						leftSection={<Icon size={16} aria-hidden />}
						rightSection={colorScheme === scheme ? "✓" : null}
						onClick={() => setColorScheme(scheme)}
					>
						{t(`schemes.${scheme}`)}
					</Menu.Item>
				))}
				<Menu.Divider />
				{Object.entries(languages).map(([language, name]) => (
					<Menu.Item
						key={language}
						role="menuitemradio"
						aria-checked={i18n.language === language}
						lang={language}
						leftSection={<IconLanguage size={16} aria-hidden />}
						rightSection={i18n.language === language ? "✓" : null}
						onClick={() => void chooseLanguage(language as Language)}
					>
						{name}
					</Menu.Item>
				))}
				<Menu.Item leftSection={<IconArrowsLeftRight size={16} aria-hidden />} onClick={toggleDirection}>
					{t("direction")}
				</Menu.Item>
				<Menu.Divider />
				<Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
					{t("signOut")}
				</Menu.Item>
			</Menu.Dropdown>
		</Menu>
	);
}
