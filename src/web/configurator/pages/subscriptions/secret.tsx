// The secret that signs: how a receiver checks it, and its rotation. For a while both sign, so that nothing is refused.

import { Button, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiPostSubscriptionsIdRotateSecret } from "#web/api/cmi.ts";
import { type Answer, idempotent } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Block } from "#web/ui/block.tsx";
import { Confirm } from "#web/ui/confirm.tsx";
import { Time, useNowMs } from "#web/ui/time.tsx";
import type { Subscription } from "./event-groups.ts";
import type { OwnSteps } from "./own-steps.ts";
import { SecretOnce } from "./secret-once.tsx";

type SecretProps = { answer: Answer<Subscription>; steps: OwnSteps };

export function Secret({ answer, steps }: SecretProps) {
	const { t } = useTranslation("subscriptions");
	const [made, setMade] = useState<string>();
	const { name, allowed, previousSecretUntil } = answer.body;
	return (
		<Block title={t("secret.title")} lead={t("secret.signs")}>
			{made !== undefined && (
				<SecretOnce title={t("secret.rotatedTitle", { name })} secret={made} onKept={() => setMade(undefined)} />
			)}
			<Previous until={previousSecretUntil} />
			{allowed.includes("modify") ? (
				<Rotate answer={answer} steps={steps} onMade={setMade} />
			) : (
				<Text c="dimmed">{t("mayOnlyLook")}</Text>
			)}
		</Block>
	);
}

function Previous({ until }: { until: string | null }) {
	const { t } = useTranslation("subscriptions");
	const nowMs = useNowMs();
	if (until === null || Date.parse(until) <= nowMs) {
		return null;
	}
	return (
		<Text size="sm">
			{t("secret.bothUntil")} <Time at={until} isExact />
		</Text>
	);
}

const hours = ["0", "1", "24", "168"] as const;
type Hours = (typeof hours)[number];

type RotateProps = SecretProps & { onMade: (secret: string) => void };

function Rotate({ answer: { body: hook, etag }, steps, onMade }: RotateProps) {
	const { t } = useTranslation("subscriptions");
	const renew = useRenew();
	const [asks, setAsks] = useState(false);
	const [previous, setPrevious] = useState<Hours>("24");
	return (
		<>
			<Button variant="default" w="fit-content" onClick={() => setAsks(true)}>
				{t("secret.rotate")}
			</Button>
			<Confirm
				isOpen={asks}
				title={t("secret.rotateTitle", { name: hook.name })}
				verb={t("secret.rotate")}
				isDangerous={previous === "0"}
				onConfirm={async () => {
					const body = { previousHours: Number(previous) };
					const { data } = await steps.take(etag, (match) =>
						cmiPostSubscriptionsIdRotateSecret(hook.id, body, idempotent(match)),
					);
					onMade(data.secret);
					await renew("subscriptions");
				}}
				onClose={() => setAsks(false)}
			>
				<Stack>
					<Text>{t("secret.rotateLead")}</Text>
					<Select
						label={t("secret.previous")}
						description={t("secret.previousHelp")}
						data={hours.map((value) => ({ value, label: t(`secret.hours.${value}`) }))}
						value={previous}
						onChange={(chosen) => chosen !== null && setPrevious(chosen)}
						allowDeselect={false}
					/>
				</Stack>
			</Confirm>
		</>
	);
}
