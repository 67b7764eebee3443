// How our attempt id travels in a provider's free text field (`metadata` or the like), and back in echoes and receipts.
// Strict on the way back, because other senders of the same account write texts of their own there.

import type { AttemptId } from "#domain/ids.ts";

export function markOf(attemptId: AttemptId): string {
	return `parley:${attemptId}`;
}

export function attemptOf(metadata: unknown): AttemptId | undefined {
	const marked = typeof metadata === "string" ? /^parley:([A-F0-9]{32})$/.exec(metadata)?.[1] : undefined;
	return marked as AttemptId | undefined;
}
