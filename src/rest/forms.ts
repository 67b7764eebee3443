// Posts of the server's own pages: an HTML form, or JSON with the same fields. Only from our own pages, or from a program.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { isOwnSite } from "#platform/own-site.ts";
import { Problem } from "#platform/problems.ts";

const formType = "application/x-www-form-urlencoded";
export const formBytesMax = 16_384;

/** Lets the scope's routes take forms besides JSON. */
export function takeForms(scope: FastifyInstance): void {
	scope.addContentTypeParser(formType, { parseAs: "string" }, (_request, body, done) => {
		const given = new URLSearchParams(String(body));
		const names = [...given.keys()];
		if (new Set(names).size !== names.length) {
			done(new Problem("invalid_body", "The form has a field twice."));
			return;
		}
		done(null, Object.fromEntries(given));
	});
}

export function isForm(request: FastifyRequest): boolean {
	return request.headers["content-type"]?.toLowerCase().startsWith(formType) === true;
}

/** A program sends neither fetch metadata nor an Origin; it is taken for one only with JSON, which no form can send. */
export function refuseForeignPost(request: FastifyRequest, publicBaseUrl: string): void {
	const { headers } = request;
	const isBrowser = headers["sec-fetch-site"] !== undefined || headers.origin !== undefined;
	if ((isBrowser || isForm(request)) && !isOwnSite(headers, publicBaseUrl)) {
		throw new Problem("cross_site", "This can be sent from our own pages only.");
	}
}

/** Exactly these fields, each a text; those of `optional` are empty where they are missing. */
export function readFields<const Name extends string, const Optional extends string = never>(
	body: unknown,
	names: readonly Name[],
	optional: readonly Optional[] = [],
): Record<Name | Optional, string> {
	const given = typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
	const known: readonly (Name | Optional)[] = [...names, ...optional];
	const errors = [
		...known
			.filter((name) => typeof given[name] !== "string" && !(isIn(optional, name) && given[name] === undefined))
			.map((name) => ({ pointer: `/${name}`, message: "is missing or not a text" })),
		...Object.keys(given)
			.filter((name) => !isIn(known, name))
			.map((name) => ({ pointer: `/${name}`, message: "is not a field of this object" })),
	];
	if (errors.length > 0) {
		throw new Problem("invalid_body", "The fields are not those that were asked for.", errors);
	}
	return Object.fromEntries(known.map((name) => [name, given[name] ?? ""])) as Record<Name | Optional, string>;
}

function isIn(names: readonly string[], name: string): boolean {
	return names.includes(name);
}
