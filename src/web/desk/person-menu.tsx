// What belongs to the person: keys, colours, language, the configurator, the way out.

import { ActionIcon, Menu } from "@mantine/core";
import { IconKeyboard, IconLogout, IconSettings, IconUserCircle } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { basePath } from "#web/api/base.ts";
import { PreferenceItems } from "#web/ui/preference-items.tsx";
import { textOf } from "./chat-facts.ts";
import { useDeskState } from "./desk-context.tsx";
import { AskForHelp } from "./help-mark.tsx";
import { NotificationsItem } from "./notifications.tsx";
import { isPanel } from "./panel.ts";
import { signOut, usePerson } from "./person.ts";
import { ShortcutsDialog } from "./shortcuts-dialog.tsx";

/** Of a panel the page around it takes care. */
function SignOut() {
	const { t } = useTranslation("desk");
	return (
		<>
			<Menu.Divider />
			<Menu.Item leftSection={<IconLogout size={16} aria-hidden className="mirrors" />} onClick={() => void signOut()}>
				{t("signOut")}
			</Menu.Item>
		</>
	);
}

export function PersonMenu() {
	const { t } = useTranslation("desk");
	const { tree } = useDeskState();
	const login = usePerson()?.login ?? "";
	const [asksKeys, setAsksKeys] = useState(false);
	return (
		<>
			<Menu position="bottom-end" width={240}>
				<Menu.Target>
					<ActionIcon
						variant="subtle"
						size="lg"
						aria-label={t("person", { name: textOf(tree.properties["alias"]) || login })}
					>
						<IconUserCircle aria-hidden />
					</ActionIcon>
				</Menu.Target>
				<Menu.Dropdown>
					<Menu.Item disabled>{login}</Menu.Item>
					<Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={() => setAsksKeys(true)}>
						{t("shortcuts.title")}
					</Menu.Item>
					{!isPanel && (
						<Menu.Item component="a" href={`${basePath}/`} leftSection={<IconSettings size={16} aria-hidden />}>
							{t("configurator")}
						</Menu.Item>
					)}
					<AskForHelp />
					<NotificationsItem />
					<Menu.Divider />
					<PreferenceItems />
					{!isPanel && <SignOut />}
				</Menu.Dropdown>
			</Menu>
			<ActionIcon
				variant="subtle"
				visibleFrom="sm"
				aria-label={t("shortcuts.title")}
				title={t("shortcuts.title")}
				aria-keyshortcuts="?"
				onClick={() => setAsksKeys(true)}
			>
				<IconKeyboard size={18} aria-hidden />
			</ActionIcon>
			<ShortcutsDialog isOpen={asksKeys} onClose={() => setAsksKeys(false)} />
		</>
	);
}
