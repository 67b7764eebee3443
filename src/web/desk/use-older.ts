// Lines before those that a snapshot has: asked for page by page, when somebody scrolls up to them.

import { useMemo, useState } from "react";
import type { Message } from "#web/realtime/tree.ts";
import { useDesk } from "./desk-context.tsx";
import { withOlder } from "./transcript-rows.ts";
import { useDoing } from "./use-doing.ts";

type Older = {
	lines: readonly Message[];
	/** Number of the line before which they stand. */ until: number;
	isAll: boolean;
};

export type OlderLines = {
	isBusy: boolean;
	mayBeMore: boolean;
	ask(): void;
	/** As `ask`, but not again where that failed: nobody has pressed anything. */
	askByItself(): void;
};

/** @param at below /users/me; followed by the number of a line it has the lines before that one */
export function useOlder(messages: readonly Message[], at: string) {
	const desk = useDesk();
	const { isBusy, run } = useDoing();
	const [asked, setAsked] = useState<Older>();
	const [failed, setFailed] = useState<number>();
	const first = messages[0]?.seq;
	// A snapshot that begins later than the one before would leave a gap behind the older lines.
	const older = asked !== undefined && first !== undefined && first <= asked.until ? asked : undefined;
	const all = useMemo(() => withOlder(older?.lines ?? [], messages), [older, messages]);
	const before = all[0]?.seq ?? 1;
	const ask = () =>
		run(
			async () => {
				const answer = await desk.ask("GET", `${at}/${before}`);
				setFailed(answer.ok ? undefined : before);
				return answer;
			},
			(body) => {
				const page = body as readonly Message[];
				const lines = [...page, ...(older?.lines ?? [])];
				setAsked({ lines, until: older?.until ?? first ?? before, isAll: page.length === 0 });
			},
		);
	const mayBeMore = before > 1 && older?.isAll !== true;
	const lines: OlderLines = {
		isBusy,
		mayBeMore,
		ask,
		askByItself() {
			if (mayBeMore && failed !== before) {
				ask();
			}
		},
	};
	return { messages: all, older: lines };
}
