// One entry that waits for a person: what it is, why it waits, and the two ways on.

import { Anchor, Button, Group, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiDeleteParkedId, cmiGetParkedId, type CmiGetParkedId200, cmiPostParkedIdRetry } from "#web/api/cmi.ts";
import { read } from "#web/api/read.ts";
import { CodeBlock } from "#web/ui/code.tsx";
import { Confirm } from "#web/ui/confirm.tsx";
import { Facts } from "#web/ui/facts.tsx";
import { tell } from "#web/ui/notice.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked, Failed } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";

export function ParkedEntryPage() {
	const { t } = useTranslation("refused");
	const { id } = useParams({ from: "/parked/$id" });
	const entry = useQuery(read(["parked", id], (options) => cmiGetParkedId(id, options)));
	return (
		<Page title={t("parked.one")} crumbs={[{ label: t("parked.title"), to: "/parked" }]} isNarrow>
			<Asked query={entry}>{({ body }) => <Entry entry={body} />}</Asked>
		</Page>
	);
}

function Entry({ entry }: { entry: CmiGetParkedId200 }) {
	const { t } = useTranslation("refused");
	const { message, content, request } = entry;
	return (
		<Stack>
			<Actions entry={entry} />
			<Facts
				facts={[
					[t("parked.kind"), `${t(`parked.kinds.${entry.kind}`)} (${t(`parked.events.${entry.event}`)})`],
					[t("service"), entry.serviceName ?? "–"],
					[t("parked.since"), <Time key="since" at={entry.since} isExact />],
					[t("columns.why"), entry.reason ?? "–"],
					[t("parked.attempts"), entry.attempts],
					[
						t("parked.message"),
						message === null ? (
							"–"
						) : (
							<Anchor
								key="message"
								renderRoot={(props) => <Link to="/messages/$id" params={{ id: message }} {...props} />}
							>
								{message}
							</Anchor>
						),
					],
				]}
			/>
			{content !== null && <CodeBlock label={t("content")} text={JSON.stringify(content, undefined, 2)} />}
			{request !== null && <CodeBlock label={t("parked.request")} text={JSON.stringify(request, undefined, 2)} />}
		</Stack>
	);
}

function Actions({ entry: { id, kind, retryable } }: { entry: CmiGetParkedId200 }) {
	const { t } = useTranslation("refused");
	const navigate = useNavigate();
	const queries = useQueryClient();
	const [asks, setAsks] = useState(false);
	const leave = async () => {
		await queries.invalidateQueries({ queryKey: ["parked"] });
		await navigate({ to: "/parked" });
	};
	const retry = useMutation({
		mutationFn: () => cmiPostParkedIdRetry(id),
		async onSuccess() {
			tell(t("parked.retried"));
			await leave();
		},
	});
	return (
		<>
			<Group>
				<Button loading={retry.isPending} disabled={!retryable} onClick={() => retry.mutate()}>
					{t(`parked.retry.${kind}`)}
				</Button>
				<Button color="red.9" onClick={() => setAsks(true)}>
					{t("parked.discard")}
				</Button>
			</Group>
			{retry.error !== null && <Failed error={retry.error} />}
			<Confirm
				isOpen={asks}
				title={t("parked.discard")}
				verb={t("parked.discard")}
				isDangerous
				onConfirm={async () => {
					await cmiDeleteParkedId(id);
					await leave();
				}}
				onClose={() => setAsks(false)}
			>
				{t("parked.discardLead")}
			</Confirm>
		</>
	);
}
