// The settings of a service against the schema of its form: what is wrong, in words. Pure.

import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import type { ConfigProblem, ConnectorForm, JsonSchema } from "../contract.ts";
import { asArray, asObject } from "./http.ts";
import { settingsSchemaOf } from "./settings-schema.ts";

const validators = new WeakMap<ConnectorForm, Validator>();

/** Compiling takes milliseconds and forms live as long as the process, so each is compiled once. */
function validatorOf(form: ConnectorForm): Validator {
	const known = validators.get(form);
	if (known !== undefined) {
		return known;
	}
	const made = Compile({ ...settingsSchemaOf(form) } as TSchema);
	validators.set(form, made);
	return made;
}

/** One problem for each setting that is unknown or has a value it does not take. */
export function settingsProblems(
	form: ConnectorForm,
	settings: Readonly<Record<string, unknown>>,
): readonly ConfigProblem[] {
	const { properties } = settingsSchemaOf(form);
	const wrong = new Set(
		validatorOf(form)
			.Errors(settings)
			.map((error) => error.instancePath.split("/")[1] ?? "")
			.filter((step) => step !== ""),
	);
	return [...wrong].map((step) => {
		const schema = properties[fromPointerStep(step)];
		const message =
			schema === undefined
				? `is not a setting of this type; remove it, or use one of ${Object.keys(properties).join(", ")}.`
				: `must be ${inWords(schema)}; leave it out for the default.`;
		return { pointer: `/settings/${step}`, message };
	});
}

/** RFC 6901 section 4. */
function fromPointerStep(step: string): string {
	return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** What a value must be, read from its schema: "a whole number from 1 to 20". */
export function inWords(schema: JsonSchema): string {
	if ("const" in schema) {
		return JSON.stringify(schema["const"]);
	}
	const choices = [...asArray(schema["enum"]).map((value) => JSON.stringify(value)), ...alternatives(schema)];
	if (choices.length > 0) {
		return choices.length === 1 ? (choices[0] ?? "") : `one of ${choices.join(", ")}`;
	}
	switch (schema["type"]) {
		case "boolean":
			return "true or false";
		case "integer":
			return `a whole number${between(schema, "minimum", "maximum", "")}`;
		case "number":
			return `a number${between(schema, "minimum", "maximum", "")}`;
		case "string":
			return `a text${between(schema, "minLength", "maxLength", " characters")}${shape(schema)}`;
		case "array":
			return `a list${between(schema, "minItems", "maxItems", " entries")}, each ${inWords(asObject(schema["items"]) ?? {})}`;
		case "null":
			return "null";
		default:
			return "an object as the form describes it";
	}
}

function alternatives(schema: JsonSchema): readonly string[] {
	const schemas = [...asArray(schema["anyOf"]), ...asArray(schema["oneOf"])];
	return schemas.map((alternative) => inWords(asObject(alternative) ?? {}));
}

function between(schema: JsonSchema, least: string, most: string, unit: string): string {
	const [min, max] = [schema[least], schema[most]];
	if (typeof min === "number") {
		return typeof max === "number" ? ` from ${min} to ${max}${unit}` : ` of at least ${min}${unit}`;
	}
	return typeof max === "number" ? ` of at most ${max}${unit}` : "";
}

function shape(schema: JsonSchema): string {
	const example = asArray(schema["examples"])[0];
	if (typeof example === "string") {
		return ` such as ${example}`;
	}
	return typeof schema["pattern"] === "string" ? ` that matches ${schema["pattern"]}` : "";
}
