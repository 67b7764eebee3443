// One refused request: why, what would have fitted, its content on demand, and what can be done with it.

import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { cmiGetQuarantineId, type CmiGetQuarantineId200, cmiGetQuarantineIdExplanation } from "#web/api/cmi.ts";
import { isProblem } from "#web/api/problem.ts";
import { read } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { Copyable } from "#web/ui/copy.tsx";
import { Facts } from "#web/ui/facts.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked, Empty } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { RequestActions } from "./request-actions.tsx";
import { SealedContent } from "./sealed-content.tsx";

export function RefusedRequestPage() {
	const { t } = useTranslation("refused");
	const { id } = useParams({ from: "/quarantine/$id" });
	const refused = useQuery({
		...read(["quarantine", id], (options) => cmiGetQuarantineId(id, options)),
		// While a wish is open, the SMS Server is at it.
		refetchInterval: ({ state }) =>
			state.error === null && state.data !== undefined && state.data.body.wish !== "none" ? 1000 : false,
	});
	const isGone = refused.data !== undefined && isProblem(refused.error, "not_found");
	return (
		<Page title={t("one")} crumbs={[{ label: t("title"), to: "/quarantine" }]} isNarrow>
			{isGone ? <Gone /> : <Asked query={refused}>{({ body }) => <Refused refused={body} />}</Asked>}
		</Page>
	);
}

/** It was there a moment ago. */
function Gone() {
	const { t } = useTranslation("refused");
	return (
		<div role="status">
			<Empty
				title={t("gone")}
				action={
					<PageLink to="/messages" size="md">
						{t("toMessages")}
					</PageLink>
				}
			>
				{t("goneNext")}
			</Empty>
		</div>
	);
}

function Refused({ refused }: { refused: CmiGetQuarantineId200 }) {
	const { t } = useTranslation("refused");
	return (
		<>
			<Explanation refused={refused} />
			<RequestActions refused={refused} />
			<Facts
				facts={[
					[t("service"), refused.serviceName ?? "–"],
					[t("columns.time"), <Time key="time" at={refused.receivedAt} isExact />],
					[t("columns.from"), refused.remoteAddress ?? "–"],
					[t("columns.bytes"), refused.bytes],
					[t("checkedAt"), <Time key="checked" at={refused.checkedAt} isExact />],
					[t("bodyHash"), <Copyable key="hash" label={t("bodyHash")} text={refused.bodyHash} />],
					[t("id"), <Copyable key="id" label={t("id")} text={refused.id} />],
				]}
			/>
			<SealedContent id={refused.id} service={refused.service} />
		</>
	);
}

/** The general cause at once; what would have made this one genuine as soon as that has been tried. */
function Explanation({ refused: { id, checkedAt, explanation: why } }: { refused: CmiGetQuarantineId200 }) {
	const { t } = useTranslation("refused");
	const explanation = useQuery({
		...read(["explanation", id, checkedAt], (options) => cmiGetQuarantineIdExplanation(id, options)),
		retry: false,
	});
	return (
		<Block title={t("explanation")}>
			<Text>{why}</Text>
			<Asked query={explanation} rows={1}>
				{({ body }) => (
					<>
						{body.says !== why && <Text>{body.says}</Text>}
						{body.advice !== null && <Text fw={600}>{body.advice}</Text>}
					</>
				)}
			</Asked>
		</Block>
	);
}
