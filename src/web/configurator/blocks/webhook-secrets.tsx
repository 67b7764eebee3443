// The secrets that the provider must have too: which, and since when they are set. Never shown again.

import { Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ServiceWebhook } from "#web/api/objects.ts";
import { Block } from "#web/ui/block.tsx";
import { Chip } from "#web/ui/chip.tsx";
import { Time } from "#web/ui/time.tsx";

type Entry = ServiceWebhook["secretEntries"][number];

export function WebhookSecrets({ entries }: { entries: readonly Entry[] }) {
	const { t } = useTranslation("webhook");
	return entries.length === 0 ? null : (
		<Block title={t("secrets")} lead={t("secretsHelp")}>
			<Stack gap="sm" component="ul" className="plain-list">
				{entries.map((entry) => (
					<SecretRow key={entry.authenticationId} entry={entry} />
				))}
			</Stack>
		</Block>
	);
}

function SecretRow({ entry }: { entry: Entry }) {
	const { t } = useTranslation("webhook");
	return (
		<li>
			<Group justify="space-between" gap="xs">
				<div>
					<Text fw={600} size="sm">
						{entry.label === "" ? entry.authenticationId : entry.label}
					</Text>
					<Text size="sm" c="dimmed">
						{entry.enteredAtProvider ? t("secretChosen") : t("secretGiven", { id: entry.authenticationId })}
					</Text>
				</div>
				<Group gap="xs">
					<Chip tone={entry.passwordSet ? "good" : "warning"}>
						{entry.passwordSet ? t("secretSet") : t("secretMissing")}
					</Chip>
					{entry.passwordSet && entry.changedAt !== null && (
						<Text size="sm" c="dimmed">
							{t("since")} <Time at={entry.changedAt} isExact />
						</Text>
					)}
				</Group>
			</Group>
		</li>
	);
}
