// Tells the others of a chat that one is typing, until one rests, sends, or goes to another chat.

import { useEffect, useMemo } from "react";
import { after } from "#web/realtime/after.ts";
import type { Interaction } from "#web/realtime/tree.ts";
import { openTyping, type Typing } from "#web/realtime/typing.ts";
import { useDesk } from "./desk-context.tsx";

export function useTyping({ id, destination }: Interaction): Typing {
	const desk = useDesk();
	const typing = useMemo(
		() => openTyping({ ask: desk.ask, after, at: () => ({ chat: { id }, address: destination }) }),
		[desk, id, destination],
	);
	useEffect(() => () => typing.stop(), [typing]);
	return typing;
}
