// Chats that wait in the queues one serves, for picking.

import { Button, Group, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { momentOf } from "#web/realtime/tree.ts";
import { clockText } from "./chat-facts.ts";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { useDoing } from "./use-doing.ts";
import { useNow } from "./use-now.ts";

type Waiting = {
	contact_id: string;
	originator: string;
	name: string | null;
	from_queue: { id: string; name: string };
	waiting_since: string;
};

export function PickList() {
	const { t } = useTranslation("desk");
	const waiting = useWaiting();
	if (waiting.length === 0) {
		return null;
	}
	return (
		<section aria-label={t("stages.waiting")}>
			<Text component="h2" size="xs" fw={650} c="dimmed" mb={4}>
				{t("stages.waiting")}
			</Text>
			<Stack gap={4}>
				{waiting.map((chat) => (
					<WaitingChat key={chat.contact_id} chat={chat} />
				))}
			</Stack>
		</section>
	);
}

function WaitingChat({ chat }: { chat: Waiting }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const nowMs = useNow();
	const { isBusy, run } = useDoing();
	const name = chat.name ?? chat.originator;
	const { contact_id, from_queue } = chat;
	const body = { channel_type: "chat", status: "picked", contact_id, from_queue: { id: from_queue.id } };
	return (
		<Group justify="space-between" wrap="nowrap" gap="xs">
			<Text size="sm" truncate dir="auto">
				{name} · {from_queue.name} · {clockText(Math.max(0, nowMs - momentOf(chat.waiting_since)))}
			</Text>
			<Button
				size="compact-xs"
				variant="default"
				loading={isBusy}
				onClick={() => run(() => desk.ask("POST", "/interactions", body))}
				aria-label={t("pickOf", { name })}
			>
				{t("pick")}
			</Button>
		</Group>
	);
}

/** Asked anew whenever the queues' figures say that something changed there, or a chat came or went. */
function useWaiting(): readonly Waiting[] {
	const desk = useDesk();
	const { tree, link } = useDeskState();
	const [waiting, setWaiting] = useState<readonly Waiting[]>([]);
	const waitingCount = tree.figures.map(({ id, interactions }) => `${id} ${String(interactions)}`).join();
	const mine = tree.interactions.map(({ id, status }) => `${id} ${status}`).join();
	useEffect(() => {
		if (link === "open") {
			void desk.ask("GET", "/waiting").then((asked) => asked.ok && setWaiting(asked.body as Waiting[]));
		}
	}, [desk, link, waitingCount, mine]);
	return waiting;
}
