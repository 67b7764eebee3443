// The part of a connector's page that is drawn from its form: what to enter, which settings there are, what the type can
// do. Text that people write stands around it and stays.

import { type AuthenticationRule, type Connector, ownSettingsOf } from "#connectors/kit/rules.ts";
import { shownSettingsOf } from "#connectors/kit/settings-hints.ts";
import type { SettingsCondition } from "#connectors/contract.ts";
import { inWords } from "#connectors/kit/settings-rules.ts";
import { type CallOfType, callsOfType } from "#connectors/kit/webhook-calls.ts";

const begin = "<!-- generated from the connector's form: begin (npm run generate) -->";
const end = "<!-- generated from the connector's form: end -->";

/** The page with its generated part renewed; a page that is not there yet is begun. */
export function renewedPage(page: string | undefined, connector: Connector<unknown>): string {
	const section = `${begin}\n\n${sectionOf(connector)}\n\n${end}`;
	if (page === undefined) {
		return `${beginningOf(connector)}\n${section}\n`;
	}
	const [from, to] = [page.indexOf(begin), page.indexOf(end)];
	if (from < 0 || to < from) {
		throw new Error(`The page of ${connector.type} has lost its marks; put back the lines\n${begin}\n${end}`);
	}
	return page.slice(0, from) + section + page.slice(to + end.length);
}

function beginningOf({ type, config }: Connector<unknown>): string {
	return `# ${config.form.label} (\`${type}\`)

${config.form.help}
Facts about the provider, with their sources, and its quirks: [README](../../src/connectors/${type}/README.md).
`;
}

function sectionOf(connector: Connector<unknown>): string {
	const { form } = connector.config;
	const { properties } = shownSettingsOf(form);
	const own = Object.keys(ownSettingsOf(form));
	const common = Object.keys(properties).filter((name) => !own.includes(name));
	const settings = (names: readonly string[]) =>
		table(
			["Setting", "Name in REST", "Value", "Default", "Meaning"],
			names.map((name) => settingRow(name, properties[name] ?? {})),
		);
	return [
		"## Addresses",
		addresses(connector),
		"## Authentications",
		table(
			["Authentication ID", "Password", "Direction", "How many", "Meaning"],
			form.authentications.map(authenticationRow),
		),
		"## Settings of this type",
		own.length === 0 ? "This type has no settings of its own." : settings(own),
		"## Settings of every type",
		settings(common),
		"## At the provider",
		form.webhookSteps
			.map((step, index) => `${index + 1}. ${step.replaceAll(/\{webhookUrl\}([#?=&%\w]*)/g, "`<webhook URL>$1`")}`)
			.join("\n"),
		"## What the provider calls",
		calls(connector),
		"## What the type can do",
		capabilities(connector),
	].join("\n\n");
}

function addresses({ type, config, inbound, line }: Connector<unknown>): string {
	const { serviceConnection, usesAuthenticationUrl } = config.form;
	const usual = serviceConnection.default === undefined ? "" : ` Default: \`${serviceConnection.default}\`.`;
	const local =
		inbound.localHttpAuthentication === "required"
			? "While *Use Local Http Authentication* is on, the provider also needs an HTTP user with the right Use."
			: "The type is exempt from *Use Local Http Authentication*.";
	const incoming =
		line === undefined
			? [
					`- **Webhook URL**: \`<publicBaseUrl><basePath>/sms/${type}/<service id>\`, or \`/sms/${type}/all\` for every service of the type.`,
					`- **Proof of the provider**: ${proofOf(inbound.auth)} ${local}`,
				]
			: [
					"- **Webhook URL**: none is called; everything comes over the line that each sending node keeps to the provider.",
					"- **Proof of the provider**: the line goes to the address entered, and with TLS to the owner of its certificate.",
				];
	return [
		`- **${serviceConnection.title}**: ${serviceConnection.description} Example: \`${serviceConnection.example}\`.${usual}`,
		`- **Authentication URL**, **Authentication Scope**: ${usesAuthenticationUrl ? "where tokens are fetched, and for what." : "not used by this type."}`,
		...incoming,
	].join("\n");
}

type Auth = Connector<unknown>["inbound"]["auth"];

function signatureOf({ secretHeader, provesParts }: Extract<Auth, { kind: "signature" }>): string {
	const what =
		secretHeader !== undefined ? "the secret" : provesParts === true ? "a signed token, or a secret" : undefined;
	return what === undefined ? "each call is signed." : `each call carries ${what}.`;
}

function proofOf(auth: Auth): string {
	switch (auth.kind) {
		case "signature":
			return signatureOf(auth);
		case "httpUser":
			return auth.verify === undefined
				? "the HTTP user alone."
				: "the HTTP user, or a signature where the service has a secret for it.";
		case "none":
			return "none; the service is shown as an open door.";
	}
}

function authenticationRow(rule: AuthenticationRule): readonly string[] {
	const { idLabel, idShape, idExample, secretLabel, direction, min, max, description } = rule;
	return [
		`${idLabel}: ${idShape}, e.g. \`${idExample}\``,
		secretLabel,
		direction,
		min === max ? String(min) : `${min}–${max}`,
		description,
	];
}

function settingRow(name: string, schema: Readonly<Record<string, unknown>>): readonly string[] {
	const text = (keyword: string) => (typeof schema[keyword] === "string" ? schema[keyword] : "");
	return [
		text("title"),
		`\`${name}\``,
		choicesIn(schema) ?? inWords(schema),
		schema["default"] === undefined ? "" : `\`${JSON.stringify(schema["default"])}\``,
		`${text("description")}${onlyWith(schema)}`,
	];
}

type Choices = readonly { const: string; title: string }[];

function choicesIn(schema: Readonly<Record<string, unknown>>): string | undefined {
	const choices = schema["oneOf"] as Choices | undefined;
	return choices?.map(({ const: value, title }) => `\`${value}\` (${title})`).join(", ");
}

function onlyWith(schema: Readonly<Record<string, unknown>>): string {
	const conditions = Object.entries((schema["x-showIf"] ?? {}) as SettingsCondition).map(
		([name, values]) => `\`${name}\` ${values.map((value) => `\`${value}\``).join(", ")}`,
	);
	return conditions.length === 0 ? "" : ` Counts only with ${conditions.join(" and ")}.`;
}

function calls(connector: Connector<unknown>): string {
	const described = callsOfType(connector, "<webhook URL>");
	if (described.length === 0) {
		return "Nothing: everything comes over a line that we open.";
	}
	const heads = ["", "What comes", "Method", "Address", "Named by", "Proof", "Only with these settings"];
	const told = [...headerLines(described), ...proposedLines(described)];
	return [table(heads, described.map(callRow)), ...(told.length === 0 ? [] : [told.join("\n")])].join("\n\n");
}

const namers = { person: "a person, who enters it", message: "each message", subscription: "Parley, which subscribes" };

function callRow(call: CallOfType, index: number): readonly string[] {
	const { purpose, method, alsoTaken, url, namedBy, headers, otherProof, when } = call;
	const proofs = [...headers.map(({ name }) => `\`${name}\``), ...(otherProof === null ? [] : [otherProof])];
	return [
		String(index + 1),
		purpose,
		[method, ...alsoTaken].join(" or "),
		`\`${url}\``,
		namers[namedBy],
		proofs.join(", "),
		when.map(({ setting, is }) => `\`${setting}\`: ${is.map((value) => `\`${value}\``).join(", ")}`).join("; "),
	];
}

/** What each header holds, once for all calls that have it. */
function headerLines(described: readonly CallOfType[]): readonly string[] {
	const lines = described.flatMap(({ headers }) =>
		headers.map(
			({ name, value, onlyIf }) => `- \`${name}\`: ${value}${onlyIf === null ? "" : `; demanded where ${onlyIf}`}.`,
		),
	);
	return [...new Set(lines)];
}

function proposedLines(described: readonly CallOfType[]): readonly string[] {
	const numbered = described.map(({ proposed }, index) => ({ proposed, number: index + 1 }));
	const all = Map.groupBy(numbered, ({ proposed }) => proposed);
	return [...all].flatMap(([proposed, of]) =>
		proposed === null ? [] : [`- Proposed, not known (${of.map(({ number }) => number).join(", ")}): ${proposed}.`],
	);
}

function capabilities({ capabilities: { text, media, templates, receipts }, config }: Connector<unknown>): string {
	const files =
		media === false ? "none" : `up to ${media.maxCount} of at most ${media.maxBytes} bytes: ${media.types.join(", ")}`;
	const alone = text.alone === undefined ? "" : ` A text of up to ${text.alone} goes whole.`;
	return [
		`- Channels: ${config.form.card.channels.join(", ")}.`,
		`- One part of a text has at most ${text.max} (counted in ${text.unit}); longer texts are split.${alone}`,
		`- Attachments: ${files}.`,
		`- Templates: ${typeof templates === "boolean" ? (templates ? "yes" : "no") : `on ${templates.join(", ")}`}.`,
		`- Receipts: ${receipts.length === 0 ? "none" : receipts.join(", ")}.`,
	].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
	return [line(head), `|${head.map(() => " --- |").join("")}`, ...rows.map(line)].join("\n");
}

function cell(text: string): string {
	return text.replaceAll("|", "\\|").replaceAll(/\s*\n\s*/g, " ");
}
