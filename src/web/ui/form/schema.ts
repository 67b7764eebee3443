// The part of JSON Schema that forms are drawn from, and what a value has to do with it. Pure.

export type FieldSchema = {
	type?: string | readonly string[];
	title?: string;
	description?: string;
	default?: unknown;
	examples?: readonly unknown[];
	enum?: readonly unknown[];
	oneOf?: readonly { const: unknown; title: string }[];
	pattern?: string;
	minLength?: number;
	maxLength?: number;
	minimum?: number;
	maximum?: number;
	maxItems?: number;
	items?: FieldSchema;
	format?: string;
	writeOnly?: boolean;
	/** The named settings have one of these values; otherwise the field does not count and is not shown. */
	"x-showIf"?: Readonly<Record<string, readonly unknown[]>>;
	"x-group"?: string;
	"x-multiline"?: boolean;
	"x-template"?: boolean;
	"x-unit"?: string;
};

export type Values = Readonly<Record<string, unknown>>;
export type Fields = Readonly<Record<string, FieldSchema>>;
/** By JSON pointer, as the server names fields. */
export type Mistakes = Readonly<Record<string, string>>;

export type Kind = "choice" | "switch" | "number" | "list" | "long" | "secret" | "text";

export function kindOf(schema: FieldSchema): Kind {
	if (schema.oneOf !== undefined || schema.enum !== undefined) {
		return "choice";
	}
	const type = typeof schema.type === "string" ? schema.type : (schema.type?.find((one) => one !== "null") ?? "string");
	if (type === "boolean") {
		return "switch";
	}
	if (type === "integer" || type === "number") {
		return "number";
	}
	if (type === "array") {
		return "list";
	}
	if (schema.format === "password" || schema.writeOnly === true) {
		return "secret";
	}
	return schema["x-multiline"] === true ? "long" : "text";
}

export type Choice = { value: string; label: string };

export function choicesOf(schema: FieldSchema): readonly Choice[] {
	return (
		schema.oneOf?.map((one) => ({ value: String(one.const), label: one.title })) ??
		schema.enum?.map((one) => ({ value: String(one), label: String(one) })) ??
		[]
	);
}

export function isShown(schema: FieldSchema, values: Values): boolean {
	return Object.entries(schema["x-showIf"] ?? {}).every(([name, wanted]) => wanted.includes(values[name]));
}

/** The fields of a group that count with these values, in the order of the schema. */
export function fieldsOf(
	fields: Fields,
	group: string | undefined,
	values: Values,
): readonly (readonly [string, FieldSchema])[] {
	return Object.entries(fields).filter(
		([, schema]) => (group === undefined || (schema["x-group"] ?? "basic") === group) && isShown(schema, values),
	);
}

export type Mistake = { key: "required" | "wrongShape" | "outOfRange"; options: Record<string, string | number> };

/** What can be told without asking the server; it has the last word. */
export function mistakeIn(schema: FieldSchema, value: unknown, isRequired: boolean): Mistake | undefined {
	if (value === undefined || value === null || value === "") {
		return isRequired ? { key: "required", options: {} } : undefined;
	}
	if (typeof value === "string" && schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)) {
		return { key: "wrongShape", options: { shape: schema.description ?? "" } };
	}
	if (typeof value === "number") {
		const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
		return value < minimum || value > maximum
			? { key: "outOfRange", options: { min: minimum, max: maximum } }
			: undefined;
	}
	return undefined;
}
