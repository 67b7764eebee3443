// Ways to get files that must be found.

import type { Media } from "#connectors/contract.ts";
import { type Breaks, facebook, having, throwing, tokenIn } from "./breaking.ts";
import { type Subject, subjectOf } from "../subject.ts";

const whole = subjectOf("facebook");
/** Those of the fixtures that bring a file. */
const attached: Subject = {
	...facebook,
	fixtures: whole.fixtures.filter(({ events }) => JSON.stringify(events).includes('"attachments":[{')).slice(0, 1),
};
const { media } = whole.connector;

function fetching(fetch: Media<unknown>["fetch"], hosts: readonly string[] = media?.hosts ?? []): Subject {
	return having(attached, { media: { hosts, fetch } });
}

const gone = { kind: "failed", why: "gone", detail: "It is gone." } as const;

export const mediaBreaks: Breaks = {
	"files are asked for at declared hosts, and credentials go nowhere else": [
		{
			what: "has files and does not say how they are had",
			subject: { ...attached, connector: withoutMedia(attached) },
			says: /nobody says how it is had/,
		},
		{
			what: "declares the whole internet",
			subject: fetching(() => Promise.resolve(gone), ["*"]),
			says: /\* is no name of a host/,
		},
		{ what: "throws", subject: fetching(throwing), says: /throws/ },
		{
			what: "throws later",
			subject: fetching(() => Promise.reject(new TypeError("broken"))),
			says: /throws TypeError/,
		},
		{
			what: "changes something at the provider",
			subject: fetching(async ({ url }, _config, tools) => {
				await tools.http({ method: "POST", url, headers: {} });
				return gone;
			}),
			says: /it calls POST/,
		},
		{
			what: "asks for ever",
			subject: fetching(async ({ url }, _config, tools) => {
				for (let call = 0; call < 5; call++) {
					await tools.http({ method: "GET", url, headers: {} });
				}
				return gone;
			}),
			says: /it calls GET, GET, GET, GET, GET/,
		},
		{
			what: "takes its token along to wherever it is sent",
			subject: fetching(async (_attachment, config, tools) => {
				const headers = { authorization: `Bearer ${tokenIn(config)}` };
				await tools.http({ method: "GET", url: "https://files.elsewhere.example/1", headers });
				return gone;
			}),
			says: /credentials were meant for https:\/\/files\.elsewhere\.example/,
		},
		{
			what: "puts its token into an address elsewhere",
			subject: fetching(async (_attachment, config, tools) => {
				const url = `https://files.elsewhere.example/?access_token=${tokenIn(config)}`;
				await tools.http({ method: "GET", url, headers: {} });
				return gone;
			}),
			says: /credentials were meant for/,
		},
		{
			what: "tells its token",
			subject: fetching((_attachment, config) => Promise.resolve({ ...gone, detail: `With ${tokenIn(config)}.` })),
			says: /a secret stands in what is told/,
		},
		{
			what: "gives up what may yet come",
			subject: fetching(async ({ url }, _config, tools) => {
				await tools.http({ method: "GET", url, headers: {} });
				return gone;
			}),
			says: /503: it ends failed/,
		},
	],
};

function withoutMedia({ connector }: Subject): Subject["connector"] {
	const { media: _media, ...others } = connector;
	return others;
}
