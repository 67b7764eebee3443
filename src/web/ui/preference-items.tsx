// What every browser part lets a person choose for this browser: colours, language, direction of the layout.

import { type MantineColorScheme, Menu, useDirection, useMantineColorScheme } from "@mantine/core";
import { IconArrowsLeftRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, type Language, languages } from "#web/texts/texts.ts";
import { rememberDirection } from "./direction.ts";

const schemes = ["light", "dark", "auto"] as const;

/** To stand in a menu. */
export function PreferenceItems() {
	const { t, i18n } = useTranslation("ui");
	const { colorScheme, setColorScheme } = useMantineColorScheme();
	const { dir, setDirection } = useDirection();
	const mirror = () => {
		const other = dir === "rtl" ? "ltr" : "rtl";
		rememberDirection(other);
		setDirection(other);
	};
	return (
		<>
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
		</>
	);
}
