// Whether a form can be drawn from what a type tells and from nothing else: every setting has its words and its place, every
// choice a title, conditions can be met, parts make the whole id, and the card is short.

import { Compile } from "typebox/compile";
import type { AuthenticationRule, ConnectorForm, JsonSchema } from "#connectors/contract.ts";
import { formGroups } from "#connectors/contract-form.ts";
import { ownSettingsOf, settingsSchemaOf } from "#connectors/kit/rules.ts";
import { choicesOf, commonLayout, shownSettingsOf } from "#connectors/kit/settings-hints.ts";
import type { Findings, Subject } from "./subject.ts";

export function formCanBeDrawn({ connector }: Subject): Findings {
	const { form } = connector.config;
	return [
		...Object.entries(shownSettingsOf(form).properties).flatMap(([name, shown]) => undrawn(form, name, shown)),
		...strangeNames(form),
		...impossibleConditions(form),
		...form.authentications.flatMap(wrongParts),
		...wrongCard(form),
	];
}

function undrawn({ layout }: ConnectorForm, name: string, shown: JsonSchema): Findings {
	const places = formGroups.flatMap((group) =>
		[...(layout.groups[group] ?? []), ...(commonLayout.groups[group] ?? [])].filter((one) => one === name),
	);
	const words = ["title", "description"].filter((key) => typeof shown[key] !== "string" || shown[key] === "");
	return [
		...words.map((key) => `the setting ${name} has no ${key}`),
		...(places.length === 1 ? [] : [`the setting ${name} stands in ${places.length} groups`]),
	];
}

/** What the layout names is there; and each choice is called something, and nothing else is. */
function strangeNames(form: ConnectorForm): Findings {
	const own = ownSettingsOf(form);
	const { groups, choices = {}, showIf = {}, multiline = [], templates = [], units = {} } = form.layout;
	const named = [...Object.values(groups).flat(), ...multiline, ...templates];
	const all = [...named, ...[choices, showIf, units].flatMap((table) => Object.keys(table))];
	const strange = new Set(all.filter((name) => !Object.hasOwn(own, name)));
	const titles = (name: string) => ({ ...choices[name], ...commonLayout.choices?.[name] });
	return [
		...[...strange].map((name) => `the layout names ${name}, which is no setting of this type`),
		...Object.entries(settingsSchemaOf(form).properties).flatMap(([name, schema]) =>
			untitled(name, schema, titles(name)),
		),
	];
}

function untitled(name: string, schema: JsonSchema, titles: Readonly<Record<string, string>>): Findings {
	const [values, titled] = [choicesOf(schema), Object.keys(titles)];
	return [
		...values.filter((value) => !titles[value]).map((value) => `the choice ${value} of ${name} has no title`),
		...titled.filter((value) => !values.includes(value)).map((value) => `${name} has no choice ${value}`),
	];
}

function impossibleConditions(form: ConnectorForm): Findings {
	const own = ownSettingsOf(form);
	return Object.entries(form.layout.showIf ?? {}).flatMap(([name, condition]) =>
		Object.entries(condition).flatMap(([other, values]) => {
			const schema = own[other];
			const isPossible = schema !== undefined && other !== name && values.length > 0;
			return isPossible && values.every((value) => Compile(schema).Check(value))
				? []
				: [`${name} counts with ${other} = ${values.join(" or ")}, which no service has`];
		}),
	);
}

function wrongParts({ role, idParts, idExample, idPattern }: AuthenticationRule): Findings {
	if (idParts === undefined) {
		return [];
	}
	const { parts, joinedBy } = idParts;
	const joined = parts.map(({ example }) => example).join(joinedBy);
	const last = parts.at(-1);
	const fits = (text: string, pattern: string) => new RegExp(pattern, "u").test(text);
	return [
		...(joined === idExample && fits(joined, idPattern) ? [] : [`the parts of ${role} make ${joined}`]),
		...parts
			.filter(({ example, pattern }) => !fits(example, pattern))
			.map(({ key }) => `${key} of ${role} refuses its own example`),
		...(last !== undefined && !fits(`a${joinedBy}a`, last.pattern)
			? []
			: [`the last part of ${role} may hold ${joinedBy}`]),
	];
}

const summaryCharactersMax = 70; // One line of a card.

function wrongCard({ card: { summary, channels } }: ConnectorForm): Findings {
	const isLine = summary !== "" && summary.length <= summaryCharactersMax && !/[.\n]$/.test(summary);
	return [
		...(isLine ? [] : ["the summary is no short line without a full stop"]),
		...(channels.length > 0 && channels.every((channel) => /^[a-z][a-z-]*$/.test(channel))
			? []
			: ["the type has no channel, or one that is not written as everywhere"]),
	];
}
