// Tells the others that one is typing: at most every few seconds, and when it is over.

import { useRef } from "react";
import type { Interaction } from "#web/realtime/tree.ts";
import { useDesk } from "./desk-context.tsx";

const typingEveryMs = 4000;

export function useTyping({ id, destination }: Interaction): (isTyping: boolean) => void {
	const desk = useDesk();
	const told = useRef({ isTyping: false, at: 0 });
	return (isTyping) => {
		const now = Date.now();
		const isNews = isTyping !== told.current.isTyping || (isTyping && now - told.current.at > typingEveryMs);
		if (isNews) {
			told.current = { isTyping, at: now };
			const status = isTyping ? "typing" : "not_typing";
			void desk.ask("PUT", `/interactions/${id}/participants/${encodeURIComponent(destination)}`, { status });
		}
	};
}
