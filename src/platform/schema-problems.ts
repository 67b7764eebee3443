// What a schema found wrong, in plain words: where (a JSON pointer) and which rule. Values are never repeated.

import type { FastifySchemaValidationError } from "fastify";
import { type FieldProblem, Problem, type ProblemCode } from "./problems.ts";
import { patternRule } from "./text-patterns.ts";

const errorsMax = 20; // More would not be read.
const pointerMax = 200; // Characters; unknown field names come from the caller.

const codes: Readonly<Record<string, ProblemCode>> = {
	body: "invalid_body",
	querystring: "invalid_query",
	params: "invalid_path",
};

const wheres: Readonly<Record<string, string>> = {
	body: "The body",
	querystring: "The query",
	params: "The path",
	headers: "The headers",
};

export function schemaProblem(found: readonly FastifySchemaValidationError[], part: string): Problem {
	const told = withoutRepeats(found.filter(isTelling).map(toFieldProblem)).slice(0, errorsMax);
	const [first] = told;
	const where = wheres[part] ?? "The request";
	const detail =
		first === undefined
			? `${where} does not have the form this call takes.`
			: `${where} is wrong at ${first.pointer === "" ? "the top" : first.pointer}: ${first.message}.`;
	return new Problem(codes[part] ?? "malformed_request", detail, told);
}

/** `if` only says that a branch failed; the branch tells the rule. */
function isTelling(error: FastifySchemaValidationError): boolean {
	return error.keyword !== "if";
}

function withoutRepeats(all: readonly FieldProblem[]): FieldProblem[] {
	const seen = new Map(all.map((problem) => [`${problem.pointer} ${problem.message}`, problem]));
	return [...seen.values()];
}

function toFieldProblem(error: FastifySchemaValidationError): FieldProblem {
	const field = error.params["missingProperty"] ?? error.params["additionalProperty"];
	const pointer = typeof field === "string" ? `${error.instancePath}/${pointerStep(field)}` : error.instancePath;
	return { pointer: pointer.slice(0, pointerMax), message: messageOf(error) };
}

/** A name in a JSON pointer, RFC 6901 section 3. */
export function pointerStep(field: string): string {
	return field.replaceAll("~", "~0").replaceAll("/", "~1");
}

type Params = FastifySchemaValidationError["params"];

const messages: Readonly<Record<string, (params: Params) => string>> = {
	required: () => "is required",
	additionalProperties: () => "is not a field of this object",
	unevaluatedProperties: () => "is not a field of this object",
	type: (params) => `must be ${typeNames(params["type"])}`,
	enum: (params) => `must be one of ${listed(params["allowedValues"])}`,
	const: (params) => `must be ${listed([params["allowedValue"]])}`,
	minLength: (params) => `must have at least ${limit(params)} characters`,
	maxLength: (params) => `must have at most ${limit(params)} characters`,
	minimum: (params) => `must be ${limit(params)} or more`,
	maximum: (params) => `must be ${limit(params)} or less`,
	exclusiveMinimum: (params) => `must be more than ${limit(params)}`,
	exclusiveMaximum: (params) => `must be less than ${limit(params)}`,
	multipleOf: (params) => `must be a multiple of ${String(params["multipleOf"])}`,
	minItems: (params) => `must have at least ${limit(params)} entries`,
	maxItems: (params) => `must have at most ${limit(params)} entries`,
	minProperties: (params) => `must have at least ${limit(params)} fields`,
	maxProperties: (params) => `must have at most ${limit(params)} fields`,
	uniqueItems: () => "must not have the same entry twice",
	pattern: (params) => patternRule(String(params["pattern"])),
	format: (params) => `must be spelled as ${formatNames[String(params["format"])] ?? String(params["format"])}`,
	anyOf: () => "fits none of the forms allowed here",
	oneOf: () => "fits none, or more than one, of the forms allowed here",
	not: () => "has a form that is not allowed here",
};

function messageOf(error: FastifySchemaValidationError): string {
	return messages[error.keyword]?.(error.params) ?? "breaks a rule of this field";
}

function limit(params: Params): string {
	return String(params["limit"]);
}

function listed(values: unknown): string {
	return Array.isArray(values) ? values.map((value) => JSON.stringify(value)).join(", ") : "the value documented";
}

const plainTypes: Readonly<Record<string, string>> = {
	string: "a text",
	integer: "a whole number",
	number: "a number",
	boolean: "true or false",
	object: "an object",
	array: "a list",
	null: "null",
};

function typeNames(type: unknown): string {
	const names = Array.isArray(type) ? type.map(String) : String(type).split(",");
	return names.map((name) => plainTypes[name] ?? name).join(" or ");
}

const formatNames: Readonly<Record<string, string>> = {
	"date-time": "a date and time (RFC 3339)",
	date: "a date (YYYY-MM-DD)",
	time: "a time",
	uri: "an absolute URL",
	email: "an e-mail address",
	ipv4: "an IPv4 address",
	ipv6: "an IPv6 address",
	uuid: "a UUID",
};
