// The gaps in reply templates, `{name}`: filled in from the chat, and found where nobody filled them. Pure.

import type { Interaction } from "#web/realtime/tree.ts";
import { nameOf } from "./chat-facts.ts";

const gap = /\{([A-Za-z_][\w-]{0,39})\}/g;

/** `name`, `agent`, `queue` and whatever came along with the chat; what is not known stays as it is. */
export function filled(text: string, chat: Interaction, agent: string): string {
	const values: Readonly<Record<string, unknown>> = {
		...chat.attached_data,
		name: nameOf(chat),
		agent,
		queue: chat.from_queue.name ?? "",
	};
	return text.replaceAll(gap, (whole, name: string) => {
		const value = Object.hasOwn(values, name) ? values[name] : undefined;
		return typeof value === "string" || typeof value === "number" ? String(value) : whole;
	});
}

export function openPlaceholders(text: string): readonly string[] {
	return [...new Set(Array.from(text.matchAll(gap), ([whole]) => whole))];
}
