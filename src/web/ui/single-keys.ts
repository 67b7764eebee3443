// Shortcuts of a single key. Who speaks to the computer sets them off unwillingly (WCAG 2.2, 2.1.4), so they can be switched
// off; each browser remembers it.

import { useHotkeys } from "@mantine/hooks";
import { useSyncExternalStore } from "react";
import { recall, remember } from "#web/api/remembered.ts";

const remembered = "parley.singleKeys";
const off = "off";
const listeners = new Set<() => void>();

function listen(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

export function useSingleKeysOn(): boolean {
	return useSyncExternalStore(listen, () => recall(remembered) !== off);
}

export function switchSingleKeys(isOn: boolean): void {
	remember(remembered, isOn ? null : off);
	listeners.forEach((listener) => listener());
}

/** @returns whether the key works, for what tells of it. */
export function useSingleKey(key: string, run: () => void, isWanted = true): boolean {
	const isOn = useSingleKeysOn() && isWanted;
	const press = (event: KeyboardEvent) => {
		if (!isTyping(event.target)) {
			event.preventDefault();
			run();
		}
	};
	useHotkeys(isOn ? [[key, press, { preventDefault: false }]] : [], []);
	return isOn;
}

/** A switch is an input as well, but nobody types there. */
export function isTyping(target: EventTarget | null): boolean {
	return target instanceof Element && target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}
