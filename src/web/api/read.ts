// Reading for the screens: a generated call becomes a query whose data keep the ETag and the cursor of the next page.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { isProblem } from "./problem.ts";

/** `etag` goes into If-Match of a change; `next` is the cursor of the next page. */
export type Answer<T> = { body: T; etag: string | null; next: string | null };

type Reply<T> = { data: T; headers: Headers };

/** @param key begins with the kind of object, so that a live change of that kind finds what to ask again. */
export function read<T>(key: readonly unknown[], ask: (options: { signal: AbortSignal }) => Promise<Reply<T>>) {
	return queryOptions({
		queryKey: key,
		queryFn: async ({ signal }): Promise<Answer<T>> => toAnswer(await ask({ signal })),
	});
}

export function toAnswer<T>({ data, headers }: Reply<T>): Answer<T> {
	return { body: data, etag: headers.get("etag"), next: nextCursor(headers.get("link")) };
}

function nextCursor(link: string | null): string | null {
	const target = /<([^>]+)>\s*;\s*rel="next"/.exec(link ?? "")?.[1];
	return target === undefined ? null : new URL(target, location.href).searchParams.get("cursor");
}

/** The header of a change that must not overwrite somebody else's. */
export function ifMatch(etag: string | null): RequestInit {
	return etag === null ? {} : { headers: { "if-match": etag } };
}

/** Each press of a button that makes something has a key of its own; the repetition of a call keeps it. */
export function idempotent(): RequestInit {
	const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is there on HTTPS only.
	return { headers: { "idempotency-key": Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") } };
}

/** Reading is tried again while nobody answers or the server asks for patience; never when the answer is a plain no. */
export function isWorthRepeating(failures: number, error: unknown): boolean {
	const mayPass = !isProblem(error) || error.status === 0 || error.status === 503 || error.status === 429;
	return mayPass && failures < 4;
}

/** A list that goes on: page after page by the cursor that the one before gave. */
export function readPages<T>(
	key: readonly unknown[],
	ask: (cursor: { cursor?: string }, options: { signal: AbortSignal }) => Promise<Reply<T[]>>,
) {
	return infiniteQueryOptions({
		queryKey: [...key, "pages"],
		queryFn: async ({ pageParam, signal }): Promise<Answer<T[]>> =>
			toAnswer(await ask(pageParam === null ? {} : { cursor: pageParam }, { signal })),
		initialPageParam: null as string | null,
		getNextPageParam: ({ next }) => next,
	});
}
