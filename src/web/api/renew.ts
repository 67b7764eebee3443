// What was changed here is asked again, by the kinds of all that it may concern. Changes elsewhere come as live events.

import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Kind } from "./read.ts";

export function useRenew(): (...kinds: readonly Kind[]) => Promise<void> {
	const queries = useQueryClient();
	return useCallback(
		async (...kinds) => {
			await Promise.all(kinds.map((kind) => queries.invalidateQueries({ queryKey: [kind] })));
		},
		[queries],
	);
}
