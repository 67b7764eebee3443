// What a caller wants sent, checked against what the service's type can do, and worked out to the parts that will be
// handed to the provider. Pure: every problem it finds is told at once, each with its field.

import type { Connector } from "#connectors/registry.ts";
import { addressKey } from "#domain/chains.ts";
import { isCovered, plainFilename } from "#domain/file-types.ts";
import type { KeptFile, MessageTemplate, StoredAttachment } from "#domain/messages.ts";
import { type PlannedPart, planParts } from "#domain/parts.ts";
import type { FieldProblem } from "#platform/problems.ts";

/** What is to be said, and to whom, as a caller gives it. */
export type Wanted = {
	from?: string;
	/** Required where no conversation is given. */
	to?: string;
	channel?: string;
	text?: string;
	/** Either an id of a file here, or a url. */
	attachments?: readonly { id?: string; url?: string; contentType?: string; filename?: string }[];
	template?: MessageTemplate;
	replyTo?: string;
	/** RFC 3339. */
	validUntil?: string;
};

export type Endpoints = { channel: string; ourAddress: string; contactAddress: string; scope?: string };

export type Composed = Endpoints & {
	attachments: readonly StoredAttachment[];
	parts: [PlannedPart, ...PlannedPart[]];
	validUntil: Date;
};

export type ComposeInput = {
	body: Wanted;
	connector: Connector<unknown>;
	/** As the connector parsed it. */
	config: unknown;
	/** Of the conversation to go on with: the addresses come from it. */
	conversation: Endpoints | undefined;
	/** The files that the body names and the caller may send, by id. */
	files: ReadonlyMap<string, KeptFile>;
	timeToLiveMinutes: number;
	now: Date;
};

/** `files`: all is well but for files that this type of service does not take. */
export type Composition =
	| { ok: true; message: Composed }
	| { ok: false; why: "fields" | "files"; problems: readonly FieldProblem[] }
	/** Undefined: on no channel. */
	| { ok: false; why: "noTemplates"; channel: string | undefined };

export function compose(input: ComposeInput): Composition {
	const { body, connector } = input;
	const endpoints = endpointsOf(input);
	const channel = endpoints.ok ? endpoints.endpoints.channel : undefined;
	if (body.template !== undefined && !hasTemplates(connector.capabilities, channel)) {
		return { ok: false, why: "noTemplates", channel: hasTemplates(connector.capabilities) ? channel : undefined };
	}
	const validity = validityOf(input);
	const problems = [
		...contentProblems(input),
		...(endpoints.ok ? templateProblems(input, endpoints.endpoints.channel) : [endpoints.problem]),
		...(validity.ok ? [] : [validity.problem]),
	];
	const files = refusedFiles(input);
	return endpoints.ok && validity.ok && problems.length + files.length === 0
		? { ok: true, message: composed(input, endpoints.endpoints, validity.until) }
		: { ok: false, why: problems.length === 0 ? "files" : "fields", problems: [...problems, ...files] };
}

function composed({ body, connector, files }: ComposeInput, endpoints: Endpoints, validUntil: Date): Composed {
	const attachments = (body.attachments ?? []).map((attachment) => toStored(attachment, files));
	const parts = planParts({ text: body.text ?? "", attachments }, connector.capabilities);
	return { ...endpoints, attachments, parts, validUntil };
}

type GivenAttachment = NonNullable<Wanted["attachments"]>[number];

function toStored({ id, url = "", contentType, filename }: GivenAttachment, files: ComposeInput["files"]) {
	const file = id === undefined ? undefined : files.get(id);
	return file === undefined
		? { url, ...definedOnly({ contentType, filename }) }
		: { ...file, filename: plainFilename(filename ?? file.filename, file.contentType) };
}

type Capabilities = Connector<unknown>["capabilities"];

function contentProblems({ body, connector: { capabilities }, files }: ComposeInput): FieldProblem[] {
	return [
		...wayProblems(body),
		...halfCharacters(body),
		...textProblems(body.text),
		...mediaProblems(body, capabilities.media, files),
	];
}

/** Exactly one way of saying what: a text and/or attachments, or a template. */
function wayProblems({ text, attachments, template }: Wanted): FieldProblem[] {
	const isFree = text !== undefined || attachments !== undefined;
	if (template !== undefined && isFree) {
		return [{ pointer: "/template", message: "cannot go together with a text or attachments" }];
	}
	return template === undefined && !isFree
		? [{ pointer: "/text", message: "is required where there are neither attachments nor a template" }]
		: [];
}

/** In any depth; no database keeps half a surrogate pair, so the answer would not be what is stored. */
function halfCharacters(value: unknown, pointer = ""): FieldProblem[] {
	if (typeof value === "string") {
		return value.isWellFormed()
			? []
			: [{ pointer, message: "must be well-formed Unicode; it has half a surrogate pair" }];
	}
	return typeof value === "object" && value !== null
		? Object.entries(value).flatMap(([name, inner]) => halfCharacters(inner, `${pointer}/${name}`))
		: [];
}

function textProblems(text: string | undefined): FieldProblem[] {
	if (text === undefined) {
		return [];
	}
	return text.trim() === "" ? [{ pointer: "/text", message: "must have more than white space" }] : [];
}

function mediaProblems(
	{ attachments = [] }: Wanted,
	media: Capabilities["media"],
	files: ComposeInput["files"],
): FieldProblem[] {
	if (media === false) {
		return attachments.length === 0
			? []
			: [{ pointer: "/attachments", message: "are not possible with this type of service; send a link in the text" }];
	}
	return attachments.flatMap((attachment, index) => {
		const pointer = `/attachments/${index}`;
		const { id, url } = attachment;
		if ((id === undefined) === (url === undefined)) {
			return [{ pointer, message: "must have either an id or a url" }];
		}
		return id === undefined ? urlProblems(pointer, attachment, media.types) : idProblems(pointer, attachment, files);
	});
}

function urlProblems(pointer: string, { url = "", contentType }: GivenAttachment, types: readonly string[]) {
	return [
		...(isPlainUrl(url)
			? []
			: [{ pointer: `${pointer}/url`, message: "must be an absolute https URL without user name and fragment" }]),
		...(contentType === undefined || isCovered(contentType, types)
			? []
			: [{ pointer: `${pointer}/contentType`, message: `must be one of ${types.join(", ")}` }]),
	];
}

function idProblems(pointer: string, { id = "", contentType }: GivenAttachment, files: ComposeInput["files"]) {
	return [
		...(contentType === undefined
			? []
			: [{ pointer: `${pointer}/contentType`, message: "is that of the file; leave it out" }]),
		...(files.has(id) ? [] : [{ pointer: `${pointer}/id`, message: "names no file that you may send" }]),
	];
}

/** Of files size and type are known, so the type of service can say now what its provider would say later. */
function refusedFiles({ body: { attachments = [] }, connector, files }: ComposeInput): FieldProblem[] {
	const { media } = connector.capabilities;
	return media === false
		? []
		: attachments.flatMap(({ id }, index) => {
				const file = files.get(id ?? "");
				const pointer = `/attachments/${index}/id`;
				return file === undefined ? [] : rulesBroken(file, media).map((message) => ({ pointer, message }));
			});
}

function rulesBroken(
	{ size, contentType }: KeptFile,
	{ maxBytes, types }: Exclude<Capabilities["media"], false>,
): string[] {
	return [
		...(size <= maxBytes ? [] : [`has ${size} bytes; this type of service takes at most ${maxBytes}`]),
		...(isCovered(contentType, types)
			? []
			: [`is of the type ${contentType}; this type of service takes ${types.join(", ")}`]),
	];
}

function isPlainUrl(text: string): boolean {
	const url = URL.parse(text);
	return url !== null && url.protocol === "https:" && url.username === "" && url.password === "" && url.hash === "";
}

/** Whether the type has templates on the channel; before the channel is known, whether it has any. */
export function hasTemplates({ templates }: Capabilities, channel?: string): boolean {
	if (typeof templates === "boolean") {
		return templates;
	}
	return channel === undefined ? templates.length > 0 : templates.includes(channel);
}

/** What the type can tell beforehand, so that nobody waits for a message that cannot go. */
function templateProblems({ body, connector, config }: ComposeInput, channel: string): FieldProblem[] {
	const problem = body.template && connector.templateProblem?.(body.template, channel, config);
	return problem === undefined ? [] : [{ pointer: "/template", message: problem }];
}

type EndpointsFound = { ok: true; endpoints: Endpoints } | { ok: false; problem: FieldProblem };

/** By the connector's rules for addresses, also where they come from the conversation; what is given must agree with it. */
function endpointsOf({ body, connector, config, conversation }: ComposeInput): EndpointsFound {
	const given = {
		...fromConversation(conversation),
		...definedOnly({ from: body.from, to: body.to, channel: body.channel }),
	};
	if (given.to === undefined) {
		return { ok: false, problem: { pointer: "/to", message: "is required where no conversation is given" } };
	}
	const found = connector.addressing({ ...given, to: given.to }, config);
	if (!found.ok) {
		return { ok: false, problem: { pointer: `/${found.field}`, message: found.message } };
	}
	if (conversation === undefined) {
		const { channel, ourAddress, contactAddress, scope } = found;
		return { ok: true, endpoints: { channel, ourAddress, contactAddress, ...definedOnly({ scope }) } };
	}
	const pointer = disagreement(found, conversation);
	return pointer === undefined
		? { ok: true, endpoints: conversation }
		: { ok: false, problem: { pointer, message: "is not that of the conversation; leave it out" } };
}

type Given = { from?: string; to?: string; channel?: string };

function fromConversation(conversation: Endpoints | undefined): Given {
	return conversation === undefined
		? {}
		: { from: conversation.ourAddress, to: conversation.contactAddress, channel: conversation.channel };
}

function definedOnly<T extends Record<string, string | undefined>>(values: T): { [K in keyof T]?: string } {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
		[K in keyof T]?: string;
	};
}

function disagreement(given: Endpoints, conversation: Endpoints): string | undefined {
	if (!isSame(given.channel, conversation.channel)) {
		return "/channel";
	}
	if (!isSame(given.ourAddress, conversation.ourAddress)) {
		return "/from";
	}
	return isSame(given.contactAddress, conversation.contactAddress) ? undefined : "/to";
}

function isSame(one: string, other: string): boolean {
	return addressKey(one) === addressKey(other);
}

const validityDaysMax = 7;
const dayMs = 86_400_000;

type Validity = { ok: true; until: Date } | { ok: false; problem: FieldProblem };

function validityOf({ body, timeToLiveMinutes, now }: ComposeInput): Validity {
	const latest = now.getTime() + validityDaysMax * dayMs;
	if (body.validUntil === undefined) {
		return { ok: true, until: new Date(Math.min(latest, now.getTime() + timeToLiveMinutes * 60_000)) };
	}
	const until = new Date(body.validUntil);
	const isPossible = until > now && until.getTime() <= latest;
	return isPossible
		? { ok: true, until }
		: { ok: false, problem: { pointer: "/validUntil", message: "must be in the future, at most 7 days ahead" } };
}
