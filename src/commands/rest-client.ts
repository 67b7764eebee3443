// Calls Parley's own REST interfaces the way any integrator would, for the demo: JSON in, JSON out, Basic authentication.

import type { WayOut } from "#platform/safe-request.ts";

export type RestClient = {
	/** Rejects, with the problem's own words, on any answer but 2xx. */
	call<T>(method: "GET" | "POST" | "PUT" | "PATCH", path: string, body?: unknown): Promise<T>;
};

export function restClient(wayOut: WayOut, base: string, authorization?: string): RestClient {
	return {
		async call<T>(method: "GET" | "POST" | "PUT" | "PATCH", path: string, body?: unknown): Promise<T> {
			const answer = await wayOut.request({
				method,
				url: `${base}${path}`,
				headers: {
					accept: "application/json",
					...(body === undefined ? {} : { "content-type": "application/json" }),
					...(authorization === undefined ? {} : { authorization }),
				},
				...(body === undefined ? {} : { body: JSON.stringify(body) }),
			});
			if (answer.kind !== "answered") {
				throw new Error(`${method} ${path} got no answer (${answer.why}).`);
			}
			const text = new TextDecoder().decode(answer.body);
			if (answer.status >= 300) {
				throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
			}
			return (text === "" ? undefined : JSON.parse(text)) as T;
		},
	};
}

export function basic(login: string, password: string): string {
	return `Basic ${Buffer.from(`${login}:${password}`).toString("base64")}`;
}
