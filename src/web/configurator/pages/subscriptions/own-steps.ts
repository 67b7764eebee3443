// Switching and rotating make a new version beside the form. What is typed there meanwhile stands on the version before, and is
// no change of somebody else: its saving follows the steps that were taken here.

import { useRef } from "react";
import { ifMatch } from "#web/api/read.ts";

type Match = ReturnType<typeof ifMatch>;

export type OwnSteps = {
	/** Takes a step from the version that was seen. */
	take<T extends { headers: Headers }>(etag: string | null, step: (match: Match) => Promise<T>): Promise<T>;
	/** The condition of a change that stands on a version from before the steps. */
	onward(match: RequestInit): RequestInit;
};

export function useOwnSteps(): OwnSteps {
	const steps = useRef(new Map<string, string>());
	return {
		async take(etag, step) {
			const made = await step(ifMatch(etag));
			const next = made.headers.get("etag");
			if (etag !== null && next !== null && next !== etag) {
				steps.current.set(etag, next);
			}
			return made;
		},
		onward(match) {
			let etag = new Headers(match.headers).get("if-match");
			for (let next = etag; next !== null; next = steps.current.get(next) ?? null) {
				etag = next;
			}
			return ifMatch(etag);
		},
	};
}
