// Asks again for what changed, without stopping an answer that is on its way: a burst of changes would begin it anew for
// ever. An answer that was asked for before the change may not know of it, so its question is put once more when it is there.

import type { QueryClient } from "@tanstack/react-query";
import type { Kind } from "#web/api/read.ts";

export function makeAskAgain(queries: QueryClient): (kinds: ReadonlySet<Kind>) => void {
	const late = new Set<string>();
	return (kinds) => {
		const isConcerned = (query: { queryKey: readonly unknown[] }) => kinds.has(query.queryKey[0] as Kind);
		for (const { queryHash, queryKey, promise } of queries
			.getQueryCache()
			.findAll({ predicate: isConcerned, fetchStatus: "fetching" })) {
			if (promise !== undefined && !late.has(queryHash)) {
				late.add(queryHash);
				const once = () => {
					late.delete(queryHash);
					void queries.invalidateQueries({ queryKey, exact: true }, { cancelRefetch: false });
				};
				void promise.then(once, once);
			}
		}
		void queries.invalidateQueries({ predicate: isConcerned }, { cancelRefetch: false });
	};
}
