// Before something is saved: what changes, by field. Of secrets only what happens to them.

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "#web/ui/dialog.tsx";
import { Diff } from "#web/ui/diff.tsx";
import { changesOf, clearedByMove, losesSecrets } from "./changes.ts";
import type { ServiceEditor } from "./use-service-editor.ts";
import { useServiceWords } from "./words.ts";

export function Review({ editor, isOpen, onClose }: { editor: ServiceEditor; isOpen: boolean; onClose: () => void }) {
	const { t } = useTranslation("service");
	const { t: tUi } = useTranslation("ui");
	const [isBusy, setBusy] = useState(false);
	const { form, base } = editor;
	const words = useServiceWords(form.type);
	const changes = changesOf(form.type, base, form.draft);
	const cleared = clearedByMove(base, form.draft);
	const save = async () => {
		setBusy(true);
		await editor.save(); // What is refused is shown at the fields, a newer version in the merge view.
		setBusy(false);
		onClose();
	};
	return (
		<Dialog opened={isOpen} onClose={onClose} title={t("reviewTitle")} size="xl">
			<Stack>
				<Diff caption={t("reviewCaption", { name: base.name })} changes={changes.map((one) => words.change(one))} />
				{cleared.length > 0 && (
					<Alert color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />}>
						{t("moved", { ids: cleared.join(", ") })}
					</Alert>
				)}
				{losesSecrets(changes) && (
					<Text size="sm" c="dimmed">
						{t("reviewLoses")}
					</Text>
				)}
				<Group justify="flex-end">
					<Button variant="default" onClick={onClose}>
						{tUi("cancel")}
					</Button>
					<Button onClick={() => void save()} loading={isBusy} data-autofocus>
						{t("save")}
					</Button>
				</Group>
			</Stack>
		</Dialog>
	);
}
