// Things in the order in which they happened, one below the other, with the time that passed between them.

import "./timeline.css";
import { Text } from "@mantine/core";
import type { IconCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { momentFormat } from "./moments.ts";
import type { Tone } from "./chip.tsx";
import { spanText } from "./span.ts";

export type TimelineEntry = {
	key: string;
	/** RFC 3339. */
	at: string;
	/** Who did it. */
	who: string;
	tone: Tone;
	Icon: typeof IconCircle;
	title: ReactNode;
	children?: ReactNode;
};

export function Timeline({ label, entries }: { label: string; entries: readonly TimelineEntry[] }) {
	return (
		<ol className="timeline" aria-label={label}>
			{entries.map((entry, index) => (
				<Entry key={entry.key} entry={entry} before={entries[index - 1]} />
			))}
		</ol>
	);
}

function Entry({ entry, before }: { entry: TimelineEntry; before: TimelineEntry | undefined }) {
	const { t, i18n } = useTranslation("ui");
	const { at, who, tone, Icon, title, children } = entry;
	const moment = new Date(at);
	const sinceMs = before === undefined ? 0 : Date.parse(at) - Date.parse(before.at);
	const isNewDay = before === undefined || new Date(before.at).toDateString() !== moment.toDateString();
	return (
		<li className="timeline-entry">
			<span className={`timeline-mark chip-${tone}`} aria-hidden>
				<Icon size={16} />
			</span>
			<div className="timeline-body">
				<Text fw={600}>{title}</Text>
				<Text size="xs" c="dimmed">
					<time dateTime={at} title={at}>
						{preciseTime(moment, i18n.language, isNewDay)}
					</time>
					{sinceMs > 0 && (
						<span className="timeline-span">{t("later", { span: spanText(sinceMs, i18n.language) })}</span>
					)}
					<span className="timeline-span">{who}</span>
				</Text>
				{children}
			</div>
		</li>
	);
}

/** To the millisecond; the day where it is another one than before. */
function preciseTime(moment: Date, language: string, isWithDay: boolean): string {
	return momentFormat(language, {
		...(isWithDay ? { year: "numeric", month: "short", day: "numeric" } : {}),
		hour: "2-digit",
		minute: "2-digit",
		second: "2-digit",
		fractionalSecondDigits: 3,
	}).format(moment);
}
