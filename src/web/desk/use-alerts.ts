// What draws the agent's eye: the number in the title, and where they allowed it a notification for an offer or a message
// that comes while they look elsewhere.

import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { DeskState } from "./desk.ts";
import { nameOf, unreadOf } from "./chat-facts.ts";

export function useAlerts({ tree, seen }: DeskState): void {
	const { t } = useTranslation("desk");
	const waiting = tree.interactions.filter((chat) => chat.status === "incoming" || unreadOf(chat, seen) > 0);
	const told = useRef(new Set<string>());
	useEffect(() => {
		document.title = waiting.length === 0 ? t("title") : `(${waiting.length}) ${t("title")}`;
	}, [waiting.length, t]);
	useEffect(() => {
		for (const chat of waiting) {
			const key = `${chat.id} ${chat.status} ${chat.transcript.messages.at(-1)?.seq ?? 0}`;
			if (told.current.has(key)) {
				continue;
			}
			told.current.add(key);
			if (document.visibilityState === "hidden" && "Notification" in window && Notification.permission === "granted") {
				const text = t(chat.status === "incoming" ? "alerts.offer" : "alerts.message", { name: nameOf(chat) });
				new Notification(t("title"), { body: text, tag: chat.id });
			}
		}
	});
}
