// Connectors that tell an administrator something else of their provider's calls than what comes and what is demanded.

import type { WebhookCall } from "#connectors/contract.ts";
import { type Subject, subjectOf } from "../subject.ts";
import { type Breaks, facebook, smpp, twilio, withFirstRule, withForm } from "./breaking.ts";

/** With calls in both modes. */
const sinchsms = subjectOf("sinchsms");

function withCalls(subject: Subject, change: (call: WebhookCall) => WebhookCall): Subject {
	return withForm(subject, { webhookCalls: subject.connector.config.form.webhookCalls.map(change) });
}

export const webhookCallBreaks: Breaks = {
	"the provider calls as the form says": [
		{
			what: "tells of no call",
			subject: withForm(facebook, { webhookCalls: [] }),
			says: /no call of the provider is told of/,
		},
		{
			what: "has a line and tells of calls",
			subject: withForm(smpp, { webhookCalls: facebook.connector.config.form.webhookCalls }),
			says: /calls by HTTP are told of a type with a line/,
		},
		{
			what: "does not say what a call brings",
			subject: withCalls(facebook, (call) => ({ ...call, purpose: " " })),
			says: /a text of the call is empty/,
		},
		{
			what: "names a placeholder of its own",
			subject: withCalls(twilio, (call) => ({ ...call, url: "{webhookUrl}?account={accountSid}" })),
			says: /the address has \{accountSid\}, which nobody replaces/,
		},
		{
			what: "adds a step to the path",
			subject: withCalls(twilio, (call) => ({ ...call, url: "{webhookUrl}/incoming" })),
			says: /the address has \/incoming, which nobody replaces/,
		},
		{
			what: "tells an address of its own",
			subject: withCalls(twilio, (call) => ({ ...call, url: "https://example.com/" })),
			says: /the address does not begin with \{webhookUrl\}/,
		},
		{
			what: "depends on a value that no setting has",
			subject: withCalls(sinchsms, (call) => ({ ...call, when: { mode: ["smpp"] } })),
			says: /no service has mode = smpp/,
		},
		{
			what: "depends on an authentication that there is not",
			subject: withCalls(sinchsms, (call) => ({
				...call,
				headers: call.headers.map((header) => ({ ...header, onlyWith: "hmac" })),
			})),
			says: /a header depends on hmac, and no authentication has that role/,
		},
		{
			what: "tells one mode's method of the other",
			subject: withCalls(sinchsms, (call) => ({ ...call, when: { mode: [call.method === "GET" ? "xms" : "basic"] } })),
			says: /no fixture is a POST to such an address that is read with \{"mode":"basic"\}[^]*mo-\S+: it is a POST, and no call/,
		},
		{
			what: "tells of a mode in which that call is not read, beside one in which it is",
			subject: withCalls(sinchsms, (call) => ({ ...call, when: { mode: ["xms", "basic"] } })),
			says: /Messages of contacts: no fixture is a POST to such an address that is read with \{"mode":"basic"\}/,
		},
		{
			what: "tells of parameters that the provider does not send",
			subject: withCalls(sinchsms, (call) => ({ ...call, url: call.url.replace("from=%P", "sender=%P") })),
			says: /Messages of contacts: no fixture is a GET to such an address/,
		},
		{
			what: "tells of a question that it does not answer",
			subject: withCalls(twilio, (call) => ({
				...call,
				method: "GET",
				alsoTaken: ["POST"],
				url: "{webhookUrl}?ask=…",
			})),
			says: /Status callbacks: no fixture is a GET to such an address/,
		},
		{
			what: "says nothing of the header that proves a call",
			subject: withCalls(facebook, (call) => ({ ...call, headers: [] })),
			says: /the header x-hub-signature-256 proves it and is not told of/,
		},
		{
			what: "tells of a header that the provider does not send",
			subject: withCalls(facebook, (call) => ({
				...call,
				headers: [...call.headers, { name: "X-Hub-Signature-512", value: "a newer one" }],
			})),
			says: /has not the headers of any call[^]*the header X-Hub-Signature-512 is told of, and no genuine request/,
		},
		{
			what: "has a text entered at the provider under an id that is not known before",
			subject: withFirstRule(facebook, { idPattern: "^[a-z]+$", isEnteredAtProvider: true }),
			says: /webhook is entered at the provider too, and is not one incoming entry of one name/,
		},
	],
};
