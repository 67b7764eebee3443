// How our attempt id travels: as `message.metadata` of the request, and back in the echo. Strict on the way back, since
// other apps on the same page write metadata of their own.

import type { AttemptId } from "#domain/ids.ts";

export function markOf(attemptId: AttemptId): string {
	return `parley:${attemptId}`;
}

export function attemptOf(metadata: unknown): AttemptId | undefined {
	const marked = typeof metadata === "string" ? /^parley:([A-F0-9]{32})$/.exec(metadata)?.[1] : undefined;
	return marked as AttemptId | undefined;
}
