// What the explorer shows of a message. Texts and addresses are isolated: they may be written in any direction.

import { Group, Text, VisuallyHidden } from "@mantine/core";
import { IconArrowDownLeft, IconArrowRight, IconArrowUpRight } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "#web/api/objects.ts";
import { Chip } from "#web/ui/chip.tsx";
import type { Column } from "#web/ui/list-table.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Time } from "#web/ui/time.tsx";
import { MessageState } from "../../blocks/message-state.tsx";
import { snippet } from "./live-rows.ts";

const snippetMax = 100;

export function useColumns(): readonly Column<Message>[] {
	const { t } = useTranslation("messages");
	return useMemo(
		() => [
			{
				key: "receivedAt",
				label: t("columns.time"),
				cell: ({ receivedAt }) => <Time at={receivedAt} />,
				width: "7rem",
			},
			{ key: "direction", label: t("columns.direction"), cell: (one) => <Direction {...one} />, width: "8.5rem" },
			{ key: "text", label: t("columns.text"), cell: (message) => <TextOf message={message} />, width: "28%" },
			{ key: "between", label: t("columns.between"), cell: (one) => <Between {...one} />, width: "12rem" },
			{ key: "service", label: t("columns.service"), cell: ({ serviceName }) => serviceName ?? t("deletedService") },
			{ key: "state", label: t("columns.state"), cell: (message) => <StateOf message={message} />, width: "15rem" },
		],
		[t],
	);
}

export function Direction({ direction }: Pick<Message, "direction">) {
	const { t } = useTranslation("messages");
	const Icon = direction === "in" ? IconArrowDownLeft : IconArrowUpRight;
	return (
		<Group gap={4} wrap="nowrap" className="whole-words">
			<Icon size={16} aria-hidden className="mirrors" />
			{t(`directions.${direction}`)}
		</Group>
	);
}

function TextOf({ message: { id, text, attachments } }: { message: Message }) {
	const { t } = useTranslation("messages");
	return (
		<>
			<PageLink to="/messages/$id" params={{ id }}>
				<bdi>{text === "" ? t("noText") : snippet(text, snippetMax)}</bdi>
			</PageLink>
			{attachments.length > 0 && (
				<Text size="xs" c="dimmed">
					{t("files", { count: attachments.length })}
				</Text>
			)}
		</>
	);
}

function Between({ from, to }: Pick<Message, "from" | "to">) {
	const { t } = useTranslation("messages");
	return (
		<>
			<div className="breaks">
				<bdi>{from}</bdi>
			</div>
			<div className="breaks">
				<IconArrowRight size={14} aria-hidden className="mirrors" />
				<VisuallyHidden>{t("columns.to")}</VisuallyHidden> <bdi>{to}</bdi>
			</div>
		</>
	);
}

function StateOf({ message: { state, error, possibleDuplicate } }: { message: Message }) {
	const { t } = useTranslation("messages");
	return (
		<Group gap={4}>
			<MessageState state={state} />
			{possibleDuplicate && (
				<Chip tone="warning" title={t("possibleDuplicate")}>
					{t("duplicateMark")}
				</Chip>
			)}
			{error !== null && <Text size="xs">{error.detail ?? error.code}</Text>}
		</Group>
	);
}
