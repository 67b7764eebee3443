// One chat: who it is, what was said, and what one can do now.

import { ActionIcon, Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconArrowLeft, IconUser } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interaction } from "#web/realtime/tree.ts";
import { Dialog } from "#web/ui/dialog.tsx";
import { channelOf, clockText, leftUntil, nameOf, stageOf } from "./chat-facts.ts";
import { Composer } from "./composer.tsx";
import { CustomerPanel } from "./customer-panel.tsx";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { HandOnDialog } from "./hand-on.tsx";
import { nothingPending } from "./pending.ts";
import { Transcript } from "./transcript.tsx";
import { useDoing } from "./use-doing.ts";
import { useNow } from "./use-now.ts";
import { WrapUp } from "./wrap-up.tsx";

type PaneProps = { chat: Interaction; onBack: () => void };

export function ChatPane({ chat, onBack }: PaneProps) {
	const { t } = useTranslation("desk");
	const { words } = useDeskState();
	const stage = stageOf(chat);
	return (
		<section className="desk-pane" aria-label={t("chatWith", { name: nameOf(chat) })}>
			<Group className="desk-pane-head" justify="space-between" gap="xs">
				<Group gap="xs" wrap="nowrap" miw={0}>
					<ActionIcon className="desk-back" variant="subtle" aria-label={t("back")} onClick={onBack}>
						<IconArrowLeft size={18} aria-hidden className="mirrors" />
					</ActionIcon>
					<Stack gap={0} miw={0}>
						<Title order={2} fz="md" fw={650} className="desk-name" dir="auto">
							{nameOf(chat)}
						</Title>
						<Text size="xs" c="dimmed">
							{channelOf(chat)} · {chat.from_queue.name ?? "–"} <WindowClock chat={chat} />
						</Text>
					</Stack>
				</Group>
				<Group gap="xs">
					{(stage === "open" || stage === "supervised") && <Actions chat={chat} />}
					<ContactButton chat={chat} />
				</Group>
			</Group>
			<Transcript
				chat={chat}
				pending={words.pending[chat.id] ?? nothingPending}
				isOwn
				olderAt={`/interactions/${chat.id}/transcript/before`}
			/>
			{(stage === "open" || stage === "supervised") && <Composer chat={chat} />}
			{stage === "wrapUp" && <WrapUp chat={chat} />}
			{stage === "offered" && (
				<Text p="md" c="dimmed">
					{t("acceptFirst")}
				</Text>
			)}
		</section>
	);
}

/** How long the contact's last message lets us write freely. */
function WindowClock({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const left = leftUntil(chat.window_until, useNow());
	if (chat.window_until === undefined) {
		return null;
	}
	return (
		<span>· {left === undefined || left === 0 ? t("window.closed") : t("window.open", { time: clockText(left) })}</span>
	);
}

/** Where the screen has no room for the panel beside the chat. */
function ContactButton({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const [isOpen, setOpen] = useState(false);
	return (
		<>
			<ActionIcon
				className="desk-contact-button"
				variant="default"
				aria-label={t("customer.show")}
				aria-keyshortcuts="i"
				onClick={() => setOpen(true)}
			>
				<IconUser size={16} aria-hidden />
			</ActionIcon>
			<Dialog opened={isOpen} onClose={() => setOpen(false)} title={t("customer.title")}>
				<CustomerPanel chat={chat} />
			</Dialog>
		</>
	);
}

function Actions({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { isBusy, run } = useDoing();
	const [handOn, setHandOn] = useState<"transfer" | "consult">();
	if (chat.channel_status === "transferring") {
		return (
			<Text size="sm" role="status">
				{t("transferring")}
			</Text>
		);
	}
	const isOwn = chat.role === "agent";
	return (
		<>
			{isOwn && (
				<>
					<Button size="compact-sm" variant="default" aria-keyshortcuts="t" onClick={() => setHandOn("transfer")}>
						{t("transfer")}
					</Button>
					<Button size="compact-sm" variant="default" aria-keyshortcuts="c" onClick={() => setHandOn("consult")}>
						{t("consult")}
					</Button>
				</>
			)}
			<Button
				size="compact-sm"
				variant="default"
				aria-keyshortcuts="e"
				loading={isBusy}
				onClick={() => run(() => desk.ask("PUT", `/interactions/${chat.id}`, { status: "ended" }))}
			>
				{t(isOwn ? "end" : "leave")}
			</Button>
			<HandOnDialog chat={chat} how={handOn} onClose={() => setHandOn(undefined)} />
		</>
	);
}
