// What happened to a message, in order, with the time between; each entry opens to its facts.

import { Code, Group, Stack, Text, Timeline } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { TraceEntry } from "#web/api/objects.ts";
import { Time } from "#web/ui/time.tsx";

const known = [
	...([
		"request.received",
		"event.stored",
		"event.finished",
		"receipt",
		"attempt.started",
		"attempt.finished",
	] as const),
	...(["message.received", "message.matched", "message.parked", "message.retried", "message.queued"] as const),
	...(["message.state", "attachment.state"] as const),
];
type Known = (typeof known)[number];

export function Trace({ entries }: { entries: readonly TraceEntry[] }) {
	return (
		<Timeline active={entries.length} bulletSize={18} lineWidth={2}>
			{entries.map((entry, index) => (
				<Timeline.Item
					key={`${entry.at} ${entry.what} ${index}`}
					title={<Head entry={entry} before={entries[index - 1]} />}
				>
					<Detail entry={entry} />
				</Timeline.Item>
			))}
		</Timeline>
	);
}

function Head({ entry, before }: { entry: TraceEntry; before: TraceEntry | undefined }) {
	const { t } = useTranslation("messages");
	const what = known.find((one): one is Known => one === entry.what);
	const sinceMs = before === undefined ? undefined : Date.parse(entry.at) - Date.parse(before.at);
	return (
		<Group gap="xs">
			<Text span fw={600}>
				{what === undefined ? entry.what : t(`trace.what.${keyOf(what)}`)}
			</Text>
			<Text span size="xs" c="dimmed">
				{entry.who} · <Time at={entry.at} isExact />
				{sinceMs !== undefined && ` · ${t("trace.after", { ms: sinceMs })}`}
			</Text>
		</Group>
	);
}

type KeyOf<T extends string> = T extends `${infer A}.${infer B}` ? `${A}_${B}` : T;

/** A dot would be a step down in the catalogue. */
function keyOf<T extends string>(what: T): KeyOf<T> {
	return what.replace(".", "_") as KeyOf<T>;
}

function Detail({ entry: { detail } }: { entry: TraceEntry }) {
	const { t } = useTranslation("messages");
	const facts = Object.entries(detail as Readonly<Record<string, unknown>>).filter(([, value]) => value !== null);
	const plain = facts.filter(([, value]) => typeof value !== "object");
	const nested = facts.filter(([, value]) => typeof value === "object");
	return (
		<Stack gap={4}>
			<Text size="sm" className="trace-facts">
				{plain.map(([name, value]) => `${name}: ${String(value)}`).join(" · ")}
			</Text>
			{nested.length > 0 && (
				<details>
					<summary>{t("trace.more")}</summary>
					<Code block tabIndex={0}>
						{JSON.stringify(Object.fromEntries(nested), undefined, 2)}
					</Code>
				</details>
			)}
		</Stack>
	);
}
