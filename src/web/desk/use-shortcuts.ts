// Keys that do something: the key of a button presses it, the key of a field goes there, and two move through the chats.
// What a key does is told by the button itself (`aria-keyshortcuts`), so none works where its button is not.

import { useEffect } from "react";
import { isTyping, useSingleKeysOn } from "#web/ui/single-keys.ts";
import { inListOrder } from "./chat-facts.ts";
import { useDesk } from "./desk-context.tsx";
import type { Desk } from "./desk.ts";
import { goTo } from "./use-place.ts";

/** By key: what it does. */
export const shortcuts = {
	j: "next",
	k: "before",
	a: "accept",
	x: "reject",
	r: "answer",
	n: "note",
	"/": "templates",
	f: "file",
	t: "transfer",
	c: "consult",
	e: "end",
	i: "contact",
	s: "ready",
	w: "writeFirst",
	"?": "keys",
} as const;
const moves: Readonly<Record<string, number>> = { j: 1, k: -1 };

export function useShortcuts(): void {
	const desk = useDesk();
	const isOn = useSingleKeysOn();
	useEffect(() => {
		const press = (event: KeyboardEvent) => {
			if (event.key === "Escape" && event.target instanceof HTMLTextAreaElement && isFree()) {
				event.target.blur();
			}
			if (isOn && isPlain(event) && !isTyping(event.target) && isFree() && act(event.key, desk)) {
				event.preventDefault();
			}
		};
		addEventListener("keydown", press);
		return () => removeEventListener("keydown", press);
	}, [desk, isOn]);
}

function isPlain({ ctrlKey, metaKey, altKey, defaultPrevented, isComposing }: KeyboardEvent): boolean {
	return ![ctrlKey, metaKey, altKey, defaultPrevented, isComposing].some(Boolean);
}

/** No window lies over the desk, and no menu is open. */
function isFree(): boolean {
	return document.querySelector("[role=dialog], [role=menu]") === null;
}

function act(key: string, desk: Desk): boolean {
	const step = moves[key];
	if (step !== undefined) {
		return move(step, desk);
	}
	const target = Array.from(document.querySelectorAll<HTMLElement>("[aria-keyshortcuts]")).find(
		(element) => element.getAttribute("aria-keyshortcuts") === key && element.checkVisibility(),
	);
	if (target === undefined || target.matches(":disabled")) {
		return false;
	}
	if (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) {
		target.focus();
		if (target.type === "checkbox") {
			target.click();
		}
	} else {
		target.click();
	}
	return true;
}

function move(step: number, desk: Desk): boolean {
	const ids = inListOrder(desk.now().tree.interactions).map(({ id }) => id);
	const here = ids.findIndex((id) => location.pathname.endsWith(id));
	const next = here === -1 ? ids.at(step > 0 ? 0 : -1) : ids[here + step];
	if (next === undefined) {
		return false;
	}
	goTo({ view: "chats", chatId: next });
	return true;
}
