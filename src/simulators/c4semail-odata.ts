// The OData V2 side of the simulated tenant: which questions it takes and how strictly, in the words of SAP's guide. What it
// does not document — functions in $filter, `or` over two properties, unknown properties — is refused as the guide says.

import type { HttpReply } from "./kit.ts";
import { jsonReply } from "./kit.ts";

export type Value = string | Date;
export type Entity = Readonly<Record<string, Value>> & { readonly ObjectID: string };
export type Note = { TypeCode: string; Text: string };
export type Collection = {
	/** Every property that an entity may have; of times, they are compared as such. */
	properties: ReadonlyMap<string, "text" | "time">;
	/** Names of what may be expanded. */
	expands: readonly string[];
	entities: readonly Entity[];
	expanded(entity: Entity, name: string): readonly Readonly<Record<string, string>>[];
};
export type ODataRefusal = { status: number; words: string };

const options = new Set(["$filter", "$orderby", "$top", "$skip", "$expand", "$select", "$format", "$skiptoken"]);

export type Place = { origin: string; path: string; name: string; pageSize: number };

/** The answer to a question, or why it is refused. */
export function listOf(collection: Collection, query: URLSearchParams, place: Place): HttpReply | ODataRefusal {
	const unknown = [...query.keys()].find((name) => !options.has(name));
	if (unknown !== undefined) {
		return { status: 400, words: `The query option ${unknown} is not supported` };
	}
	if (query.get("$format") !== "json") {
		return { status: 200, body: "<feed/>", headers: { "content-type": "application/atom+xml;type=feed" } };
	}
	const wrong = wrongOptions(collection, query);
	if (wrong !== undefined) {
		return { status: 400, words: wrong };
	}
	const filter = filterOf(collection, query.get("$filter"));
	if (typeof filter === "string") {
		return { status: 400, words: filter };
	}
	const found = ordered(collection.entities.filter(filter), query.get("$orderby"));
	const skip = Number(query.get("$skip") ?? 0) + Number(query.get("$skiptoken") ?? 0);
	const top = Math.min(Number(query.get("$top") ?? Infinity), place.pageSize);
	const shown = found.slice(skip, skip + top).map((entity) => shownAs(collection, entity, query, place));
	// Of a $top that is not more than a page, the guide shows no link to the rest.
	const isCut = found.length > skip + top && top === place.pageSize;
	const next = isCut ? { __next: nextOf(query, place, skip + top) } : {};
	return jsonReply(200, { d: { results: shown, ...next } });
}

function nextOf(query: URLSearchParams, { origin, path }: Place, skip: number): string {
	const rest = new URLSearchParams(query);
	rest.delete("$skip");
	rest.set("$skiptoken", String(skip));
	return `${origin}${path}?${rest.toString()}`;
}

function wrongOptions(collection: Collection, query: URLSearchParams): string | undefined {
	const counted = ["$top", "$skip", "$skiptoken"].find((name) => !/^\d{1,6}$/.test(query.get(name) ?? "0"));
	const expanded = query.get("$expand")?.split(",") ?? [];
	const strange = expanded.find((name) => !collection.expands.includes(name));
	const selected = query.get("$select")?.split(",") ?? [];
	const lacking = selected.find((name) => !collection.properties.has(name) && !expanded.includes(name));
	const wrongs = [
		counted === undefined ? undefined : `${counted} is no number`,
		strange === undefined ? undefined : `There is no navigation property ${strange}`,
		wrongOrder(collection, query.get("$orderby")),
		lacking === undefined ? undefined : `Property ${lacking} not found`,
	];
	return wrongs.find((wrong) => wrong !== undefined);
}

function wrongOrder({ properties }: Collection, orderby: string | null): string | undefined {
	const [field = "", direction = "asc", ...more] = orderby?.split(" ") ?? [];
	const isRight =
		orderby === null || (properties.has(field) && ["asc", "desc"].includes(direction) && more.length === 0);
	return isRight ? undefined : `Property ${field} not found in $orderby`;
}

type Test = (entity: Entity) => boolean;
type Compare = (one: number | string, other: number | string) => boolean;

const comparisons: Readonly<Record<string, Compare>> = {
	eq: (one, other) => one === other,
	ge: (one, other) => one >= other,
	gt: (one, other) => one > other,
	le: (one, other) => one <= other,
	lt: (one, other) => one < other,
};
const clause = /^(\w+) (eq|ge|gt|le|lt) (datetimeoffset)?'((?:[^']|'')*)'(?: (and|or) |$)/;
const literal = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/;

type Clause = { name: string; test: Test; word: string | undefined };

/** A test of entities, or what is wrong with the filter. */
function filterOf(collection: Collection, filter: string | null): Test | string {
	const clauses: Clause[] = [];
	for (let rest = filter ?? ""; rest !== "";) {
		const [whole = ""] = clause.exec(rest) ?? [];
		const read = whole === "" ? `Invalid filter near ${rest.slice(0, 40)}` : clauseOf(collection, whole);
		if (typeof read === "string") {
			return read;
		}
		clauses.push(read);
		rest = rest.slice(whole.length);
	}
	const words = new Set(clauses.flatMap(({ word }) => word ?? []));
	const names = new Set(clauses.map(({ name }) => name));
	if (!words.has("or")) {
		return (entity) => clauses.every(({ test }) => test(entity));
	}
	return names.size > 1 || words.size > 1
		? "Logical or works for one property only"
		: (entity) => clauses.some(({ test }) => test(entity));
}

function clauseOf({ properties }: Collection, whole: string): Clause | string {
	const [, name = "", comparison = "", isTime, given = "", word] = clause.exec(whole) ?? [];
	const type = properties.get(name);
	if (type === undefined || (isTime !== undefined) !== (type === "time")) {
		return `Property ${name} not found, or compared with another type`;
	}
	if (type === "time" && !literal.test(given)) {
		return `${given} is no datetimeoffset`;
	}
	const other = type === "time" ? Date.parse(given) : given.replaceAll("''", "'");
	return { name, word, test: (entity) => comparisons[comparison]?.(comparable(entity[name]), other) === true };
}

function comparable(value: Value | undefined): number | string {
	return value instanceof Date ? value.getTime() : (value ?? "");
}

function ordered(entities: readonly Entity[], orderby: string | null): readonly Entity[] {
	const [field = "", direction] = orderby?.split(" ") ?? [];
	const sign = direction === "desc" ? -1 : 1;
	return field === ""
		? entities
		: entities.toSorted((one, other) => {
				const [left, right] = [comparable(one[field]), comparable(other[field])];
				return left === right ? 0 : left < right ? -sign : sign;
			});
}

function shownAs(
	collection: Collection,
	entity: Entity,
	query: URLSearchParams,
	{ origin, path, name }: Place,
): object {
	const selected = query.get("$select")?.split(",");
	const expanded = query.get("$expand")?.split(",") ?? [];
	const uri = `${origin}${path}('${entity.ObjectID}')`;
	const changed = entity["EntityLastChangedOn"];
	const etag = changed instanceof Date ? { etag: `W/"datetimeoffset'${changed.toISOString()}'"` } : {};
	const fields = Object.entries(entity).filter(
		([field]) => collection.properties.has(field) && (selected === undefined || selected.includes(field)),
	);
	const beside = collection.expands.map((navigation) => [
		navigation,
		expanded.includes(navigation)
			? { results: collection.expanded(entity, navigation) }
			: { __deferred: { uri: `${uri}/${navigation}` } },
	]);
	return {
		__metadata: { uri, type: `c4codata.${name.replace("Collection", "")}`, ...etag },
		...Object.fromEntries(
			fields.map(([field, value]) => [field, value instanceof Date ? `/Date(${value.getTime()})/` : value]),
		),
		...(selected === undefined ? (Object.fromEntries(beside) as object) : {}),
	};
}

/** The envelope of an error (OData V2). */
export function refusalReply(
	{ status, words }: ODataRefusal,
	headers: Readonly<Record<string, string>> = {},
): HttpReply {
	return jsonReply(status, { error: { code: "", message: { lang: "en", value: words } } }, headers);
}
