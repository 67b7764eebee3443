// One line of a transcript: words, files, a place, a template, a note; what became of it, why it failed, and the way on.

import { Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconChecks, IconClock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type Interaction, type Message, momentOf } from "#web/realtime/tree.ts";
import { momentFormat } from "#web/ui/moments.ts";
import { authorOf, contentOf, isOfContact, textOf } from "./chat-facts.ts";
import { useDesk } from "./desk-context.tsx";
import { LineContent, LinkedText } from "./line-content.tsx";
import type { Pending } from "./pending.ts";
import type { Row } from "./transcript-rows.ts";
import { useDoing } from "./use-doing.ts";

type LineProps = { row: Extract<Row, { kind: "line" }>; chat: Interaction; isOwn: boolean };

export function Line({ row: { message, isGoingOn, cause }, chat, isOwn }: LineProps) {
	const { t, i18n } = useTranslation("desk");
	const at = momentOf(message.timestamp);
	const side = message.system_message ? "centre" : isOfContact(message, chat) ? "theirs" : "ours";
	const author = authorOf(message, chat);
	const time = Number.isNaN(at) ? "" : momentFormat(i18n.language, { timeStyle: "short" }).format(at);
	return (
		<div className="desk-line" data-side={side} data-type={message.type}>
			{!isGoingOn && (
				<Text size="xs" c="dimmed" dir="auto">
					{message.type === "note" ? t("noteBy", { name: author }) : author} · {time}
				</Text>
			)}
			<div className="desk-words" dir="auto" title={time}>
				<LineContent message={message} />
			</div>
			{side === "ours" && message.delivery_status !== undefined && (
				<Delivery chat={chat} message={message} cause={cause} isOwn={isOwn} />
			)}
		</div>
	);
}

/** What happened, and what went wrong, in a sentence. */
export function Notice({ message }: { message: Message }) {
	const { t } = useTranslation("desk");
	const content = contentOf(message.message);
	if (message.type === "error") {
		return (
			<Text className="desk-notice" size="sm" c="var(--mantine-color-error)">
				<IconAlertTriangle size={14} aria-hidden /> {textOf(content["error_description"] ?? content["error_code"])}
			</Text>
		);
	}
	const { display_name: name = "" } = (content["originator"] ?? {}) as { display_name?: string };
	return (
		<Text className="desk-notice" size="xs" c="dimmed">
			{t(`states.${textOf(content["state"])}` as "states.JOINED", { name, defaultValue: textOf(content["state"]) })}
		</Text>
	);
}

const marks = {
	queued: IconClock,
	sent: IconCheck,
	delivered: IconChecks,
	read: IconChecks,
	failed: IconAlertTriangle,
} as const;
type Delivered = keyof typeof marks;

type DeliveryProps = { chat: Interaction; message: Message; cause: string | undefined; isOwn: boolean };

function Delivery({ chat, message, cause, isOwn }: DeliveryProps) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { isBusy, run } = useDoing();
	const told = message.delivery_status ?? "";
	const status: Delivered = told in marks ? (told as Delivered) : "queued";
	const Mark = marks[status];
	const retry = () => desk.ask("POST", `/interactions/${chat.id}/transcript/messages/${message.id}/retry`);
	return (
		<Group gap={4} className="desk-delivery" data-status={status}>
			<Mark size={14} aria-hidden />
			<Text size="xs">
				{cause === undefined ? t(`delivery.${status}`) : t("delivery.failedBecause", { because: cause })}
			</Text>
			{status === "failed" && isOwn && (
				<Button size="compact-xs" variant="subtle" loading={isBusy} onClick={() => run(retry)}>
					{t("delivery.retry")}
				</Button>
			)}
		</Group>
	);
}

/** Our own words before the server has them: honest about it. */
export function PendingLine({ chat, pending }: { chat: Interaction; pending: Pending }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { clientId, kind, text, state, because = "" } = pending;
	return (
		<div className="desk-line" data-side="ours" data-type={kind} data-pending={state}>
			<div className="desk-words" dir="auto">
				{kind === "template" ? t("templateSent", { id: textOf(contentOf(text)["id"]) }) : <LinkedText text={text} />}
			</div>
			{state === "refused" ? (
				<Group gap={4} role="alert">
					<Text size="xs" c="var(--mantine-color-error)">
						{t("pending.refused", { because })}
					</Text>
					<Button size="compact-xs" variant="subtle" onClick={() => desk.sayAgain(chat.id, clientId)}>
						{t("pending.again")}
					</Button>
					{kind !== "template" && (
						<Button size="compact-xs" variant="subtle" onClick={() => desk.takeBack(chat.id, pending)}>
							{t("pending.change")}
						</Button>
					)}
					<Button size="compact-xs" variant="subtle" onClick={() => desk.drop(chat.id, clientId)}>
						{t("pending.drop")}
					</Button>
				</Group>
			) : (
				<Group gap={4}>
					<IconClock size={14} aria-hidden />
					<Text size="xs" c="dimmed">
						{t(`pending.${state}`)}
					</Text>
				</Group>
			)}
		</div>
	);
}
