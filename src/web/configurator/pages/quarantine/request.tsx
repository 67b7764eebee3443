// One refused request: why, what would have fitted, its content on demand, and what can be done with it.

import { Alert, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
	cmiDeleteQuarantineId,
	cmiGetQuarantineId,
	type CmiGetQuarantineId200,
	cmiGetQuarantineIdExplanation,
	cmiGetQuarantineIdRequest,
	cmiPostQuarantineIdRelease,
	cmiPostQuarantineIdRetry,
} from "#web/api/cmi.ts";
import { read } from "#web/api/read.ts";
import { Confirm } from "#web/ui/confirm.tsx";
import { Copyable } from "#web/ui/copy.tsx";
import { Facts } from "#web/ui/facts.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked, Failed } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { RequestText } from "../../blocks/request-text.tsx";

export function RefusedRequestPage() {
	const { t } = useTranslation("refused");
	const { id } = useParams({ from: "/quarantine/$id" });
	const refused = useQuery({
		...read(["quarantine", id], (options) => cmiGetQuarantineId(id, options)),
		// While a wish is open, the SMS Server is at it.
		refetchInterval: ({ state }) => (state.data !== undefined && state.data.body.wish !== "none" ? 1000 : false),
	});
	return (
		<Page title={t("one")} crumbs={[{ label: t("title"), to: "/quarantine" }]} isNarrow>
			<Asked query={refused}>
				{({ body }) => (
					<>
						<Actions refused={body} />
						<Facts
							facts={[
								[t("service"), body.serviceName ?? "–"],
								[t("columns.time"), <Time key="time" at={body.receivedAt} isExact />],
								[t("columns.why"), body.explanation],
								[t("columns.from"), body.remoteAddress ?? "–"],
								[t("columns.bytes"), body.bytes],
								[t("checkedAt"), <Time key="checked" at={body.checkedAt} />],
								[t("id"), <Copyable key="id" label={t("id")} text={body.id} />],
							]}
						/>
						<Explanation id={id} />
						<Content id={id} />
					</>
				)}
			</Asked>
		</Page>
	);
}

function Explanation({ id }: { id: string }) {
	const { t } = useTranslation("refused");
	const explanation = useQuery({
		...read(["quarantine", id, "explanation"], (options) => cmiGetQuarantineIdExplanation(id, options)),
		retry: false,
	});
	return (
		<Card withBorder component="section" aria-labelledby="explanation">
			<Stack gap="xs">
				<Title order={2} size="h4" id="explanation">
					{t("explanation")}
				</Title>
				<Asked query={explanation} rows={1}>
					{({ body }) => (
						<>
							<Text>{body.says}</Text>
							{body.advice !== null && <Text fw={600}>{body.advice}</Text>}
						</>
					)}
				</Asked>
			</Stack>
		</Card>
	);
}

function Content({ id }: { id: string }) {
	const { t } = useTranslation("refused");
	const [isOpen, setOpen] = useState(false);
	const request = useQuery({
		...read(["quarantine", id, "request"], (options) => cmiGetQuarantineIdRequest(id, options)),
		enabled: isOpen,
		retry: false,
		staleTime: Number.POSITIVE_INFINITY, // Each look is on record.
	});
	if (!isOpen) {
		return (
			<Stack align="flex-start">
				<Alert>{t("contentWarning")}</Alert>
				<Button variant="default" onClick={() => setOpen(true)}>
					{t("open")}
				</Button>
			</Stack>
		);
	}
	return <Asked query={request}>{({ body }) => <RequestText label={t("content")} request={body} />}</Asked>;
}

function Actions({ refused: { id, wish } }: { refused: CmiGetQuarantineId200 }) {
	const { t } = useTranslation("refused");
	const navigate = useNavigate();
	const queries = useQueryClient();
	const [asks, setAsks] = useState(false);
	const again = () => queries.invalidateQueries({ queryKey: ["quarantine"] });
	const recheck = useMutation({ mutationFn: () => cmiPostQuarantineIdRetry(id), onSettled: again });
	const release = useMutation({ mutationFn: () => cmiPostQuarantineIdRelease(id), onSettled: again });
	const isBusy = wish !== "none";
	return (
		<Stack>
			<Group>
				<Button loading={isBusy || release.isPending} onClick={() => release.mutate()}>
					{t("release")}
				</Button>
				<Button variant="default" loading={isBusy || recheck.isPending} onClick={() => recheck.mutate()}>
					{t("recheck")}
				</Button>
				<Button color="red.9" onClick={() => setAsks(true)}>
					{t("delete")}
				</Button>
			</Group>
			<Text size="sm" c="dimmed">
				{t("releaseLead")}
			</Text>
			{(recheck.error ?? release.error) !== null && <Failed error={recheck.error ?? release.error} />}
			<Confirm
				isOpen={asks}
				title={t("delete")}
				verb={t("delete")}
				isDangerous
				onConfirm={async () => {
					await cmiDeleteQuarantineId(id);
					await again();
					await navigate({ to: "/quarantine" });
				}}
				onClose={() => setAsks(false)}
			>
				{t("deleteLead")}
			</Confirm>
		</Stack>
	);
}
