// From where on a queue's live figures are shown as a warning, and as critical.

import { Group, NumberInput, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { QueueThresholds, Threshold } from "#domain/queues.ts";
import { fieldId, mistakeAt } from "#web/ui/form/schema-fields.tsx";
import type { FieldsProps } from "#web/ui/form/stored-form.tsx";

const names = ["maxWaitSeconds", "chats", "agentsWaiting", "agentsServing"] as const;
const none: Threshold = { warning: null, critical: null };
const noThresholds: QueueThresholds = { maxWaitSeconds: none, chats: none, agentsWaiting: none, agentsServing: none };

export function ThresholdFields({ values, onChange, mistakes, isReadOnly }: FieldsProps) {
	const { t } = useTranslation("chats");
	const thresholds = (values["thresholds"] as QueueThresholds | undefined) ?? noThresholds;
	return (
		<Stack gap="xs">
			{names.map((name) => (
				<Stack key={name} gap={2} role="group" aria-label={t(`thresholds.${name}`)}>
					<Text size="sm" fw={500}>
						{t(`thresholds.${name}`)}
					</Text>
					<Group gap="xs">
						{(["warning", "critical"] as const).map((level) => (
							<NumberInput
								key={level}
								id={fieldId(`/thresholds/${name}/${level}`)}
								label={t(`thresholds.${level}`)}
								w={130}
								min={0}
								allowDecimal={false}
								value={thresholds[name][level] ?? ""}
								onChange={(entered) => {
									const value = typeof entered === "number" ? entered : null;
									onChange("thresholds", { ...thresholds, [name]: { ...thresholds[name], [level]: value } });
								}}
								error={mistakeAt(mistakes, `/thresholds/${name}/${level}`)}
								readOnly={isReadOnly}
							/>
						))}
					</Group>
				</Stack>
			))}
		</Stack>
	);
}
