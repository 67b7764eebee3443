// Which keys do something by themselves, and the switch for them.

import { Stack, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Facts } from "#web/ui/facts.tsx";
import { switchSingleKeys, useSingleKeysOn } from "#web/ui/single-keys.ts";

export function Keyboard() {
	const { t } = useTranslation("account");
	const isOn = useSingleKeysOn();
	return (
		<Stack>
			<Switch
				label={t("keyboard.singleKeys")}
				description={t("keyboard.singleKeysHelp")}
				checked={isOn}
				onChange={(event) => switchSingleKeys(event.currentTarget.checked)}
			/>
			<Facts
				facts={[
					["/", t("keyboard.find")],
					["n", t("keyboard.add")],
				]}
			/>
		</Stack>
	);
}
