// Connectors whose form, draft, simulator or README leaves somebody alone.

import type { IdPart } from "#connectors/contract.ts";
import type { Subject } from "../subject.ts";
import { type Breaks, facebook, having, sinch, throwing, twilio, withFirstRule, withForm } from "./breaking.ts";

const { config: facebookConfig } = facebook.connector;

const { layout } = sinch.connector.config.form;
const [hookRule, appRule] = sinch.connector.config.form.authentications;

function withParts(parts: readonly IdPart[]): Subject {
	const rules = hookRule === undefined || appRule === undefined ? [] : [hookRule, appRule];
	const authentications = rules.map((rule) =>
		rule.idParts === undefined ? rule : { ...rule, idParts: { parts, joinedBy: "@" as const } },
	);
	return withForm(sinch, { authentications });
}

export const formBreaks: Breaks = {
	"the form can be drawn": [
		{
			what: "has a setting without a place",
			subject: withForm(sinch, { layout: { ...layout, groups: { sending: ["smsSender"] } } }),
			says: /the setting processingMode stands in 0 groups/,
		},
		{
			what: "has a choice without a title, and a title without a choice",
			subject: withForm(sinch, {
				layout: { ...layout, choices: { processingMode: { DISPATCH: "Dispatch", AUTO: "Auto" } } },
			}),
			says: /the choice CONVERSATION of processingMode has no title\nprocessingMode has no choice AUTO/,
		},
		{
			what: "names a setting that is not there",
			subject: withForm(sinch, { layout: { ...layout, multiline: ["body"] } }),
			says: /the layout names body, which is no setting/,
		},
		{
			what: "has a setting that never counts",
			subject: withForm(sinch, { layout: { ...layout, showIf: { smsSender: { processingMode: ["AUTO"] } } } }),
			says: /smsSender counts with processingMode = AUTO, which no service has/,
		},
		{
			what: "has parts that make another id",
			subject: withParts([
				{ key: "keyId", label: "Key ID", example: "a", pattern: "^b$" },
				{ key: "appId", label: "App ID", example: "b", pattern: "^.*$" },
			]),
			says: /the parts of app make a@b\nkeyId of app refuses its own example\nthe last part of app may hold @/,
		},
		{
			what: "has a card that is a page",
			subject: withForm(sinch, { card: { summary: "It does much. And more.", channels: [] } }),
			says: /no short line without a full stop\nthe type has no channel/,
		},
	],
	"the form is complete": [
		{ what: "has no label", subject: withForm(facebook, { label: "" }), says: /a text of the form is empty/ },
		{
			what: "does not say where the webhook is",
			subject: withForm(facebook, { webhookSteps: ["Go."] }),
			says: /no step names \{webhookUrl\}/,
		},
		{
			what: "refuses its own example",
			subject: withFirstRule(facebook, { idExample: "web hook" }),
			says: /webhook refuses its own example web hook/,
		},
		{
			what: "takes any id",
			subject: withFirstRule(facebook, { idPattern: ".*" }),
			says: /the pattern of webhook is not anchored|another rule takes/,
		},
		{
			what: "hides another rule",
			subject: withFirstRule(facebook, { idPattern: "^.*$" }),
			says: /another rule takes the example of/,
		},
		{
			what: "wants more than it allows",
			subject: withFirstRule(facebook, { min: 2, max: 1 }),
			says: /webhook wants 2 to 1/,
		},
		{
			what: "does not explain a rule",
			subject: withFirstRule(facebook, { secretLabel: " " }),
			says: /a text of the rule webhook is empty/,
		},
		{
			what: "takes any setting",
			subject: withForm(twilio, { settings: { ...twilio.connector.config.form.settings, additionalProperties: true } }),
			says: /the settings take what is not described/,
		},
		{
			what: "does not explain a setting",
			subject: withForm(twilio, {
				settings: { type: "object", additionalProperties: false, properties: { a: { type: "string" } } },
			}),
			says: /the setting a has no title/,
		},
		{
			what: "breaks its own rules",
			subject: withForm(facebook, { serviceConnection: { title: "t", description: "d", example: "no address" } }),
			says: /own examples and defaults break a rule/,
		},
		{
			what: "has no greatest length",
			subject: having(facebook, {
				capabilities: { ...facebook.connector.capabilities, text: { max: Number.NaN, unit: "bytes" } },
			}),
			says: /greatest length of a text is no number/,
		},
	],
	"a draft is borne": [
		{
			what: "throws without authentications",
			subject: having(facebook, { config: { ...facebookConfig, parse: throwing } }),
			says: /is not read: TypeError/,
		},
		{
			what: "believes it can send",
			subject: having(facebook, { cannotSend: () => undefined }),
			says: /says about sending: undefined/,
		},
		{
			what: "does not say a sentence",
			subject: having(facebook, { cannotSend: () => "no token" }),
			says: /says about sending: no token/,
		},
	],
	"the simulated account fits the form": [
		{
			what: "refuses the simulator's account",
			subject: having(facebook, {
				config: { ...facebookConfig, check: () => [{ pointer: "/x", message: "is wrong." }] },
			}),
			says: /the simulated account: \/x is wrong/,
		},
		{
			what: "cannot send with it",
			subject: having(facebook, { cannotSend: () => "Add something." }),
			says: /cannot send: Add something/,
		},
		{
			what: "has another type's simulator",
			subject: { ...facebook, startSimulator: twilio.startSimulator },
			says: /the simulator says it is twilio/,
		},
		{
			what: "has no simulator",
			subject: { ...facebook, startSimulator: undefined },
			says: /there is no simulator for facebook/,
		},
	],
	"the README tells its sources": [
		{
			what: "has an empty README",
			subject: { ...facebook, readme: "" },
			says: /links to no page.*does not say when.*does not say where/s,
		},
		{
			what: "has a day, but not beside its links",
			subject: {
				...facebook,
				readme: "See https://example.com/2020-01-01/.\n\nSince 2026-01-01 our attempt id travels.",
			},
			says: /does not say when its facts were checked/,
		},
		{
			what: "was checked on a day that is still to come",
			subject: { ...facebook, readme: "https://example.com/, checked 2098-01-01. Our attempt id travels." },
			says: /sources of 2098-01-01, which is no day so far/,
		},
	],
};
