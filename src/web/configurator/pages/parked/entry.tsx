// One entry that waits for a person: what it is, why it waits, and the two ways on.

import { Group, Text } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { cmiGetParkedId, type CmiGetParkedId200 } from "#web/api/cmi.ts";
import type { Message } from "#web/api/objects.ts";
import { read } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { Facts } from "#web/ui/facts.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { MessageState } from "../../blocks/message-state.tsx";
import { ParkedActions } from "../../blocks/parked-actions.tsx";
import { RequestText } from "../../blocks/request-text.tsx";

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
	const navigate = useNavigate();
	return (
		<>
			{entry.reason !== null && <Text>{entry.reason}</Text>}
			<ParkedActions parked={entry} onDone={() => navigate({ to: "/parked" })} />
			<Facts
				facts={[
					[t("parked.kind"), `${t(`parked.kinds.${entry.kind}`)} (${t(`parked.events.${entry.event}`)})`],
					[t("service"), entry.serviceName ?? "–"],
					[t("parked.since"), <Time key="since" at={entry.since} isExact />],
					[t("parked.attempts"), entry.attempts],
				]}
			/>
			{entry.content !== null && <ItsMessage message={entry.content} />}
			{entry.request !== null && <RequestText label={t("parked.request")} request={entry.request} />}
		</>
	);
}

function ItsMessage({ message: { id, text, state, from, to } }: { message: Message }) {
	const { t } = useTranslation("refused");
	return (
		<Block title={t("parked.theMessage")} actions={<MessageState state={state} />}>
			<Text className="chat-text" dir="auto">
				{text}
			</Text>
			<Group gap={4} c="dimmed" fz="sm">
				<bdi>{from}</bdi>
				<IconArrowRight size={14} role="img" aria-label={t("parked.to")} className="mirrors" />
				<bdi>{to}</bdi>
			</Group>
			<PageLink to="/messages/$id" params={{ id }}>
				{t("parked.toMessage")}
			</PageLink>
		</Block>
	);
}
