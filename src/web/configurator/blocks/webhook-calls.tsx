// The provider's calls, one card each: address, headers, and who tells the provider about it.

import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ServiceWebhook } from "#web/api/objects.ts";
import { Chip } from "#web/ui/chip.tsx";
import { CopyField, CopyIcon } from "#web/ui/copy.tsx";
import { Facts } from "#web/ui/facts.tsx";
import "./service-blocks.css";

type Call = ServiceWebhook["calls"][number];

export function WebhookCalls({ calls }: { calls: readonly Call[] }) {
	const { t } = useTranslation("webhook");
	return (
		<section aria-labelledby="webhook-calls">
			<Title order={2} size="h4" id="webhook-calls" mb={4}>
				{t("calls")}
			</Title>
			<Text size="sm" c="dimmed" mb="sm">
				{calls.length === 0 ? t("noCalls") : t("callsHelp")}
			</Text>
			<Stack gap="sm">
				{calls.map((call) => (
					<CallCard key={`${call.purpose} ${call.method} ${call.url}`} call={call} />
				))}
			</Stack>
		</section>
	);
}

function CallCard({ call }: { call: Call }) {
	const { t } = useTranslation("webhook");
	const isEntered = call.namedBy === "person";
	const methods = [call.method, ...call.alsoTaken];
	return (
		<Card withBorder padding="md">
			<Stack gap="sm">
				<Group justify="space-between" align="flex-start" gap="xs">
					<Title order={3} size="h5" flex="1 1 14rem">
						{call.purpose}
					</Title>
					<Chip tone={isEntered ? "pending" : "neutral"}>{t(`namedBy.${call.namedBy}`)}</Chip>
				</Group>
				<CopyField
					label={t("url", { methods: methods.join(t("or")) })}
					text={call.url}
					description={t(`namedByHelp.${call.namedBy}`)}
				/>
				<Facts facts={[...headersOf(call, t("header")), ...proofsOf(call, t("otherProof"))]} />
				{call.proposed !== null && (
					<Group gap="xs" align="flex-start" wrap="nowrap">
						<Chip tone="warning">{t("proposed")}</Chip>
						<Text size="sm">{call.proposed}</Text>
					</Group>
				)}
			</Stack>
		</Card>
	);
}

function headersOf({ headers }: Call, label: string) {
	return headers.map(
		({ name, value }) =>
			[
				`${label} ${name}`,
				<Group key={name} gap={4} wrap="nowrap" align="flex-start">
					<Text span size="sm">
						{value}
					</Text>
					<CopyIcon label={name} text={name} />
				</Group>,
			] as const,
	);
}

function proofsOf({ otherProof }: Call, label: string) {
	return otherProof === null
		? []
		: [
				[
					label,
					<Text key="proof" span size="sm">
						{otherProof}
					</Text>,
				] as const,
			];
}
