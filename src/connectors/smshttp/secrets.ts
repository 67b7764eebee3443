// Where in a request credentials stand. Templates are shown to whoever may see the service, and logged as an example; so a
// credential is never written into one, and whoever moves its placeholder has to know the password. Pure.

import type { StoredService } from "../contract.ts";
import type { Broken } from "./request-templates.ts";
import { type Settings, settingsOf } from "./settings.ts";

type Part = { name: string; value: string; place: Broken["place"][number] };

/** What looks like a name of something secret; `author` and `passage` do not. */
const secretName = /pass(?!age)|pwd|secret|token|auth(?!or(?!i))|api.?key|(?:^|[^a-z])key$/i;

/** A value without any placeholder is the same for every message: behind such a name it can only be a credential. */
export function writtenOut(serviceConnection: string, settings: Settings): readonly Broken[] {
	const found = [...inQuery(serviceConnection), ...inHeaders(settings), ...inBody(settings)].filter(
		({ name, value }) => secretName.test(name) && value !== "" && !value.includes("{{"),
	);
	return found.map(({ place }) => ({
		place: [place],
		message:
			"has a credential written out, where everybody who sees the service reads it: enter it as the password of the authentication, and put {{password}} there.",
	}));
}

function inQuery(serviceConnection: string): readonly Part[] {
	const [, ...parameters] = serviceConnection.split(/[?&]/);
	return parameters.map((parameter) => ({ ...pairOf(parameter, "="), place: "serviceConnection" }));
}

function inHeaders({ headers }: Settings): readonly Part[] {
	return headers.map((line, index) => ({ ...pairOf(line, ":"), place: `headers/${index}` }));
}

function pairOf(text: string, border: string): { name: string; value: string } {
	const at = text.indexOf(border);
	return at === -1
		? { name: text.trim(), value: "" }
		: { name: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}

/** Names and values as they stand in a body: enough to find one that is written out. */
const fields: Readonly<Record<Settings["bodyFormat"], readonly RegExp[]>> = {
	form: [/(?:^|&)([^&=]{1,100})=([^&]*)/g],
	json: [/"((?:[^"\\]|\\.){1,100})"\s*:\s*"((?:[^"\\]|\\.)*)"/g],
	xml: [/<([^\s<>/!?"'=]{1,100})(?:\s[^<>]*)?>([^<>]*)(?=<)/g, /\s([^\s<>"'=]{1,100})\s*=\s*["']([^"']*)["']/g],
	text: [],
	none: [],
};

function inBody({ bodyFormat, body }: Settings): readonly Part[] {
	return fields[bodyFormat].flatMap((field) =>
		[...body.matchAll(field)].map(([, name = "", value = ""]): Part => ({ name, value: value.trim(), place: "body" })),
	);
}

/**
 * Each place of the password: its header, its parameter, else the whole body. A gateway takes one parameter for another's
 * text, so a password that is moved may end up in a message.
 */
export function secretPlaces(service: Pick<StoredService, "serviceConnection" | "settings">): readonly string[] {
	const { headers, bodyFormat, body } = settingsOf(service);
	const parts = [
		...service.serviceConnection.split(/[?&]/).map((part) => `url ${part}`),
		...headers.map((line) => `header ${line}`),
		...(bodyFormat === "form" ? body.split("&") : [body]).map((part) => `${bodyFormat} ${part}`),
	];
	return parts.filter((part) => /\{\{\s*(?:password|basic)\s*\}\}/.test(part));
}
