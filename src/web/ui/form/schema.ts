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
	const kind = kinds[typeOf(schema)];
	if (kind !== undefined) {
		return kind;
	}
	if (schema.format === "password" || schema.writeOnly === true) {
		return "secret";
	}
	return schema["x-multiline"] === true ? "long" : "text";
}

const kinds: Readonly<Record<string, Kind>> = { boolean: "switch", integer: "number", number: "number", array: "list" };

function typeOf({ type = "string" }: FieldSchema): string {
	return typeof type === "string" ? type : (type.find((one) => one !== "null") ?? "string");
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
	return typeof value === "number" ? outOfRange(schema, value) : wrongShape(schema, value);
}

function wrongShape({ pattern, description = "" }: FieldSchema, value: unknown): Mistake | undefined {
	const fits = typeof value !== "string" || pattern === undefined || new RegExp(pattern, "u").test(value);
	return fits ? undefined : { key: "wrongShape", options: { shape: description } };
}

function outOfRange(schema: FieldSchema, value: number): Mistake | undefined {
	const { minimum: min = Number.NEGATIVE_INFINITY, maximum: max = Number.POSITIVE_INFINITY } = schema;
	return value < min || value > max ? { key: "outOfRange", options: { min, max } } : undefined;
}
