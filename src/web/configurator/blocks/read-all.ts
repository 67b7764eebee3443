// A whole list, page after page, for screens that search and sort it at once. Bounded: beyond it, the rest is not asked.

import { queryOptions } from "@tanstack/react-query";

const pageSize = 1000; // The most that the interfaces give at once.
const pagesMax = 10;

type Page = { limit: number; offset: number };
type Ask<T> = (page: Page, options: { signal: AbortSignal }) => Promise<{ data: T[] }>;

export function readAll<T>(key: readonly unknown[], ask: Ask<T>) {
	return queryOptions({
		queryKey: key,
		async queryFn({ signal }): Promise<readonly T[]> {
			const all: T[] = [];
			for (let page = 0; page < pagesMax; page += 1) {
				const { data } = await ask({ limit: pageSize, offset: page * pageSize }, { signal });
				all.push(...data);
				if (data.length < pageSize) {
					break;
				}
			}
			return all;
		},
	});
}
