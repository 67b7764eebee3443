// Where one is on the desk: it stands in the address, so that a reload shows it again and the browser's way back works. In a
// panel it stands in the query, and the way back stays that of the page around.

import { useSyncExternalStore } from "react";
import { basePath } from "#web/api/base.ts";
import { isPanel } from "./panel.ts";

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
	return placeAt(useSyncExternalStore(listen, pathNow));
}

export function placeNow(): Place {
	return placeAt(pathNow());
}

export function onPlace(listener: () => void): void {
	listen(listener);
}

function pathNow(): string {
	return isPanel
		? (new URLSearchParams(location.search).get("place") ?? "")
		: location.pathname.slice(`${basePath}/desk`.length);
}

export function addressOf({ view, chatId }: Place): string {
	const steps = view === "chats" ? (chatId === undefined ? [] : ["chats", chatId]) : [view];
	if (!isPanel) {
		return [`${basePath}/desk`, ...steps].join("/");
	}
	const query = new URLSearchParams(location.search);
	query.set("place", steps.join("/"));
	return `${location.pathname}?${query.toString()}`;
}

export function goTo(place: Place): void {
	if (addressOf(place) !== addressOf(placeNow())) {
		history[isPanel ? "replaceState" : "pushState"](null, "", addressOf(place));
		listeners.forEach((listener) => listener());
	}
}

function placeAt(path: string): Place {
	const [view = "", id = ""] = path.split("/").filter((step) => step !== "");
	const known = views.find((one) => one === view) ?? "chats";
	return known === "chats" && id !== "" ? { view: "chats", chatId: id } : { view: known };
}
