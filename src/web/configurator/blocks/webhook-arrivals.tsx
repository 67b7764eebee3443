// The light that waits for the provider, and the last calls with what became of each.

import { Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { IconCircleCheck, IconCircleX, IconClockPause, IconLockAccess, IconRadar2 } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiGetQuarantine, cmiGetQuarantineIdExplanation } from "#web/api/cmi.ts";
import type { MessagingService } from "#web/api/objects.ts";
import { type Answer, read, shaped, toAnswer } from "#web/api/read.ts";
import { Chip, type Tone } from "#web/ui/chip.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Time } from "#web/ui/time.tsx";
import { knownReason } from "./refusal-causes.ts";
import { type Call, entryOf, type Refused, type Verdict, verdictOf } from "./webhook-facts.ts";

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

export function WebhookArrivals({ service, calls }: { service: MessagingService; calls: readonly Call[] }) {
	const { t } = useTranslation("webhook");
	const refused = useRefused(service.id, calls);
	const [newest] = calls;
	const [seen, setSeen] = useState<string>();
	const arrived = newest?.at === seen ? undefined : newest;
	return (
		<section aria-labelledby="webhook-arrivals">
			<Title order={2} size="h4" id="webhook-arrivals" mb="sm">
				{t("arrivals")}
			</Title>
			<Stack gap="sm">
				<Light call={arrived} entry={arrived && entryOf(arrived, refused)} />
				{arrived !== undefined && (
					<Button variant="default" size="xs" w="fit-content" onClick={() => setSeen(arrived.at)}>
						{t("waitAgain")}
					</Button>
				)}
				{calls.length > 0 && <LastCalls calls={calls} refused={refused} />}
			</Stack>
		</section>
	);
}

/** The light tells a screen reader by itself when it turns. */
function Light({ call, entry }: { call: Call | undefined; entry: Refused | undefined }) {
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
						<Attempt call={call} entry={entry} />
					)}
				</Stack>
			</Group>
		</Card>
	);
}

function Attempt({ call, entry }: { call: Call; entry: Refused | undefined }) {
	const { t } = useTranslation("webhook");
	const from = call.remoteAddress ?? t("unknownSender");
	return (
		<>
			<Text size="sm">
				<Time at={call.at} isExact /> · {t(`kinds.${call.kind}`)} · {t("answeredWith", { status: call.status, from })}
			</Text>
			{verdictOf(call) === "kept" && <Text size="sm">{t("keptBecause")}</Text>}
			{call.says !== null && <Text size="sm">{call.says}</Text>}
			{entry !== undefined && <Explanation id={entry.id} />}
		</>
	);
}

/** What would make the call genuine, as far as the server finds out. */
function Explanation({ id }: { id: string }) {
	const { t } = useTranslation("webhook");
	const { data } = useQuery(
		read(["quarantine", id, "explanation"], (options) => cmiGetQuarantineIdExplanation(id, options)),
	);
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

function LastCalls({ calls, refused }: { calls: readonly Call[]; refused: readonly Refused[] }) {
	const { t } = useTranslation("webhook");
	return (
		<Card withBorder padding="md">
			<Title order={3} size="h5" id="webhook-last-calls">
				{t("lastCalls")}
			</Title>
			<ul className="plain-list ruled-list" aria-labelledby="webhook-last-calls">
				{calls.map((call, index) => (
					<li key={`${call.at} ${index}`}>
						<PastCall call={call} entry={entryOf(call, refused)} />
					</li>
				))}
			</ul>
		</Card>
	);
}

/** Short: the light says it in full. */
function PastCall({ call, entry }: { call: Call; entry: Refused | undefined }) {
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
				{entry !== undefined && <QuarantineLink id={entry.id} />}
			</Group>
		</Stack>
	);
}

/** Asked again when another refused call came; not asked at all while there is none. */
function useRefused(serviceId: string, calls: readonly Call[]): readonly Refused[] {
	const newest = calls.find(({ reason }) => reason !== null)?.at;
	const { data } = useQuery({
		queryKey: shaped(["quarantine", serviceId, newest], "ofCalls"),
		enabled: newest !== undefined,
		placeholderData: keepPreviousData,
		queryFn: ({ signal }) => everyRefused(serviceId, signal),
	});
	return data ?? [];
}

const pagesMax = 20; // Of a thousand: more than what is kept of one service.

async function everyRefused(service: string, signal: AbortSignal): Promise<readonly Refused[]> {
	const found: Refused[] = [];
	let at: { cursor?: string } = {};
	for (let page = 0; page < pagesMax; page += 1) {
		const answer: Answer<Refused[]> = toAnswer(await cmiGetQuarantine({ service, limit: 1000, ...at }, { signal }));
		found.push(...answer.body);
		if (answer.next === null) {
			break;
		}
		at = { cursor: answer.next };
	}
	return found;
}
