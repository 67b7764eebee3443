// Beside every form: why it was not saved, and the buttons below it.

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { isProblem } from "#web/api/problem.ts";
import { Caution } from "../caution.tsx";
import { focusField, MistakeSummary } from "./mistakes.tsx";

/** `onLoadTheirs` drops the entries and shows what is stored now. */
export function SaveError({ error, onLoadTheirs }: { error: unknown; onLoadTheirs?: () => void }) {
	const { t } = useTranslation("ui");
	if (isProblem(error, "precondition_failed")) {
		return (
			<Caution role="alert" title={t("meanwhile.title")}>
				<Stack gap="xs" align="flex-start">
					<Text size="sm">{t("meanwhile.lead")}</Text>
					{onLoadTheirs !== undefined && (
						<Button size="xs" variant="default" onClick={onLoadTheirs}>
							{t("meanwhile.load")}
						</Button>
					)}
				</Stack>
			</Caution>
		);
	}
	if (isProblem(error, "forbidden")) {
		return (
			<Alert role="alert" color="red" title={t("refused")}>
				{error.message}
			</Alert>
		);
	}
	return <MistakeSummary error={error} />;
}

/** For `onError` of a save. */
export function focusFirstMistake(error: unknown): void {
	const pointer = isProblem(error) ? error.errors[0]?.pointer : undefined;
	if (pointer !== undefined) {
		requestAnimationFrame(() => focusField(pointer));
	}
}

export function SaveButtons({ isDirty, isBusy, onDrop }: { isDirty: boolean; isBusy: boolean; onDrop: () => void }) {
	const { t } = useTranslation("ui");
	return (
		<Group gap="xs">
			<Button type="submit" loading={isBusy} disabled={!isDirty}>
				{t("save")}
			</Button>
			<Button variant="default" onClick={onDrop} disabled={!isDirty || isBusy}>
				{t("cancel")}
			</Button>
		</Group>
	);
}
