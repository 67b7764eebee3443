// Connectors that leak, promise too much, send when they should ask, or lose our attempt id.

import type { StoredService, Tools } from "#connectors/contract.ts";
import type { AttemptId, RemoteId } from "#domain/ids.ts";
import type { Subject } from "../subject.ts";
import {
	accepted,
	type Breaks,
	facebook,
	having,
	onlyFor,
	parsing,
	retry,
	sending,
	sinch,
	telling,
	tokenIn,
	twilio,
	unknown,
	verifying,
	withWords,
} from "./breaking.ts";

function withoutVerify(service: StoredService): StoredService {
	return {
		...service,
		authentications: service.authentications.filter((entry) => entry.authenticationId !== "verify"),
	};
}

/** Its request is another one for the message of a stand than for an invented one. */
const oddTexts: Subject = sending(
	twilio,
	(send) => (message, config, tools) =>
		send(message.attemptId.startsWith("0000") ? { ...message, text: "something else" } : message, config, tools),
);

const withBadSamples: Subject = having(twilio, {
	config: {
		...twilio.connector.config,
		form: { ...twilio.connector.config.form, sampleAddresses: { contact: "nobody" } },
	},
});

export const sendingBreaks: Breaks = {
	"a preview is what is sent, without its secrets": [
		{ what: "sends something else than it shows", subject: oddTexts, says: /the body is .*something\+else/ },
		{
			what: "sends nothing to show",
			subject: sending(twilio, () => () => Promise.resolve(retry)),
			says: /no preview:/,
		},
		{
			what: "remembers a secret from one send to the next",
			subject: sending(facebook, (send) => {
				let kept = "";
				return (message, config, tools) => {
					kept ||= tokenIn(config);
					const http: Tools["http"] = (call) => tools.http({ ...call, headers: { ...call.headers, "x-kept": kept } });
					return send(message, config, { ...tools, http });
				};
			}),
			says: /the preview tells a secret/,
		},
		{
			what: "has samples that it refuses itself",
			subject: withBadSamples,
			says: /the samples make no request: \/message\/to/,
		},
	],
	"trouble with a token loses no message": [
		{
			what: "does not know whether it sent",
			subject: telling(
				sinch,
				onlyFor("retry", () => unknown),
			),
			on: ["token reset"],
			says: /token reset: the outcome is unknown/,
		},
		{
			what: "gives up because no token can be had",
			subject: telling(
				sinch,
				onlyFor("retry", () => ({ kind: "rejected", code: "credentials", detail: "No token." })),
			),
			on: ["token port shut"],
			says: /token port shut: the outcome is rejected/,
		},
		{
			what: "sends without a token",
			subject: sending(
				sinch,
				(send) => (message, config, tools) =>
					send(message, config, {
						...tools,
						async token(key, fetch) {
							const answer = await tools.token(key, fetch);
							return answer.ok ? answer : { ok: true, accessToken: "none", expiresAt: new Date(0) };
						},
					}),
			),
			on: ["token reset"],
			says: /a message was sent without a token/,
		},
		{
			what: "asks for no token",
			subject: sending(sinch, () => () => Promise.resolve(retry)),
			on: ["token reset"],
			says: /no token was asked for/,
		},
	],
	"no secret and no text leaks": [
		{
			what: "quotes its own secret",
			subject: telling(
				facebook,
				withWords((_message, config) => tokenIn(config)),
			),
			says: /the detail tells a secret, after/,
		},
		{
			what: "quotes the text",
			subject: telling(
				facebook,
				withWords(({ text }) => text),
			),
			says: /the detail tells the message, after/,
		},
		{
			what: "forgets a secret of its service when it hides what must be hidden",
			subject: having(facebook, {
				config: {
					...facebook.connector.config,
					parse: (service) => facebook.connector.config.parse(withoutVerify(service)),
				},
			}),
			says: /the detail tells a secret, after/,
		},
		{
			what: "cannot send at all",
			subject: sending(facebook, () => () => Promise.resolve(retry)),
			says: /nothing can be sent: retry/,
		},
	],
	"the longest text passes": [
		{
			what: "promises one letter too many",
			subject: having(facebook, {
				capabilities: { ...facebook.connector.capabilities, text: { max: 2001, unit: "characters" } },
			}),
			says: /a text of the greatest length is rejected/,
		},
		{
			what: "counts in bytes what it calls letters",
			subject: sending(
				twilio,
				(send) => (message, config, tools) =>
					send({ ...message, text: Buffer.from(message.text).subarray(0, 1600).toString() }, config, tools),
			),
			says: /another text arrived/,
		},
	],
	"a look-up only asks": [
		{
			what: "sends again instead of asking",
			subject: having(twilio, {
				lookup: (message, _at, config, tools) => twilio.connector.send(message, config, tools),
			}),
			on: ["500"],
			says: /the look-up sends a POST|the look-up sent a message/,
		},
		{
			what: "searches by telling the text",
			subject: having(twilio, {
				lookup: async ({ text }, _at, config, tools) => {
					const { origin } = config as { origin: string };
					await tools.http({ method: "POST", url: `${origin}/search`, headers: {}, body: text });
					return unknown;
				},
			}),
			on: ["500"],
			says: /500: the look-up sends a POST to \/search/,
		},
		{
			what: "always finds it",
			subject: having(twilio, { lookup: () => Promise.resolve(accepted) }),
			on: ["500"],
			says: /a message that is not listed is accepted/,
		},
		{
			what: "never finds it",
			subject: having(twilio, { lookup: () => Promise.resolve(unknown) }),
			on: ["500"],
			says: /a message that was taken is found as unknown/,
		},
		{
			what: "puts a secret into the address it asks at",
			subject: having(twilio, {
				lookup: async (_message, _at, config, tools) => {
					const { origin, user } = config as { origin: string; user: { secret: string } };
					await tools.http({ method: "GET", url: `${origin}/?key=${user.secret}`, headers: {} });
					return unknown;
				},
			}),
			on: ["500"],
			says: /500: a secret is in a URL/,
		},
		{
			what: "asks nobody",
			subject: having(twilio, { lookup: () => Promise.resolve(unknown) }),
			on: ["503"],
			says: /503: 0 requests were sent/,
		},
		{
			what: "takes silence for a no",
			subject: having(twilio, { lookup: () => Promise.resolve(retry) }),
			on: ["500"],
			says: /500: the look-up is retry/,
		},
	],
	"our attempt id travels and comes back": [
		{
			what: "sends another attempt id",
			subject: sending(
				facebook,
				(send) => (message, config, tools) =>
					send({ ...message, attemptId: "A".repeat(32) as AttemptId }, config, tools),
			),
			says: /the request does not carry the attempt id/,
		},
		{
			what: "promises no receipt and gets some",
			subject: having(facebook, { capabilities: { ...facebook.connector.capabilities, receipts: [] } }),
			says: /receipts come, although the type promises none/,
		},
		{
			what: "does not read it back",
			subject: parsing(sinch, (events) =>
				events.map((event) =>
					event.kind === "receipt" && event.target.by === "remote"
						? { ...event, target: { by: "remote", remoteId: event.target.remoteId } }
						: event,
				),
			),
			says: /no receipt brings the attempt id back/,
		},
		{
			what: "gives it to another message",
			subject: parsing(twilio, (events) =>
				events.map((event) =>
					event.kind === "receipt" && event.target.by === "attempt"
						? { ...event, target: { ...event.target, remoteId: "other" as RemoteId } }
						: event,
				),
			),
			says: /names our attempt and another message/,
		},
		{
			what: "refuses what the provider reports",
			subject: verifying(twilio, () => () => ({ ok: false, why: "mismatch" })),
			says: /what the provider reports is refused: mismatch/,
		},
		{
			what: "never says read",
			subject: parsing(facebook, (events) =>
				events.filter((event) => event.kind !== "receipt" || event.status !== "read"),
			),
			says: /no receipt says read/,
		},
	],
};
