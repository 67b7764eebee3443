// One messaging service in detail: state and next step, the last 24 hours, what waits, the last fault, what was refused.

import { Card, Group, SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { MessagingService, ServiceHealth } from "#web/api/objects.ts";
import { Block } from "#web/ui/block.tsx";
import { type Fact, Facts } from "#web/ui/facts.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { NextStep } from "../../blocks/next-step.tsx";
import { serviceQuery } from "../../blocks/service-queries.ts";
import { StateChip } from "../../blocks/state-chip.tsx";
import { healthOf } from "../../blocks/health-queries.ts";
import { DayCard } from "./day-card.tsx";
import { useFaultWords } from "./fault-words.ts";
import { useFigures } from "./figures.ts";
import { Refusals } from "./refusals.tsx";

export function HealthOfOne({ id }: { id: string }) {
	const { t } = useTranslation("health");
	const service = useQuery(serviceQuery(id));
	const health = useQuery(healthOf(id));
	const name = service.data?.body.name ?? t("title");
	return (
		<Page
			title={name}
			lead={t("leadOfOne")}
			crumbs={[{ label: t("title"), to: "/health" }]}
			mark={health.data !== undefined && <StateChip state={health.data.body.state} />}
			actions={
				service.data !== undefined && (
					<PageLink to="/services/$id" params={{ id }} size="md">
						{t("toService")}
					</PageLink>
				)
			}
		>
			<Asked query={service} rows={2}>
				{({ body }) => (
					<Asked query={health} rows={8}>
						{({ body: found }) => <Details service={body} health={found} />}
					</Asked>
				)}
			</Asked>
		</Page>
	);
}

function Details({ service, health }: { service: MessagingService; health: ServiceHealth }) {
	const { id, name, allowed } = service;
	const { state, because, action } = health;
	return (
		<>
			<Card withBorder role="status">
				<Group justify="space-between" gap="xs">
					<Text size="sm">
						{because} {action}
					</Text>
					<NextStep {...{ id, name, state, because, action }} mayModify={allowed.includes("modify")} isCloser />
				</Group>
			</Card>
			<SimpleGrid cols={{ base: 1, md: 2 }}>
				<Lately health={health} />
				<Waiting id={id} health={health} />
			</SimpleGrid>
			<DayCard hours={health.history} />
			<LastFault health={health} />
			<Refusals id={id} refusals={health.refusals} />
		</>
	);
}

function Lately({ health }: { health: ServiceHealth }) {
	const { t } = useTranslation("health");
	const { count, percent, duration } = useFigures();
	const { latency } = health;
	const facts: readonly Fact[] = [
		[t("facts.received"), count(health.received)],
		[t("facts.sent"), count(health.sent)],
		[t("facts.errorRate"), percent(health)],
		[
			t("facts.latency"),
			latency === null
				? "–"
				: t("facts.latencyTold", {
						median: duration(latency.medianMs),
						p95: duration(latency.p95Ms),
						count: latency.samples,
					}),
		],
		[t("facts.lastInbound"), <Time key="in" at={health.lastInbound} never={t("never")} />],
		[t("facts.lastOutbound"), <Time key="out" at={health.lastOutbound} never={t("never")} />],
	];
	return (
		<Block title={t("lately")}>
			<Facts facts={facts} />
		</Block>
	);
}

function Waiting({ id, health }: { id: string; health: ServiceHealth }) {
	const { t } = useTranslation("health");
	const { count } = useFigures();
	const { outgoing, incoming, quarantined } = health.backlog;
	const facts: readonly Fact[] = [
		[t("facts.outgoing"), count(outgoing)],
		[t("facts.incoming"), count(incoming)],
		[
			t("facts.quarantined"),
			<Group key="quarantined" gap="sm">
				{count(quarantined)}
				{quarantined > 0 && (
					<PageLink to="/quarantine" search={{ service: id }}>
						{t("toQuarantine")}
					</PageLink>
				)}
			</Group>,
		],
		...upkeepFacts(health, t),
	];
	return (
		<Block title={t("waiting")}>
			<Facts facts={facts} />
			<PageLink to="/messages" search={{ service: id }}>
				{t("toMessages")}
			</PageLink>
		</Block>
	);
}

type Words = ReturnType<typeof useTranslation<"health">>["t"];

/** Only of types that ask the provider now and then. */
function upkeepFacts({ upkeep }: ServiceHealth, t: Words): readonly Fact[] {
	return upkeep === null
		? []
		: [
				[t("facts.lastRound"), <Time key="last" at={upkeep.lastRound} never={t("never")} />],
				[t("facts.nextRound"), <Time key="next" at={upkeep.nextRound} />],
				...(upkeep.trouble === null ? [] : [[t("facts.upkeepTrouble"), upkeep.trouble.detail] as const]),
			];
}

function LastFault({ health: { lastFault, faultsInARow } }: { health: ServiceHealth }) {
	const { t } = useTranslation("health");
	const faultWords = useFaultWords();
	if (lastFault === null) {
		return (
			<Block title={t("columns.fault")}>
				<Text c="dimmed">{t("noFault")}</Text>
			</Block>
		);
	}
	return (
		<Block title={t("columns.fault")}>
			<Facts
				facts={[
					[t("facts.when"), <Time key="when" at={lastFault.at} />],
					[t("facts.kind"), `${faultWords(lastFault.code)} (${lastFault.code})`],
					[t("facts.sentence"), lastFault.detail],
					[t("facts.inARow"), t("inARow", { count: faultsInARow })],
				]}
			/>
		</Block>
	);
}
