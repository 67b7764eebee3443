// The messaging services that need somebody, with the one thing to do; or the sentence that none does.

import { Alert, Card, List, Stack, Text, Title } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { RciGetMessagingServices200Item } from "#web/api/rci.ts";
import { PageLink } from "#web/ui/page-link.tsx";

export function Attention({ services }: { services: readonly RciGetMessagingServices200Item[] }) {
	const { t } = useTranslation("start");
	const troubled = services.filter(({ enabled, stateAction }) => enabled && stateAction !== null);
	const mayAct = troubled.some(({ allowed }) => allowed.includes("modify"));
	if (troubled.length === 0) {
		return (
			<Alert icon={<IconCircleCheck />} title={t("fine.title")}>
				{t("fine.lead", { count: services.length })}
			</Alert>
		);
	}
	return (
		<Card withBorder component="section" aria-labelledby="attention">
			<Stack gap="xs">
				<Title order={2} size="h4" id="attention">
					{t(mayAct ? "attention" : "attentionOfOthers", { count: troubled.length })}
				</Title>
				<List spacing="xs" listStyleType="none">
					{troubled.map(({ id, name, stateBecause, stateAction, allowed }) => (
						<List.Item key={id}>
							<PageLink to="/services/$id" params={{ id }} size="md" fw={600}>
								{name}
							</PageLink>
							<Text size="sm">
								{stateBecause} {allowed.includes("modify") && stateAction}
							</Text>
						</List.Item>
					))}
				</List>
			</Stack>
		</Card>
	);
}
