// Everything to enter at the provider, to be copied, and beside it what came of it: the light that waits for the provider
// and turns into the actual attempt.

import { Alert, Grid, List, Stack, Text } from "@mantine/core";
import { IconInfoCircle, IconLockX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { MessagingService, ServiceType, ServiceWebhook } from "#web/api/objects.ts";
import { rciGetMessagingServicesIdWebhook } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { CodeBlock } from "#web/ui/code.tsx";
import { Asked, Empty, NoRight } from "#web/ui/states.tsx";
import { WebhookArrivals } from "./webhook-arrivals.tsx";
import { WebhookCalls } from "./webhook-calls.tsx";
import { curlFor, isOnlyLocal } from "./webhook-facts.ts";
import { WebhookSecrets } from "./webhook-secrets.tsx";

const askEveryMs = 3000; // While somebody looks at it: no live event tells of a refused call.

/** Shared with what else shows what the provider must know. */
export function webhookQuery(serviceId: string) {
	return read(["service", serviceId, "webhook"], (options) => rciGetMessagingServicesIdWebhook(serviceId, options));
}

export function WebhookBlock({ service, type }: { service: MessagingService; type: ServiceType }) {
	const { t } = useTranslation("webhook");
	return service.allowed.includes("modify") ? (
		<Panel service={service} type={type} />
	) : (
		<NoRight reason={t("needsModify")} />
	);
}

function Panel({ service, type }: { service: MessagingService; type: ServiceType }) {
	const { t } = useTranslation("webhook");
	const query = useQuery({
		...webhookQuery(service.id),
		enabled: type.inboundProof !== "line",
		refetchInterval: askEveryMs,
	});
	if (type.inboundProof === "line") {
		return <Empty title={t("noHttp")}>{t("noHttpHelp")}</Empty>;
	}
	return (
		<Asked query={query}>
			{({ body }) => (
				<Grid gap="xl">
					<Grid.Col span={{ base: 12, lg: 7 }}>
						<Stack gap="lg">
							<Warnings webhook={body} />
							<WebhookCalls calls={body.calls} />
							<WebhookSecrets entries={body.secretEntries} />
							<Steps steps={body.steps} />
						</Stack>
					</Grid.Col>
					<Grid.Col span={{ base: 12, lg: 5 }}>
						<Stack gap="lg" className="webhook-beside">
							<WebhookArrivals calls={body.lastCalls} />
							<TryIt webhook={body} />
						</Stack>
					</Grid.Col>
				</Grid>
			)}
		</Asked>
	);
}

function Warnings({ webhook }: { webhook: ServiceWebhook }) {
	const { t } = useTranslation("webhook");
	return (
		<>
			{webhook.shutBecause !== null && (
				<Alert color="red" icon={<IconLockX />} title={t("shut")}>
					<Text size="sm">{webhook.shutBecause}</Text>
				</Alert>
			)}
			{isOnlyLocal(webhook.url) && (
				<Alert color="blue" icon={<IconInfoCircle />} title={t("onlyLocal")}>
					<Text size="sm">{t("onlyLocalHelp")}</Text>
				</Alert>
			)}
		</>
	);
}

function Steps({ steps }: { steps: readonly string[] }) {
	const { t } = useTranslation("webhook");
	return steps.length === 0 ? null : (
		<Block title={t("steps")}>
			<List type="ordered" size="sm" spacing="xs" className="webhook-steps">
				{steps.map((step) => (
					<List.Item key={step}>{step}</List.Item>
				))}
			</List>
		</Block>
	);
}

function TryIt({ webhook }: { webhook: ServiceWebhook }) {
	const { t } = useTranslation("webhook");
	return (
		<Block title={t("tryIt")} lead={t("tryItHelp")}>
			<CodeBlock label={t("tryItCommand")} text={curlFor(webhook)} />
		</Block>
	);
}
