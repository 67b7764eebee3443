// What belongs to the person: account, colours, language, the way out.

import { ActionIcon, type MantineColorScheme, Menu, useDirection, useMantineColorScheme } from "@mantine/core";
import { IconArrowsLeftRight, IconLogout, IconUserCircle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { rememberDirection } from "#web/ui/provider.tsx";
import { chooseLanguage, type Language, languages } from "#web/texts/texts.ts";
import { MenuLink } from "#web/ui/menu-link.tsx";
import { useSession } from "./session.tsx";

const schemes = ["light", "dark", "auto"] as const;

export function PersonMenu() {
	const { t, i18n } = useTranslation("shell");
	const { me, signOut } = useSession();
	const { colorScheme, setColorScheme } = useMantineColorScheme();
	const { dir, setDirection } = useDirection();
	const mirror = () => {
		const other = dir === "rtl" ? "ltr" : "rtl";
		rememberDirection(other);
		setDirection(other);
	};
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
				<Menu.RadioGroup value={colorScheme} onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}>
					{schemes.map((scheme) => (
						<Menu.RadioItem key={scheme} value={scheme} closeMenuOnClick>
							{t(`schemes.${scheme}`)}
						</Menu.RadioItem>
					))}
				</Menu.RadioGroup>
				<Menu.Divider />
				<Menu.RadioGroup value={i18n.language} onChange={(language) => void chooseLanguage(language as Language)}>
					{Object.entries(languages).map(([language, name]) => (
						<Menu.RadioItem key={language} value={language} lang={language} closeMenuOnClick>
							{name}
						</Menu.RadioItem>
					))}
				</Menu.RadioGroup>
				<Menu.Divider />
				<Menu.Item leftSection={<IconArrowsLeftRight size={16} aria-hidden />} onClick={mirror}>
					{t("direction")}
				</Menu.Item>
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
