// The request that sends a message, as templates: Service Connection, headers and body, each read where it stands. What is
// wrong is told with the setting and the rule. Pure.

import type { Settings } from "./settings.ts";
import { placeholdersIn, readTemplate, type Placeholder, type Template } from "./template.ts";

export type RequestTemplates = {
	url: Template;
	headers: readonly { name: string; value: Template }[];
	body: Template | undefined;
};

/** `place`: the settings that the rule is about, the most telling first; `serviceConnection` is no setting. */
export type Broken = {
	place: readonly (keyof Settings | `headers/${number}` | `errors/${number}` | "serviceConnection")[];
	message: string;
};

/** Templates as far as they can be read; undefined when something in them is wrong. */
export function readRequestTemplates(
	serviceConnection: string,
	settings: Settings,
): { templates: RequestTemplates | undefined; broken: readonly Broken[] } {
	const url = readTemplate(serviceConnection, "url");
	const headers = settings.headers.map(readHeader);
	const body = readBody(settings);
	const broken: Broken[] = [
		...(url.ok || serviceConnection === "" ? [] : [{ place: ["serviceConnection"] as const, message: url.message }]),
		...headers.flatMap((header, index) =>
			header.ok ? [] : [{ place: [`headers/${index}`] as const, message: header.message }],
		),
		...twice(settings.headers),
		...(body.ok ? [] : [body]),
	];
	return url.ok && body.ok && broken.length === 0
		? { templates: { url: url.template, headers: headers.flatMap(toHeader), body: body.template }, broken }
		: { templates: undefined, broken };
}

export function placeholdersOf({ url, headers, body }: RequestTemplates): ReadonlySet<Placeholder> {
	const templates = [url, ...headers.map(({ value }) => value), body ?? []];
	return new Set(templates.flatMap(placeholdersIn));
}

type HeaderReading = { ok: true; name: string; value: Template } | { ok: false; message: string };

// RFC 9110 section 5.6.2; and what HTTP itself or the body decides (sections 6.4, 7.2, RFC 9112 section 6).
const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,80}$/;
const notOurs =
	/^(?:host|content-length|content-type|content-encoding|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*)$/i;

function readHeader(line: string): HeaderReading {
	const colon = line.indexOf(":");
	const name = line.slice(0, Math.max(colon, 0)).trim();
	if (!headerName.test(name)) {
		return { ok: false, message: "must be Name: value, with a name of letters, digits and hyphens." };
	}
	if (notOurs.test(name)) {
		return {
			ok: false,
			message: "names a header that follows from the address, the body or the connection; remove it.",
		};
	}
	const value = readTemplate(line.slice(colon + 1).trim(), "header");
	if (!value.ok) {
		return value;
	}
	const isBare = placeholdersIn(value.template).includes("basic") && name.toLowerCase() !== "authorization";
	return isBare
		? { ok: false, message: "has {{basic}} in another header than Authorization." }
		: { ok: true, name, value: value.template };
}

function toHeader(header: HeaderReading): readonly { name: string; value: Template }[] {
	return header.ok ? [{ name: header.name, value: header.value }] : [];
}

function twice(lines: readonly string[]): readonly Broken[] {
	const names = lines.map((line) => (line.split(":")[0] ?? "").trim().toLowerCase());
	return names.flatMap((name, index) =>
		names.indexOf(name) < index
			? [
					{
						place: [`headers/${index}`] as const,
						message: "names a header that is there already; keep one of the two.",
					},
				]
			: [],
	);
}

type BodyReading = { ok: true; template: Template | undefined } | ({ ok: false } & Broken);

function readBody({ method, bodyFormat, body }: Settings): BodyReading {
	if (method === "GET") {
		return bodyFormat === "none"
			? { ok: true, template: undefined }
			: {
					ok: false,
					place: ["method", "bodyFormat"],
					message: "is GET, which has no body: set Body to none and put the values into Service Connection.",
				};
	}
	if (bodyFormat === "none") {
		return { ok: true, template: undefined };
	}
	const read = readTemplate(body, bodyFormat);
	return read.ok ? read : { ok: false, place: ["body", "bodyFormat"], message: read.message };
}
