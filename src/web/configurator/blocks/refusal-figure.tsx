// Refusals of the last seven days by cause, as bars with their numbers: what was refused, and what enforcing would have
// refused. A table underneath, so that it is read as well as seen.

import { Group, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Scroller } from "#web/ui/scroller.tsx";
import { Time } from "#web/ui/time.tsx";
import { type Cause, causesOf, type Refusal } from "./refusal-causes.ts";
import { useReasonWords } from "./refusal-words.ts";
import "./service-blocks.css";

export function RefusalFigure({ refusals }: { refusals: readonly Refusal[] }) {
	const { t } = useTranslation("webhook");
	const causes = causesOf(refusals);
	const largest = Math.max(...causes.map(({ total }) => total), 1);
	if (causes.length === 0) {
		return (
			<Group gap="xs" wrap="nowrap">
				<IconCircleCheck size={18} aria-hidden />
				<Text size="sm">{t("figure.none")}</Text>
			</Group>
		);
	}
	return (
		<Scroller label={t("figure.title")}>
			<table className="refusals">
				<caption>{t("figure.title")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("figure.cause")}</th>
						<th scope="col">{t("figure.calls")}</th>
						<th scope="col">{t("figure.last")}</th>
					</tr>
				</thead>
				<tbody>
					{causes.map((cause) => (
						<CauseRow key={cause.reason} cause={cause} largest={largest} />
					))}
				</tbody>
			</table>
			<Group gap="md" mt="xs" className="refusals-legend">
				<span>
					<i className="refusals-bar is-would-be" aria-hidden /> {t("figure.wouldBe")}
				</span>
				<span>
					<i className="refusals-bar is-refused" aria-hidden /> {t("figure.refused")}
				</span>
			</Group>
		</Scroller>
	);
}

function CauseRow({ cause, largest }: { cause: Cause; largest: number }) {
	const { t } = useTranslation("webhook");
	const reasonWords = useReasonWords();
	const share = (count: number) => ({ inlineSize: `${(count / largest) * 60}%` });
	return (
		<tr>
			<th scope="row">{reasonWords(cause.reason)}</th>
			<td>
				<span className="refusals-track">
					<i className="refusals-bar is-would-be" style={share(cause.wouldBe)} aria-hidden />
					<i className="refusals-bar is-refused" style={share(cause.refused)} aria-hidden />
					<span>
						{[
							...(cause.wouldBe > 0 ? [t("figure.countWouldBe", { count: cause.wouldBe })] : []),
							...(cause.refused > 0 ? [t("figure.countRefused", { count: cause.refused })] : []),
						].join(" · ")}
					</span>
				</span>
			</td>
			<td>
				<Time at={cause.lastAt} />
			</td>
		</tr>
	);
}
