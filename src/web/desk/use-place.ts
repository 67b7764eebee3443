// Where one is on the desk: it stands in the address, so that a reload shows it again and the browser's way back works.

import { useSyncExternalStore } from "react";
import { basePath } from "#web/api/base.ts";

export const views = ["chats", "history", "team"] as const;
export type View = (typeof views)[number];
export type Place = { view: View; chatId?: string };

const listeners = new Set<() => void>();

function listen(listener: () => void): () => void {
	listeners.add(listener);
	addEventListener("popstate", listener);
	return () => {
		listeners.delete(listener);
		removeEventListener("popstate", listener);
	};
}

export function usePlace(): Place {
	return placeAt(useSyncExternalStore(listen, () => location.pathname));
}

export function addressOf({ view, chatId }: Place): string {
	const steps = view === "chats" ? (chatId === undefined ? [] : ["chats", chatId]) : [view];
	return [`${basePath}/desk`, ...steps].join("/");
}

export function goTo(place: Place): void {
	if (addressOf(place) !== location.pathname) {
		history.pushState(null, "", addressOf(place));
		listeners.forEach((listener) => listener());
	}
}

function placeAt(path: string): Place {
	const [view = "", id = ""] = path
		.slice(`${basePath}/desk`.length)
		.split("/")
		.filter((step) => step !== "");
	const known = views.find((one) => one === view) ?? "chats";
	return known === "chats" && id !== "" ? { view: "chats", chatId: id } : { view: known };
}
