// Which keys there are, and the switch for those of a single key.

import { Kbd, Stack, Switch, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Dialog } from "#web/ui/dialog.tsx";
import { switchSingleKeys, useSingleKeysOn } from "#web/ui/single-keys.ts";
import { useFileLimits } from "./use-file-limits.ts";
import { shortcuts } from "./use-shortcuts.ts";

export function ShortcutsDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
	const { t } = useTranslation("desk");
	const isOn = useSingleKeysOn();
	return (
		<Dialog opened={isOpen} onClose={onClose} title={t("shortcuts.title")}>
			<Stack>
				<Switch
					label={t("shortcuts.singleKeys")}
					description={t("shortcuts.singleKeysHelp")}
					checked={isOn}
					onChange={(event) => switchSingleKeys(event.currentTarget.checked)}
				/>
				<Table>
					<Table.Tbody>
						{Object.entries(shortcuts).map(([key, what]) => (
							<Key key={key} name={key} text={t(`shortcuts.${what}`)} />
						))}
						<Key name="Enter" text={t("shortcuts.send")} />
						<Key name="Shift+Enter" text={t("shortcuts.newLine")} />
						<Key name="Esc" text={t("shortcuts.leave")} />
					</Table.Tbody>
				</Table>
				<FileLimits />
			</Stack>
		</Dialog>
	);
}

function FileLimits() {
	const { inWords } = useFileLimits();
	return <Text size="sm">{inWords}</Text>;
}

function Key({ name, text }: { name: string; text: string }) {
	return (
		<Table.Tr>
			<Table.Th scope="row">
				<Kbd>{name}</Kbd>
			</Table.Th>
			<Table.Td>{text}</Table.Td>
		</Table.Tr>
	);
}
