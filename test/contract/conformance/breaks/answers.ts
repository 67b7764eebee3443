// Connectors that take an answer of the provider for something else, or ask in a way they must not.

import type { Outcome, Tools } from "#connectors/contract.ts";
import type { RemoteId } from "#domain/ids.ts";
import {
	accepted,
	type Breaks,
	facebook,
	onlyFor,
	retry,
	type Send,
	sending,
	sinch,
	telling,
	throwing,
	tokenIn,
	twilio,
	unknown,
	withWords,
} from "./breaking.ts";

/** Calls again after an answer that `isWanted`, at the address that `next` gives. */
function callingAgain(isWanted: (status: number) => boolean, next: (url: string) => string): (send: Send) => Send {
	return (send) => (message, config, tools) => {
		const http: Tools["http"] = async (call) => {
			const answer = await tools.http(call);
			const again = answer.kind === "answered" && isWanted(answer.status);
			return again ? tools.http({ ...call, url: next(call.url) }) : answer;
		};
		return send(message, config, { ...tools, http });
	};
}

export const answerBreaks: Breaks = {
	"every answer is understood": [
		{
			what: "tries again after a reset",
			subject: telling(
				facebook,
				onlyFor("unknown", () => retry),
			),
			on: ["reset after reading", "500", "200 with garbage"],
			says: /reset after reading: the outcome is retry .*, expected is unknown/,
		},
		{
			what: "believes that a shut port may have taken it",
			subject: telling(
				sinch,
				onlyFor("retry", () => unknown),
			),
			on: ["refused connection"],
			says: /refused connection: the outcome is unknown/,
		},
		{
			what: "takes garbage for a yes",
			subject: telling(
				twilio,
				onlyFor("unknown", () => accepted),
			),
			on: ["200 with garbage", "200 empty"],
			says: /200 empty: the outcome is accepted/,
		},
		{
			what: "gives up over refused credentials",
			subject: telling(
				sinch,
				onlyFor("retry", () => ({ kind: "rejected", code: "credentials", detail: "No." })),
			),
			on: ["401"],
			says: /401: the outcome is rejected/,
		},
		{
			what: "blames the wrong thing",
			subject: telling(
				twilio,
				onlyFor("retry", () => retry),
			),
			on: ["401", "429"],
			says: /401: code is unreachable, expected is credentials/,
		},
		{
			what: "does not wait as long as it is asked to",
			subject: telling(facebook, (outcome) =>
				outcome.kind === "retry" ? { ...outcome, notBefore: new Date(0) } : outcome,
			),
			on: ["429 with seconds", "429 with a date"],
			says: /429 with a date: notBefore is 1970/,
		},
		{
			what: "keeps a service open that is gone for good",
			subject: telling(
				twilio,
				onlyFor("rejected", () => ({ kind: "rejected", code: "config", detail: "It is gone." })),
			),
			on: ["410"],
			says: /410: closesService is undefined/,
		},
		{
			what: "closes a service over one message",
			subject: telling(
				twilio,
				onlyFor("rejected", (outcome) => ({ ...outcome, closesService: true }) as Outcome),
			),
			on: ["400"],
			says: /400: the service is closed for nothing/,
		},
		{
			what: "throws",
			subject: sending(facebook, () => () => throwing()),
			on: ["valid"],
			says: /valid: the outcome is thrown \(TypeError: broken\)/,
		},
		{
			what: "sends again after a fault",
			subject: sending(
				facebook,
				callingAgain(
					(status) => status >= 500,
					(url) => url,
				),
			),
			on: ["500"],
			says: /500: 2 requests were sent/,
		},
		{
			what: "follows a redirect",
			subject: sending(
				sinch,
				callingAgain(
					(status) => status === 307,
					(url) => new URL("/elsewhere", url).href,
				),
			),
			on: ["307"],
			says: /307: a redirect was followed/,
		},
		{
			what: "contacts somebody else",
			subject: sending(
				facebook,
				callingAgain(
					(status) => status === 400,
					() => "https://undeclared.example/log",
				),
			),
			on: ["400"],
			says: /undeclared\.example was contacted without being declared/,
		},
		{
			what: "puts a secret into the address",
			subject: sending(facebook, (send) => async (message, config, tools) => {
				const http: Tools["http"] = (call) =>
					tools.http({ ...call, url: `${call.url}?access_token=${tokenIn(config)}` });
				return send(message, config, { ...tools, http });
			}),
			on: ["500"],
			says: /500: a secret is in a URL/,
		},
		{
			what: "tells a secret",
			subject: telling(
				facebook,
				withWords((_message, config) => tokenIn(config)),
			),
			on: ["500"],
			says: /500: the detail tells a secret/,
		},
		{
			what: "tells the text",
			subject: telling(
				twilio,
				withWords(({ text }) => text),
			),
			on: ["500"],
			says: /500: the detail tells the message/,
		},
		{
			what: "tells a word instead of a sentence",
			subject: telling(
				twilio,
				onlyFor("unknown", () => ({ ...unknown, detail: "ECONNRESET" }) as Outcome),
			),
			on: ["500"],
			says: /not one plain sentence: ECONNRESET/,
		},
		{
			what: "invents a fault",
			subject: telling(
				twilio,
				onlyFor("unknown", () => ({ ...unknown, code: "misc" }) as unknown as Outcome),
			),
			on: ["500"],
			says: /the fault code misc does not exist/,
		},
		{
			what: "has no remote id",
			subject: telling(
				twilio,
				onlyFor("accepted", () => ({ kind: "accepted", remoteIds: ["" as RemoteId] })),
			),
			on: ["valid"],
			says: /accepted without a remote id/,
		},
		{
			what: "sends what the provider refuses",
			subject: sending(twilio, (send) => (message, config, tools) => send({ ...message, text: "" }, config, tools)),
			on: ["valid"],
			says: /refused: /,
		},
		{
			what: "has an exception that changes nothing",
			subject: { ...facebook, exceptions: { "500": { kind: "unknown", because: "It is so." } } },
			on: ["500"],
			says: /the exception for 500 changes nothing/,
		},
		{
			what: "has an exception for a secret in an address that has none",
			subject: { ...facebook, secretInAddress: "It is so." },
			on: ["valid"],
			says: /the exception for a secret in the address changes nothing/,
		},
		{
			what: "lacks its exception",
			subject: { ...sinch, exceptions: {} },
			on: ["503"],
			says: /503: the outcome is retry/,
		},
	],
};
