// What was said, in order, and what one has written that is still on its way.

import { Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconChecks, IconClock } from "@tabler/icons-react";
import { useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { aliasIn, type Interaction, type Message, momentOf } from "#web/realtime/tree.ts";
import { momentFormat } from "#web/ui/moments.ts";
import { basePath } from "#web/api/base.ts";
import { contentOf, isTheirs, textOf } from "./chat-facts.ts";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { stillPending, type Pending } from "./pending.ts";
import { useDoing } from "./use-doing.ts";

const nearEndPx = 80;

export function Transcript({ chat }: { chat: Interaction }) {
	const { t, i18n } = useTranslation("desk");
	const { words } = useDeskState();
	const { messages } = chat.transcript;
	const pending = stillPending(words.pending[chat.id] ?? [], messages);
	const place = useRef<HTMLDivElement>(null);
	const isAtEnd = useRef(true);
	useLayoutEffect(() => {
		if (place.current !== null && isAtEnd.current) {
			place.current.scrollTop = place.current.scrollHeight;
		}
	}, [messages.length, pending.length]);
	const day = momentFormat(i18n.language, { dateStyle: "full" });
	const dayOf = (message: Message | undefined): string =>
		message === undefined || Number.isNaN(momentOf(message.timestamp)) ? "" : day.format(momentOf(message.timestamp));
	const typing = chat.participants.filter(
		({ status, uniquekey }) => status === "typing" && uniquekey !== chat.destination,
	);
	return (
		<div
			className="desk-transcript"
			ref={place}
			tabIndex={0}
			role="log"
			aria-label={t("transcript")}
			onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
				isAtEnd.current = scrollHeight - scrollTop - clientHeight < nearEndPx;
			}}
		>
			{messages.map((message, index) => (
				<div key={message.id}>
					{dayOf(message) !== dayOf(messages[index - 1]) && (
						<Text className="desk-day" size="xs" c="dimmed">
							{dayOf(message)}
						</Text>
					)}
					<Line chat={chat} message={message} />
				</div>
			))}
			{pending.map((one) => (
				<PendingLine key={one.clientId} chat={chat} pending={one} />
			))}
			{typing.length > 0 && (
				<Text size="xs" c="dimmed">
					{t("typing", { name: typing[0]?.alias ?? "" })}
				</Text>
			)}
		</div>
	);
}

function Line({ chat, message }: { chat: Interaction; message: Message }) {
	const { t, i18n } = useTranslation("desk");
	const time = momentFormat(i18n.language, { timeStyle: "short" });
	const at = momentOf(message.timestamp);
	if (message.type === "state" || message.type === "error") {
		return <Notice message={message} />;
	}
	const side = message.system_message ? "centre" : isTheirs(message, chat) ? "theirs" : "ours";
	const author = aliasIn(chat, message.originator);
	return (
		<div className="desk-line" data-side={side} data-type={message.type}>
			<Text size="xs" c="dimmed" dir="auto">
				{message.type === "note" ? t("noteBy", { name: author }) : author}
				{Number.isNaN(at) ? "" : ` · ${time.format(at)}`}
			</Text>
			<div className="desk-words" dir="auto">
				<Content message={message} />
			</div>
			{side === "ours" && message.delivery_status !== undefined && <Delivery chat={chat} message={message} />}
		</div>
	);
}

type Attachment = { id: string; filename: string; size: string };

function Content({ message }: { message: Message }) {
	const { t } = useTranslation("desk");
	const content = contentOf(message.message);
	switch (message.type) {
		case "attachment": {
			const files = (content["attachments"] ?? []) as readonly Attachment[];
			const dropped = (content["dropped attachments"] ?? []) as readonly { filename: string; reason: string }[];
			return (
				<>
					{files.map(({ id, filename, size }) => (
						<a key={id} href={`${basePath}/ecfs/media/${id}`} download={filename}>
							{t("file", { name: filename, kib: Math.ceil(Number(size) / 1024) })}
						</a>
					))}
					{dropped.map(({ filename, reason }, index) => (
						<span key={index}>{t("droppedFile", { name: filename, reason })}</span>
					))}
				</>
			);
		}
		case "location": {
			const { latitude, longitude } = (content["coordinates"] ?? {}) as { latitude?: number; longitude?: number };
			return <span>{t("location", { title: textOf(content["title"]), latitude, longitude })}</span>;
		}
		case "template":
			return <span>{t("templateSent", { id: textOf(content["template_id"] ?? content["id"]) })}</span>;
		default:
			return <span>{message.message}</span>;
	}
}

/** What happened, and what went wrong, in a sentence. */
function Notice({ message }: { message: Message }) {
	const { t } = useTranslation("desk");
	const content = contentOf(message.message);
	if (message.type === "error") {
		return (
			<Text className="desk-notice" size="sm" c="red" role="alert">
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
};

function Delivery({ chat, message }: { chat: Interaction; message: Message }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { isBusy, run } = useDoing();
	const status = (message.delivery_status ?? "queued") as keyof typeof marks;
	const Mark = marks[status] ?? IconClock;
	const retry = () => desk.ask("POST", `/interactions/${chat.id}/transcript/messages/${message.id}/retry`);
	return (
		<Group gap={4} className="desk-delivery" data-status={status}>
			<Mark size={14} aria-hidden />
			<Text size="xs">{t(`delivery.${status}`)}</Text>
			{status === "failed" && (
				<Button size="compact-xs" variant="subtle" loading={isBusy} onClick={() => run(retry)}>
					{t("delivery.retry")}
				</Button>
			)}
		</Group>
	);
}

function PendingLine({ chat, pending }: { chat: Interaction; pending: Pending }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	return (
		<div className="desk-line" data-side="ours" data-type={pending.kind} data-pending={pending.state}>
			<div className="desk-words" dir="auto">
				{pending.text}
			</div>
			<Group gap={4}>
				<Text
					size="xs"
					c={pending.state === "refused" ? "red" : "dimmed"}
					role={pending.state === "refused" ? "alert" : undefined}
				>
					{pending.state === "refused" ? pending.because : t(`pending.${pending.state}`)}
				</Text>
				{pending.state === "refused" && (
					<>
						<Button size="compact-xs" variant="subtle" onClick={() => desk.sayAgain(chat.id, pending.clientId)}>
							{t("pending.again")}
						</Button>
						<Button size="compact-xs" variant="subtle" onClick={() => desk.drop(chat.id, pending.clientId)}>
							{t("pending.drop")}
						</Button>
					</>
				)}
			</Group>
		</div>
	);
}
