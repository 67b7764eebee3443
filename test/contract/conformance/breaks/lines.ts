// Connectors that take frames for something else, open their door to HTTP, or believe what is no answer.

import type { HeardFrame } from "#connectors/contract.ts";
import type { RemoteId } from "#domain/ids.ts";
import { type Breaks, having, lining, receiving, retry, smpp, telling, unknown, withWords } from "./breaking.ts";

function hearing(change: (heard: HeardFrame, frame: Uint8Array) => HeardFrame) {
	return lining(smpp, (line) => ({
		hear: (frame, config, opening) => change(line.hear(frame, config, opening), frame),
	}));
}

const passwordIn = (config: unknown): string => (config as { user?: { password?: string } }).user?.password ?? "";

let turn = 0;

export const lineBreaks: Breaks = {
	"every frame is taken for what is stated": [
		{
			what: "loses what is told",
			subject: hearing((heard) => (heard.kind === "told" ? { ...heard, events: [] } : heard)),
			says: /message-published: not what is stated/,
		},
		{
			what: "answers every frame as if it were taken",
			subject: hearing((heard) => (heard.kind === "told" ? { ...heard, refused: heard.taken } : heard)),
			says: /taken and refused are the same answer/,
		},
		{
			what: "hears something else the second time",
			subject: hearing((heard) => (heard.kind === "asked" ? { ...heard, reply: Uint8Array.of((turn += 1)) } : heard)),
			says: /a second hearing gives something else/,
		},
		{
			what: "cuts frames too long",
			subject: lining(smpp, (line) => ({
				frameLength(bytes) {
					const length = line.frameLength(bytes);
					return typeof length === "number" ? length + 1 : length;
				},
			})),
			says: /the frame is taken for one of \d+ bytes/,
		},
		{ what: "has no frames", subject: { ...smpp, frames: [] }, says: /no fixture tells of an event/ },
	],
	"a type with a line is shut to HTTP": [
		{
			what: "lets HTTP in",
			subject: receiving(smpp, { auth: { kind: "signature", verify: () => ({ ok: true }) } }),
			says: /a request by HTTP is let in/,
		},
		{
			what: "has an open door",
			subject: receiving(smpp, { auth: { kind: "none", because: "It is quicker." } }),
			says: /must be one that wants a signature/,
		},
		{
			what: "believes what a door that observes lets in",
			subject: receiving(smpp, { parse: () => [{ kind: "unreadable", dedupKey: "x", reason: "What is it?" }] }),
			says: /taken for a unreadable/,
		},
	],
	"any bytes on a line are borne": [
		{
			what: "throws over a frame that is shorter than it says",
			subject: hearing((heard) => {
				if (heard.kind === "told" && heard.events.some(({ kind }) => kind === "unreadable")) {
					throw new RangeError("out of bounds");
				}
				return heard;
			}),
			says: /not borne: .*out of bounds/s,
		},
		{
			what: "believes a length of nothing",
			subject: lining(smpp, (line) => ({
				frameLength: (bytes) => (line.frameLength(bytes) === "broken" ? 0 : line.frameLength(bytes)),
			})),
			says: /not borne/,
		},
	],
	"every answer on a line is understood": [
		{
			what: "sends again what nobody knows of",
			subject: telling(smpp, (outcome) => (outcome.kind === "unknown" ? retry : outcome)),
			says: /cut after it was taken: the outcome is retry/,
		},
		{
			what: "gives up a throttled message",
			subject: telling(smpp, (outcome) =>
				outcome.kind === "retry" && outcome.code === "throttled" ? { ...outcome, kind: "rejected" } : outcome,
			),
			says: /throttled: the outcome is rejected/,
		},
		{
			what: "takes a refusal for the moment's",
			subject: telling(smpp, (outcome) => (outcome.kind === "rejected" ? { ...outcome, kind: "retry" } : outcome)),
			says: /refused for good: the outcome is retry/,
		},
		{
			what: "makes up an id",
			subject: telling(smpp, (outcome) =>
				outcome.kind === "accepted" ? { ...outcome, remoteIds: ["made-up" as RemoteId] } : outcome,
			),
			says: /taken: the id is made-up/,
		},
		{
			what: "is let in by any answer",
			subject: lining(smpp, () => ({ greeted: () => ({ ok: true }) })),
			says: /a stranger's greeting is ok/,
		},
		{
			what: "tells the password",
			subject: telling(
				smpp,
				withWords((_message, config) => passwordIn(config)),
			),
			says: /a secret is told/,
		},
		{
			what: "tells the message",
			subject: telling(
				smpp,
				withWords(({ text }) => text),
			),
			says: /the message is told/,
		},
	],
	"an answer on a line in another shape is neither thrown over nor believed": [
		{
			what: "accepts without an id",
			subject: telling(smpp, (outcome) =>
				outcome.kind === "unknown" ? { kind: "accepted", remoteIds: ["" as RemoteId] } : outcome,
			),
			says: /accepted without an id/,
		},
		{
			what: "throws over an answer",
			subject: telling(smpp, (outcome) => {
				if (outcome.kind === "unknown" && outcome.code === "protocol") {
					throw new TypeError("broken");
				}
				return outcome;
			}),
			says: /thrown over .*broken/,
		},
	],
	"the longest text passes over a line": [
		{
			what: "sends less than it says",
			subject: having(smpp, {
				send: (message, config, tools) =>
					smpp.connector.send({ ...message, text: message.text.slice(0, 100) }, config, tools),
			}),
			says: /another text arrived/,
		},
		{
			what: "says more than fits",
			subject: having(smpp, {
				capabilities: { ...smpp.connector.capabilities, text: { max: 153, alone: 300, unit: "gsm7" } },
			}),
			says: /a text of the greatest length is rejected/,
		},
		{ what: "sends nothing", subject: telling(smpp, () => unknown), says: /is unknown/ },
	],
};
