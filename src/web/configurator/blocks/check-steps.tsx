// The steps of a check, each with what was seen and what to do.

import { Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Chip, type Tone } from "#web/ui/chip.tsx";
import { knownStep, resultOf, type Step, type StepResult } from "./check-facts.ts";
import "./service-blocks.css";

const tones: Readonly<Record<StepResult, Tone>> = { passed: "good", noted: "warning", failed: "bad" };

export function CheckSteps({ steps }: { steps: readonly Step[] }) {
	return (
		<Stack gap="xs" component="ol" className="plain-list">
			{steps.map((step, index) => (
				<StepRow key={`${index} ${step.step}`} step={step} />
			))}
		</Stack>
	);
}

function StepRow({ step }: { step: Step }) {
	const { t } = useTranslation("webhook");
	const known = knownStep(step.step);
	const result = resultOf(step);
	return (
		<li className="check-step">
			<Group gap="xs" wrap="nowrap" align="flex-start">
				<Chip tone={tones[result]}>{t(`check.results.${result}`)}</Chip>
				<Stack gap={2} flex={1}>
					<Text fw={600} size="sm">
						{known === undefined ? step.step : t(`check.steps.${known}`)}
					</Text>
					{step.advice !== null && <Text size="sm">{step.advice}</Text>}
					<details open={result === "failed"}>
						<summary>{t("check.evidence")}</summary>
						<Text size="sm" c="dimmed" className="check-evidence">
							{step.evidence}
						</Text>
						<Text size="xs" c="dimmed" ff="monospace">
							{step.code}
						</Text>
					</details>
				</Stack>
			</Group>
		</li>
	);
}
