// How our attempt id travels: as `message_metadata` of the request, and back as `metadata` of each delivery report.
// Strict on the way back, because other senders of the same app write metadata of their own.

import type { AttemptId } from "#domain/ids.ts";

export function markOf(attemptId: AttemptId): string {
	return `parley:${attemptId}`;
}

export function attemptOf(metadata: unknown): AttemptId | undefined {
	const marked = typeof metadata === "string" ? /^parley:([A-F0-9]{32})$/.exec(metadata)?.[1] : undefined;
	return marked as AttemptId | undefined;
}
