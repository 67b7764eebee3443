// Something that is asked for when it is shown, and again when it may have changed, the line is back, or enough time is over.

import { useCallback, useEffect, useRef, useState } from "react";
import { type Known, learn, type Refusal } from "./asked.ts";
import { useDesk, useDeskState } from "./desk-context.tsx";

export type Answered<T> = {
	/** Also from before, where the last answer was a refusal that passes. */
	body: T | undefined;
	/** Of the last answer. */
	refusal: Refusal | undefined;
	again: () => void;
};

/**
 * `uri` undefined: nothing is asked now. What is there stays until the new answer comes. `everyMs`: also of its own accord,
 * while somebody can see the page and no answer is awaited.
 */
export function useAsked<T>(uri: string | undefined, when: string = "", everyMs?: number): Answered<T> {
	const desk = useDesk();
	const isOpen = useDeskState().link === "open";
	const [known, setKnown] = useState<Known>();
	const awaited = useRef(0);
	const ask = useCallback(() => {
		if (uri !== undefined && isOpen) {
			awaited.current += 1;
			void desk.ask("GET", uri).then((asked) => {
				awaited.current -= 1;
				setKnown((before) => learn(before, uri, asked));
			});
		}
	}, [desk, uri, isOpen]);
	useEffect(ask, [ask, when]);
	useEffect(() => {
		if (everyMs === undefined) {
			return;
		}
		const timer = setInterval(() => {
			if (document.visibilityState === "visible" && awaited.current === 0) {
				ask();
			}
		}, everyMs);
		return () => clearInterval(timer);
	}, [ask, everyMs]);
	const now = known?.uri === uri ? known : undefined;
	return { body: now?.body as T | undefined, refusal: now?.refusal, again: ask };
}
