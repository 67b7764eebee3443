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

export type Range = { min: number; max: number };

/** Told while one types; the server has the last word. */
export function rangeMissed({ minimum, maximum }: FieldSchema, value: unknown): Range | undefined {
	const { min, max } = { min: minimum ?? Number.NEGATIVE_INFINITY, max: maximum ?? Number.POSITIVE_INFINITY };
	return typeof value === "number" && (value < min || value > max) ? { min, max } : undefined;
}
