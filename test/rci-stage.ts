// The REST scene for tests of configuration routes: one caller, whose rights the test changes as it goes, answers typed
// as the test expects them, and the product's habit of a base path.

import { type Access, type Grant, type ObjectType, accessesOf, objectTypes } from "#domain/rights.ts";
import type { ProblemDocument } from "#platform/problems.ts";
import type { Route } from "#rest/route.ts";
import { replaceGrants } from "#storage/grants.ts";
import type { Storage } from "#storage/storage.ts";
import type { TestContext } from "node:test";
import { type RestScene, restScene } from "./rest-scene.ts";

/** `T` is what the test expects; `problem` is the same body read as a problem document. */
export type RciAnswer<T> = {
	status: number;
	headers: Readonly<Record<string, unknown>>;
	text: string;
	body: T;
	problem: ProblemDocument;
};

type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type CallOptions = { body?: unknown; raw?: string; headers?: Readonly<Record<string, string>> };

export type RciStage = Pick<RestScene, "storage" | "clock" | "deps"> & {
	/** What the caller may do from now on. */
	grant(...grants: readonly Grant[]): Promise<void>;
	call<T = unknown>(method: HttpMethod, path: string, options?: CallOptions): Promise<RciAnswer<T>>;
};

export function grantOf(objectType: ObjectType, access: readonly Access[], objectId: string | null = null): Grant {
	return { objectType, objectId, access };
}

export const everyRight: readonly Grant[] = objectTypes.map((objectType) =>
	grantOf(objectType, accessesOf[objectType]),
);

export async function openRciStage(
	t: Pick<TestContext, "after">,
	routes: readonly Route[],
	storage?: Storage,
): Promise<RciStage> {
	const scene = await restScene(t, { routes, basePath: "/acme", ...(storage === undefined ? {} : { storage }) });
	const { app, deps, clock } = scene;
	const caller = await scene.person({ grants: everyRight });
	return {
		storage: scene.storage,
		clock,
		deps,
		grant: (...grants) =>
			scene.storage.write((tx) => replaceGrants(tx, { kind: "user", id: caller.id }, grants, () => deps.ids.next())),
		async call<T>(method: HttpMethod, path: string, { body, raw, headers = {} }: CallOptions = {}) {
			const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
			const type: Record<string, string> = payload === undefined ? {} : { "content-type": "application/json" };
			const answer = await app.inject({
				method,
				url: `/acme/RI/rci${path}`,
				headers: { authorization: caller.authorization, ...type, ...headers },
				...(payload === undefined ? {} : { payload }),
			});
			const isJson = String(answer.headers["content-type"]).includes("json");
			const value: unknown = isJson ? JSON.parse(answer.body) : undefined;
			return {
				status: answer.statusCode,
				headers: answer.headers,
				text: answer.body,
				body: value as T,
				problem: value as ProblemDocument,
			};
		},
	};
}
