// The messaging services that need somebody, with the one thing to do; or the sentence that none does.

import { Alert, List, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { RciGetMessagingServices200Item } from "#web/api/rci.ts";
import { Block } from "#web/ui/block.tsx";
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
		<Block title={t(mayAct ? "attention" : "attentionOfOthers", { count: troubled.length })}>
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
		</Block>
	);
}
