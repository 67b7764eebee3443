// The light that waits for the provider, and the last calls with what became of each.

import { Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { IconCircleCheck, IconCircleX, IconClockPause, IconLockAccess, IconRadar2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiGetQuarantineIdExplanation } from "#web/api/cmi.ts";
import { read } from "#web/api/read.ts";
import { Chip, type Tone } from "#web/ui/chip.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Time } from "#web/ui/time.tsx";
import { knownReason } from "./refusal-causes.ts";
import { type Call, type Verdict, verdictOf } from "./webhook-facts.ts";

const tones: Readonly<Record<Verdict, Tone>> = {
	genuine: "good",
	answered: "good",
	kept: "warning",
	later: "warning",
	refused: "bad",
};
const lightIcons = {
	genuine: IconCircleCheck,
	answered: IconCircleCheck,
	kept: IconLockAccess,
	later: IconClockPause,
	refused: IconCircleX,
	waiting: IconRadar2,
} as const;

export function WebhookArrivals({ calls }: { calls: readonly Call[] }) {
	const { t } = useTranslation("webhook");
	const [newest] = calls;
	const [seen, setSeen] = useState<string>();
	const arrived = newest?.at === seen ? undefined : newest;
	return (
		<section aria-labelledby="webhook-arrivals">
			<Title order={2} size="h4" id="webhook-arrivals" mb="sm">
				{t("arrivals")}
			</Title>
			<Stack gap="sm">
				<Light call={arrived} />
				{arrived !== undefined && (
					<Button variant="default" size="xs" w="fit-content" onClick={() => setSeen(arrived.at)}>
						{t("waitAgain")}
					</Button>
				)}
				{calls.length > 0 && <LastCalls calls={calls} />}
			</Stack>
		</section>
	);
}

/** The light tells a screen reader by itself when it turns. */
function Light({ call }: { call: Call | undefined }) {
	const { t } = useTranslation("webhook");
	const look = call === undefined ? "waiting" : verdictOf(call);
	const Icon = lightIcons[look];
	return (
		<Card withBorder padding="md" role="status" className={`light light-${look}`}>
			<Group wrap="nowrap" align="flex-start">
				<Icon size={28} aria-hidden className="light-icon" />
				<Stack gap={4}>
					<Text fw={650}>{t(`light.${look}`)}</Text>
					{call === undefined ? (
						<Text size="sm" c="dimmed">
							{t("waitingHelp")}
						</Text>
					) : (
						<Attempt call={call} />
					)}
				</Stack>
			</Group>
		</Card>
	);
}

function Attempt({ call }: { call: Call }) {
	const { t } = useTranslation("webhook");
	const from = call.remoteAddress ?? t("unknownSender");
	return (
		<>
			<Text size="sm">
				<Time at={call.at} isExact /> · {t(`kinds.${call.kind}`)} · {t("answeredWith", { status: call.status, from })}
			</Text>
			{verdictOf(call) === "kept" && call.mode !== null && (
				<Text size="sm">{t("keptBecause", { mode: t(`mode.names.${call.mode}`) })}</Text>
			)}
			{call.says !== null && <Text size="sm">{call.says}</Text>}
			{call.quarantined !== null && <Explanation id={call.quarantined} />}
		</>
	);
}

/** What would make the call genuine, as far as the server finds out. */
function Explanation({ id }: { id: string }) {
	const { t } = useTranslation("webhook");
	const { data } = useQuery(read(["explanation", id], (options) => cmiGetQuarantineIdExplanation(id, options)));
	const told = data?.body;
	return (
		<>
			{told !== undefined && told.cause !== null && (
				<Text size="sm" fw={600}>
					{t("mismatch", { says: told.says })}
				</Text>
			)}
			{told !== undefined && told.advice !== null && <Text size="sm">{told.advice}</Text>}
			<QuarantineLink id={id} />
		</>
	);
}

function QuarantineLink({ id }: { id: string }) {
	const { t } = useTranslation("webhook");
	return (
		<PageLink to="/quarantine/$id" params={{ id }}>
			{t("toQuarantine")}
		</PageLink>
	);
}

function LastCalls({ calls }: { calls: readonly Call[] }) {
	const { t } = useTranslation("webhook");
	return (
		<Card withBorder padding="md">
			<Title order={3} size="h5" id="webhook-last-calls">
				{t("lastCalls")}
			</Title>
			<ul className="plain-list ruled-list" aria-labelledby="webhook-last-calls">
				{calls.map((call, index) => (
					<li key={`${call.at} ${index}`}>
						<PastCall call={call} />
					</li>
				))}
			</ul>
		</Card>
	);
}

/** Short: the light says it in full. */
function PastCall({ call }: { call: Call }) {
	const { t } = useTranslation("webhook");
	const verdict = verdictOf(call);
	const known = knownReason(call.reason ?? "");
	const why = known === undefined ? (call.says ?? t(`kinds.${call.kind}`)) : t(`reasons.${known}`);
	return (
		<Stack gap={2}>
			<Group justify="space-between" gap="xs">
				<Chip tone={tones[verdict]}>{t(`verdicts.${verdict}`)}</Chip>
				<Text size="sm" c="dimmed">
					<Time at={call.at} />
				</Text>
			</Group>
			<Text size="sm" title={call.says ?? undefined}>
				{why}
			</Text>
			<Group justify="space-between" gap="xs">
				<Text size="xs" c="dimmed">
					{t("answeredWith", { status: call.status, from: call.remoteAddress ?? t("unknownSender") })}
				</Text>
				{call.quarantined !== null && <QuarantineLink id={call.quarantined} />}
			</Group>
		</Stack>
	);
}
