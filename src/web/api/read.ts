// Reading for the screens: a generated call becomes a query. Each way of reading has data of a shape of its own and ends its
// keys with it, so that no two ways ever find each other's data in the cache.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { isProblem } from "./problem.ts";
import { randomHex } from "./random.ts";

/** `etag` goes into If-Match of a change; `next` is the cursor of the next page. */
export type Answer<T> = { body: T; etag: string | null; next: string | null };

type Reply<T> = { data: T; headers: Headers };

/** What keys begin with, so that a change finds what to ask again. */
export type Kind =
	| (
			| "me"
			| "services"
			| "service"
			| "serviceTypes"
			| "health"
			| "smsServer"
			| "policy"
			| "audit"
			| "sandbox"
			| "subscriptions"
	  )
	| ("users" | "userGroups" | "roles" | "apiTokens" | "sessions")
	| (
			| "messages"
			| "messagesShown"
			| "message"
			| "conversations"
			| "parked"
			| "quarantine"
			| "explanation"
			| "refusedContent"
	  )
	| ("preview" | "yamlWriter")
	| ("queues" | "prompts" | "calendars" | "schedules" | "adHocSchedules" | "replyTemplates" | "chatSettings");
export type Key = readonly [kind: Kind, ...which: unknown[]];

/** For data that are put together in a way of their own. `shape` tells them from everything else of the same key. */
export function shaped(key: Key, shape: string): readonly unknown[] {
	return [...key, shape];
}

export function read<T>(key: Key, ask: (options: { signal: AbortSignal }) => Promise<Reply<T>>) {
	return queryOptions({
		queryKey: shaped(key, "answer"),
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
export function ifMatch(etag: string | null): { headers?: Record<string, string> } {
	return etag === null ? {} : { headers: { "if-match": etag } };
}

/** Each press of a button that makes something has a key of its own; the repetition of a call keeps it. */
export function idempotent(more: { headers?: Record<string, string> } = {}): RequestInit {
	return { headers: { ...more.headers, "idempotency-key": randomHex(16) } };
}

/** Reading is tried again while nobody answers or the server asks for patience; never when the answer is a plain no. */
export function isWorthRepeating(failures: number, error: unknown): boolean {
	const mayPass = !isProblem(error) || error.status === 0 || error.status === 503 || error.status === 429;
	return mayPass && failures < 4;
}

/** A list that goes on: page after page by the cursor that the one before gave. */
export function readPages<T>(
	key: Key,
	ask: (cursor: { cursor?: string }, options: { signal: AbortSignal }) => Promise<Reply<T[]>>,
) {
	return infiniteQueryOptions({
		queryKey: shaped(key, "pages"),
		queryFn: async ({ pageParam, signal }): Promise<Answer<T[]>> =>
			toAnswer(await ask(pageParam === null ? {} : { cursor: pageParam }, { signal })),
		initialPageParam: null as string | null,
		getNextPageParam: ({ next }) => next,
	});
}

const pageSize = 1000; // The most that the interfaces give at once.
const pagesMax = 10;

/** A whole list, page after page, for screens that search and sort it at once. Bounded: beyond it, the rest is not asked. */
export function readAll<T>(
	key: Key,
	ask: (page: { limit: number; offset: number }, options: { signal: AbortSignal }) => Promise<{ data: T[] }>,
) {
	return queryOptions({
		queryKey: shaped(key, "all"),
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
