// What happened to a message, in order: a sentence for each, the time between, and the facts for who wants to know more.

import { Stack, Text } from "@mantine/core";
import {
	IconArrowsExchange,
	IconDatabase,
	IconDoorEnter,
	IconFile,
	IconGitMerge,
	IconMail,
	IconPointFilled,
	IconReceipt,
	IconSend,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { TraceEntry } from "#web/api/objects.ts";
import { CodeBlock } from "#web/ui/code.tsx";
import { Facts } from "#web/ui/facts.tsx";
import { Timeline, type TimelineEntry } from "#web/ui/timeline.tsx";
import { type Told, toldOf } from "./trace-words.ts";

const icons: Readonly<Record<string, typeof IconMail>> = {
	"request.received": IconDoorEnter,
	"event.stored": IconDatabase,
	"event.finished": IconDatabase,
	receipt: IconReceipt,
	"attempt.started": IconSend,
	"attempt.finished": IconSend,
	"message.received": IconMail,
	"message.queued": IconMail,
	"message.matched": IconGitMerge,
	"message.state": IconArrowsExchange,
	"attachment.state": IconFile,
};

export function Trace({ entries }: { entries: readonly TraceEntry[] }) {
	const { t } = useTranslation("messages");
	const say = useSentence();
	const shown = entries.map((entry, index): TimelineEntry => {
		const told = toldOf(entry);
		return {
			key: `${entry.at} ${entry.what} ${index}`,
			at: entry.at,
			who: entry.who,
			tone: told.tone,
			Icon: icons[entry.what] ?? IconPointFilled,
			title: say(told),
			children: <Body entry={entry} told={told} number={index + 1} />,
		};
	});
	return <Timeline label={t("trace.title")} entries={shown} />;
}

function useSentence(): (told: Told) => string {
	const { t } = useTranslation("messages");
	return ({ says, values = {}, states = {} }) => {
		const words = Object.entries(states).map(([name, state]) => [name, t(`states.${state}`, { defaultValue: state })]);
		return t(`trace.says.${says}`, { ...values, ...(Object.fromEntries(words) as Record<string, string>) });
	};
}

type BodyProps = { entry: TraceEntry; told: Told; number: number };

function Body({ entry, told, number }: BodyProps) {
	const { t } = useTranslation("messages");
	const facts = Object.entries(entry.detail as Readonly<Record<string, unknown>>).filter(([, value]) => value !== null);
	const plain = facts.filter(([, value]) => typeof value !== "object");
	const nested = facts.filter(([, value]) => typeof value === "object");
	return (
		<Stack gap={4}>
			{told.note !== undefined && <Text size="sm">{told.note}</Text>}
			{told.person !== undefined && (
				<Text size="sm" className="breaks">
					{told.person.because === undefined
						? t("trace.by", { user: told.person.user })
						: t("trace.byBecause", { user: told.person.user, because: told.person.because })}
				</Text>
			)}
			{told.others !== undefined && (
				<Text size="sm" c="dimmed">
					{t(`trace.others.${told.others.key}`, { minutes: told.others.minutes })}
				</Text>
			)}
			{callsIn(entry.detail).map((line) => (
				<Text key={line} size="xs" ff="monospace">
					{line}
				</Text>
			))}
			{facts.length > 0 && (
				<details>
					<summary>{t("trace.more")}</summary>
					<Stack gap="xs" pt={4}>
						<Facts facts={plain.map(([name, value]) => [name, String(value)])} />
						{nested.map(([name, value]) => (
							<CodeBlock key={name} label={`${name} (${number})`} text={JSON.stringify(value, undefined, 2)} />
						))}
					</Stack>
				</details>
			)}
		</Stack>
	);
}

type Call = { method?: unknown; url?: unknown; status?: unknown; result?: unknown; durationMs?: unknown };

/** The calls of an attempt, each in a line. */
function callsIn(detail: unknown): readonly string[] {
	const { exchange } = detail as { exchange?: unknown };
	return Array.isArray(exchange)
		? (exchange as readonly Call[]).map(
				({ method, url, status, result, durationMs }) =>
					`${String(method)} ${String(url)} → ${String(status ?? result)}, ${String(durationMs)} ms`,
			)
		: [];
}
