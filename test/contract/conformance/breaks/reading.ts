// Connectors that read requests wrongly, differently each time, or not at all.

import { asObject, readJson } from "#connectors/kit/http.ts";
import type { RemoteId } from "#domain/ids.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import type { Fixture } from "../fixtures.ts";
import { type Subject, secretsOf } from "../subject.ts";
import { type Breaks, facebook, parsing, receiving, sinch, throwing, tokenIn, twilio, verifying } from "./breaking.ts";

let count = 0;

function secretsIn({ service }: Fixture): readonly string[] {
	return secretsOf(service);
}

/** Copies a body's fields one by one into an object, whatever they are called. */
function merging(subject: Subject): Subject {
	return parsing(subject, (events, raw) => {
		const body = readJson(raw.body);
		const merged = (into: object, from: object): object => {
			for (const [name, value] of Object.entries(from)) {
				const inner: unknown = Reflect.get(into, name);
				const isBoth = [inner, value].every((side) => typeof side === "object" && side !== null);
				Reflect.set(into, name, isBoth ? merged(inner as object, value as object) : value);
			}
			return into;
		};
		merged({}, asObject(body) ?? {});
		return events;
	});
}

export const readingBreaks: Breaks = {
	"every fixture gives its stated events": [
		{
			what: "loses an event",
			subject: parsing(facebook, (events) => events.slice(1)),
			says: /other events than stated/,
		},
		{
			what: "gives two events one key",
			subject: parsing(twilio, (events) => [...events, ...events.map((event) => ({ ...event, at: new Date(1) }))]),
			says: /two different events have the key/,
		},
		{
			what: "tells a secret in an event",
			subject: receiving(facebook, {
				parse: (_raw, config) => [{ kind: "activity", dedupKey: "a", name: "seen", facts: { token: tokenIn(config) } }],
			}),
			says: /an event or a reply tells a secret of the service/,
		},
		{
			what: "tells a secret in a reply",
			subject: receiving(sinch, { ack: () => ({ status: 200, body: sinch.fixtures.flatMap(secretsIn).join(" ") }) }),
			says: /an event or a reply tells a secret of the service/,
		},
		{
			what: "gives fields without a value",
			subject: parsing(sinch, (events) =>
				events.map((event) => ({ ...event, at: undefined }) as unknown as ChannelEvent),
			),
			says: /not the same after a round trip/,
		},
		{
			what: "gives a field that nobody knows",
			subject: parsing(sinch, (events) => events.map((event) => ({ ...event, colour: "red" }))),
			says: /activity\/colour/,
		},
		{
			what: "gives an event of no kind",
			subject: parsing(facebook, (events) =>
				events.map((event) => ({ ...event, kind: "news" }) as unknown as ChannelEvent),
			),
			says: /the kind news does not exist/,
		},
		{
			what: "gives a receipt that failed for nothing",
			subject: parsing(facebook, () => [
				{ kind: "receipt", dedupKey: "r", target: { by: "remote", remoteId: "m" as RemoteId }, status: "failed" },
			]),
			says: /a fault exactly when it says failed/,
		},
	],
	"wrong types everywhere are read without an exception": [
		{
			what: "lets a request change every object",
			subject: merging(facebook),
			says: /Object\.prototype was changed/,
		},
		{
			what: "throws on what it cannot read",
			subject: parsing(facebook, (events) => (events.some(({ kind }) => kind === "unreadable") ? throwing() : events)),
			says: /thrown: TypeError/,
		},
		{
			what: "makes a date of anything",
			subject: parsing(sinch, (events, raw) => {
				const time = /"accept_time":("[^"]*"|\d+)/.exec(Buffer.from(raw.body).toString("utf8"))?.[1];
				return events.map((event) => ({ ...event, at: new Date(String(JSON.parse(time ?? '"x"'))) }));
			}),
			says: /\/at must be string/,
		},
	],
	"broken requests are read without an exception": [
		{
			what: "expects JSON when it looks for the account",
			subject: receiving(sinch, {
				accountsNamed: (raw) => Object.keys(JSON.parse(Buffer.from(raw.body).toString("utf8")) as object),
			}),
			says: /thrown: SyntaxError/,
		},
		{
			what: "expects a whole address",
			subject: receiving(facebook, {
				handshake(raw) {
					return raw.method === "GET" && new URL(raw.url).search === "" ? { status: 0 } : undefined;
				},
			}),
			says: /thrown: TypeError|a reply has no status/,
		},
		{
			what: "throws while it verifies",
			subject: verifying(twilio, (verify) => (raw, config, now) => {
				return decodeURIComponent(raw.url) === "" ? { ok: false, why: "missing" } : verify(raw, config, now);
			}),
			says: /thrown: URIError/,
		},
	],
	"requests of chance are read without an exception": [
		{
			what: "makes up a new key each time",
			subject: parsing(twilio, (events) =>
				events.map((event) => ({ ...event, dedupKey: `${event.dedupKey}:${count++}` })),
			),
			says: /a second reading gives other events \(seed/,
		},
		{
			what: "throws on long words",
			subject: parsing(facebook, (events, raw) => (raw.body.length > 100 ? throwing() : events)),
			says: /thrown: TypeError.*\(seed/,
		},
	],
};
