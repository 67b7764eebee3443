// The check of a service: its steps as they come in, the one thing to do next, and the checks before.

import { Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconStethoscope } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { MessagingService, ServiceCheck } from "#web/api/objects.ts";
import { rciGetMessagingServicesIdChecks } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { Caution } from "#web/ui/caution.tsx";
import { Chip } from "#web/ui/chip.tsx";
import { CopyAll } from "#web/ui/copy.tsx";
import { Asked, Failed } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { knownStep, nextOf, reportOf } from "./check-facts.ts";
import { CheckSteps } from "./check-steps.tsx";
import { type RunningCheck, useCheck } from "./use-check.ts";
import "./service-blocks.css";

export function CheckBlock({ service, autoStart = false }: { service: MessagingService; autoStart?: boolean }) {
	const { t } = useTranslation("webhook");
	const mayCheck = service.allowed.includes("modify");
	const run = useCheck(service.id, autoStart && mayCheck);
	return (
		<Stack gap="lg" maw="60rem">
			<Block
				title={t("check.title")}
				lead={mayCheck ? t("check.help") : t("check.needsModify")}
				actions={
					mayCheck && (
						<Button onClick={run.start} loading={run.isBusy} leftSection={<IconStethoscope size={16} aria-hidden />}>
							{run.check === undefined ? t("check.start") : t("check.again")}
						</Button>
					)
				}
			>
				{run.error !== undefined && <Failed error={run.error} again={run.start} />}
				<Progress run={run} service={service} />
			</Block>
			<EarlierChecks service={service} current={run.check?.id} />
		</Stack>
	);
}

function Progress({ run, service }: { run: RunningCheck; service: MessagingService }) {
	const { t } = useTranslation("webhook");
	const { check, shown, isBusy, isLate } = run;
	return (
		<Stack gap="sm" aria-live="polite" aria-busy={isBusy} aria-label={t("check.progress")} component="section">
			{check !== undefined && <CheckSteps steps={check.steps.slice(0, shown)} />}
			{isBusy && <Chip tone="pending">{shown === 0 ? t("check.asked") : t("check.running")}</Chip>}
			{isLate && <Caution>{t("check.late")}</Caution>}
			{check !== undefined && check.finishedAt !== null && !isBusy && <Verdict check={check} service={service} />}
		</Stack>
	);
}

function Verdict({ check, service }: { check: ServiceCheck; service: MessagingService }) {
	const { t } = useTranslation("webhook");
	const next = nextOf(check.steps);
	const look = !check.ok ? "failed" : next === undefined ? "passed" : "noted";
	const Icon = { failed: IconCircleX, noted: IconAlertTriangle, passed: IconCircleCheck }[look];
	return (
		<Card withBorder padding="md" className={`light light-${look}`}>
			<Group wrap="nowrap" align="flex-start">
				<Icon size={28} aria-hidden className="light-icon" />
				<Stack gap="xs" align="flex-start">
					<Text fw={650}>
						{t(`check.verdicts.${look}`, { count: check.steps.length, step: stepName(t, next?.step ?? "") })}
					</Text>
					{next !== undefined && next.advice !== null && (
						<Text size="sm">
							<b>{t("check.next")}</b> {next.advice}
						</Text>
					)}
					<CopyAll label={t("check.copy")} text={reportOf(check, service)} />
				</Stack>
			</Group>
		</Card>
	);
}

function stepName(t: ReturnType<typeof useTranslation<"webhook">>["t"], step: string): string {
	const known = knownStep(step);
	return known === undefined ? step : t(`check.steps.${known}`);
}

function EarlierChecks({ service, current }: { service: MessagingService; current: string | undefined }) {
	const { t } = useTranslation("webhook");
	const { id } = service;
	const query = useQuery(read(["service", id, "checks"], (options) => rciGetMessagingServicesIdChecks(id, options)));
	return (
		<section aria-labelledby="check-earlier">
			<Title order={2} size="h4" id="check-earlier" mb="sm">
				{t("check.earlier")}
			</Title>
			<Asked query={query} rows={2}>
				{({ body }) => {
					const earlier = body.filter((check) => check.id !== current);
					return earlier.length === 0 ? (
						<Text size="sm" c="dimmed">
							{t("check.noneEarlier")}
						</Text>
					) : (
						<Stack gap="xs" component="ul" className="plain-list">
							{earlier.map((check) => (
								<EarlierCheck key={check.id} check={check} service={service} />
							))}
						</Stack>
					);
				}}
			</Asked>
		</section>
	);
}

function EarlierCheck({ check, service }: { check: ServiceCheck; service: MessagingService }) {
	const { t } = useTranslation("webhook");
	const failed = check.steps.find(({ ok }) => !ok);
	const tone = check.finishedAt === null ? "pending" : check.ok ? "good" : "bad";
	return (
		<li className="check-earlier">
			<details>
				<summary>
					<Group gap="xs" component="span" display="inline-flex">
						<Chip tone={tone}>{t(`check.ends.${tone}`)}</Chip>
						<Text span size="sm">
							<Time at={check.askedAt} isExact />
						</Text>
						{failed !== undefined && (
							<Text span size="sm">
								{t("check.failedAt", { step: stepName(t, failed.step) })}
							</Text>
						)}
					</Group>
				</summary>
				<Stack gap="sm" mt="sm" align="flex-start">
					<CheckSteps steps={check.steps} />
					<CopyAll label={t("check.copy")} text={reportOf(check, service)} />
				</Stack>
			</details>
		</li>
	);
}
