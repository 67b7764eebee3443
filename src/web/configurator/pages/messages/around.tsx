// The conversation around a message: what was said just before and after it.

import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { IconArrowDownLeft, IconArrowUpRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { cmiGetMessages } from "#web/api/cmi.ts";
import type { Message } from "#web/api/objects.ts";
import { read } from "#web/api/read.ts";
import { PageLink } from "#web/ui/page-link.tsx";
import { Asked } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { snippet } from "./live-rows.ts";

const aroundMax = 15;

export function Around({ message, conversation }: { message: Message; conversation: string }) {
	const { t } = useTranslation("messages");
	const { id, receivedAt } = message;
	const about = { conversation, limit: aroundMax };
	const before = useQuery(
		read(["conversations", conversation, "before", id], (options) =>
			cmiGetMessages({ ...about, until: receivedAt, order: "desc" }, options),
		),
	);
	const after = useQuery(
		read(["conversations", conversation, "after", id], (options) =>
			cmiGetMessages({ ...about, since: receivedAt, order: "asc" }, options),
		),
	);
	return (
		<Card withBorder component="section" aria-labelledby="around">
			<Stack gap="xs">
				<Group justify="space-between">
					<Title order={2} size="h4" id="around">
						{t("conversation")}
					</Title>
					<PageLink to="/messages" search={{ conversation }}>
						{t("conversationAll")}
					</PageLink>
				</Group>
				<Asked query={before} rows={2}>
					{(earlier) => (
						<Asked query={after} rows={2}>
							{(later) => <Lines id={id} messages={[...earlier.body.toReversed(), ...later.body]} />}
						</Asked>
					)}
				</Asked>
			</Stack>
		</Card>
	);
}

function Lines({ id, messages }: { id: string; messages: readonly Message[] }) {
	const { t } = useTranslation("messages");
	return (
		<ol className="plain-list" aria-labelledby="around">
			{messages.map((one) => {
				const Icon = one.direction === "in" ? IconArrowDownLeft : IconArrowUpRight;
				const isHere = one.id === id;
				return (
					<li key={one.id} className="around-line" {...(isHere ? { "data-here": true } : {})}>
						<Icon size={14} role="img" aria-label={t(`directions.${one.direction}`)} className="mirrors" />
						<PageLink to="/messages/$id" params={{ id: one.id }} aria-current={isHere ? "true" : undefined}>
							<bdi>{one.text === "" ? t("noText") : snippet(one.text, 80)}</bdi>
						</PageLink>
						<Text size="xs" c="dimmed">
							<Time at={one.receivedAt} />
						</Text>
					</li>
				);
			})}
		</ol>
	);
}
