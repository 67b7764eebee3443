// The chats: the list, the one that is open, and who is on its other side. On a narrow screen one of them at a time.

import { Center, Stack, Text, VisuallyHidden } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Interaction } from "#web/realtime/tree.ts";
import { chatOn } from "./chat-facts.ts";
import { ChatList } from "./chat-list.tsx";
import { ChatPane } from "./chat-pane.tsx";
import { CustomerPanel } from "./customer-panel.tsx";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { goTo, usePlace } from "./use-place.ts";

export function ChatsView() {
	const { t } = useTranslation("desk");
	const { tree } = useDeskState();
	const chat = chatOn(tree, usePlace());
	useSeeing(chat);
	return (
		<main className="desk-chats-view" data-open={chat !== undefined}>
			<VisuallyHidden component="h1">{t("title")}</VisuallyHidden>
			<nav className="desk-list" aria-label={t("chats")}>
				<ChatList selected={chat?.id} />
			</nav>
			<div className="desk-chat" id="content" tabIndex={-1}>
				{chat === undefined ? (
					<Nothing />
				) : (
					<ChatPane key={chat.id} chat={chat} onBack={() => goTo({ view: "chats" })} />
				)}
			</div>
			{chat !== undefined && (
				<div className="desk-customer">
					<CustomerPanel key={chat.id} chat={chat} />
				</div>
			)}
		</main>
	);
}

function Nothing() {
	const { t } = useTranslation("desk");
	const { tree } = useDeskState();
	const { chat: mayChat } = (tree.properties["permissions"] ?? {}) as { chat?: boolean };
	const text = mayChat === false ? "noQueue" : tree.interactions.length === 0 ? "empty" : "noChat";
	return (
		<Center h="100%" p="md">
			<Stack gap="xs" align="center">
				<Text c="dimmed" ta="center">
					{t(text)}
				</Text>
				<Text c="dimmed" ta="center" size="sm">
					{t("shortcuts.hint")}
				</Text>
			</Stack>
		</Center>
	);
}

/** What is on a screen that somebody can see was read. */
function useSeeing(chat: Interaction | undefined): void {
	const desk = useDesk();
	const id = chat?.id;
	const last = chat?.transcript.messages.at(-1)?.seq;
	useEffect(() => {
		const see = () => {
			if (id !== undefined && document.visibilityState === "visible") {
				desk.see(id);
			}
		};
		see();
		document.addEventListener("visibilitychange", see);
		return () => document.removeEventListener("visibilitychange", see);
	}, [desk, id, last]);
}
