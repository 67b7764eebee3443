// What draws the agent's eye: the number in the title, and where they allowed it a notification for an offer or a message
// that comes while they look elsewhere.

import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { nameOf, stageOf, unreadOf } from "./chat-facts.ts";
import { useDeskState } from "./desk-context.tsx";
import { goTo } from "./use-place.ts";

export function useAlerts(): void {
	const { t } = useTranslation("desk");
	const { tree, seen } = useDeskState();
	const told = useRef(new Set<string>());
	const calling = tree.interactions.filter(
		(chat) => stageOf(chat) === "offered" || (stageOf(chat) === "open" && unreadOf(chat, seen) > 0),
	);
	const count = calling.length;
	useEffect(() => {
		document.title = count === 0 ? `${t("title")} · Parley` : `(${count}) ${t("title")} · Parley`;
	}, [count, t]);
	useEffect(() => {
		const isAway = document.visibilityState === "hidden" || !document.hasFocus();
		for (const chat of calling) {
			const key = `${chat.id} ${chat.status} ${chat.transcript.messages.at(-1)?.seq ?? 0}`;
			if (!told.current.has(key) && isAway) {
				notify(
					chat.id,
					t("title"),
					t(chat.status === "incoming" ? "alerts.offer" : "alerts.message", { name: nameOf(chat) }),
				);
			}
			told.current.add(key);
		}
	});
}

/** One for each chat: a newer one takes its place. */
function notify(chatId: string, title: string, body: string): void {
	if (!("Notification" in window) || Notification.permission !== "granted") {
		return;
	}
	const notification = new Notification(title, { body, tag: chatId });
	notification.addEventListener("click", () => {
		window.focus();
		goTo({ view: "chats", chatId });
		notification.close();
	});
}
