// Chats that wait in the queues one serves, for picking.

import { Button, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { momentOf } from "#web/realtime/tree.ts";
import { clockText, textOf } from "./chat-facts.ts";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { ListTitle } from "./list-title.tsx";
import { useAsked } from "./use-asked.ts";
import { useDoing } from "./use-doing.ts";
import { useNow } from "./use-now.ts";
import { goTo } from "./use-place.ts";

type Waiting = {
	contact_id: string;
	originator: string;
	name: string | null;
	from_queue: { id: string; name: string };
	waiting_since: string;
};

const refreshMs = 5000;

/**
 * Asked anew whenever the queues' figures say that something changed there, or a chat came or went; and every few seconds,
 * for where one goes and another comes within a second, the figures stay what they were.
 */
export function PickList() {
	const { t } = useTranslation("desk");
	const { tree } = useDeskState();
	const counts = tree.figures.map(({ id, interactions }) => `${id} ${textOf(interactions)}`).join();
	const mine = tree.interactions.map(({ id, status }) => `${id} ${status}`).join();
	const { body: all = [], again } = useAsked<readonly Waiting[]>("/waiting", `${counts} ${mine}`, refreshMs);
	// What is offered to oneself stands above already.
	const waiting = all.filter(({ contact_id }) => tree.interactions.every(({ id }) => id !== contact_id));
	if (waiting.length === 0) {
		return null;
	}
	return (
		<section aria-label={t("stages.waiting")}>
			<ListTitle text={t("stages.waiting")} />
			<Stack gap={4}>
				{waiting.map((chat) => (
					<WaitingChat key={chat.contact_id} chat={chat} again={again} />
				))}
			</Stack>
		</section>
	);
}

function WaitingChat({ chat, again }: { chat: Waiting; again: () => void }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const nowMs = useNow();
	const { isBusy, run } = useDoing();
	const name = chat.name ?? chat.originator;
	const { contact_id, from_queue } = chat;
	const body = { channel_type: "chat", status: "picked", contact_id, from_queue: { id: from_queue.id } };
	const pick = async () => {
		const asked = await desk.ask("POST", "/interactions", body);
		again(); // Where somebody else was faster, too.
		return asked;
	};
	return (
		<Group justify="space-between" wrap="nowrap" gap="xs">
			<Text size="sm" lineClamp={1} dir="auto">
				{name} · {from_queue.name} · {clockText(Math.max(0, nowMs - momentOf(chat.waiting_since)))}
			</Text>
			<Button
				size="compact-xs"
				variant="default"
				flex="none"
				loading={isBusy}
				onClick={() => run(pick, () => goTo({ view: "chats", chatId: contact_id }))}
				aria-label={t("pickOf", { name })}
			>
				{t("pick")}
			</Button>
		</Group>
	);
}
