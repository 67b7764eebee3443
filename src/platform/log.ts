// The log: one JSON object per line, UTC, with an allow-list of fields. Bodies, texts, phone numbers, headers and secrets
// have no field, so they cannot be logged by accident; a field that is not in the list is dropped at run time too.

import { pino } from "pino";

export type ErrorFields = { name: string; message: string; stack?: string };

export type LogFields = {
	server?: "SMS Server" | "Chain Matcher" | "Chat Server" | "RESTful Interfaces" | "Event Webhooks" | "main";
	/** A fixed word for what happened, for searches and alarms. */
	event?: string;
	serviceId?: string;
	serviceType?: string;
	messageId?: string;
	partId?: string;
	attemptId?: string;
	inboxId?: string;
	requestId?: string;
	conversationId?: string;
	userId?: string;
	objectType?: string;
	objectId?: string;
	correlationId?: string;
	method?: string;
	/** The pattern of a route or a path without parameters. Never a query. */
	path?: string;
	status?: number;
	count?: number;
	bytes?: number;
	durationMs?: number;
	code?: string;
	state?: string;
	reason?: string;
	/** Of a peer on the network. Never a contact's. */
	address?: string;
	port?: number;
	/** A setting's name. Never its value. */
	setting?: string;
	/** A request with invented values and without secrets, for comparing it with a manual. Never one that was sent. */
	example?: string;
	error?: ErrorFields;
};

export type Log = {
	debug(text: string, fields?: LogFields): void;
	info(text: string, fields?: LogFields): void;
	warn(text: string, fields?: LogFields): void;
	error(text: string, fields?: LogFields): void;
};

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

const fieldTypes: Readonly<Record<keyof LogFields, "string" | "number" | "object">> = {
	server: "string",
	event: "string",
	serviceId: "string",
	serviceType: "string",
	messageId: "string",
	partId: "string",
	attemptId: "string",
	inboxId: "string",
	requestId: "string",
	conversationId: "string",
	userId: "string",
	objectType: "string",
	objectId: "string",
	correlationId: "string",
	method: "string",
	path: "string",
	status: "number",
	count: "number",
	bytes: "number",
	durationMs: "number",
	code: "string",
	state: "string",
	reason: "string",
	address: "string",
	port: "number",
	setting: "string",
	example: "string",
	error: "object",
};

const messageMax = 300; // Characters: enough to know an error by, too little to carry a body.
const stackFramesMax = 20;

/** @param options `write` gets each line with its line break; without it the lines go to standard output at once. */
export function openLog(options: { level: LogLevel; write?(line: string): void }): Log {
	const { level, write } = options;
	const settings = {
		level,
		base: null,
		timestamp: pino.stdTimeFunctions.isoTime,
		messageKey: "text",
		formatters: { level: (label: string) => ({ level: label }) },
	};
	const out = pino(settings, write === undefined ? pino.destination({ fd: 1, sync: true }) : { write });
	return {
		debug: (text, fields) => out.debug(allowed(fields), text),
		info: (text, fields) => out.info(allowed(fields), text),
		warn: (text, fields) => out.warn(allowed(fields), text),
		error: (text, fields) => out.error(allowed(fields), text),
	};
}

export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {
	return;
}

function allowed(fields: LogFields | undefined): Record<string, unknown> {
	const kept: Record<string, unknown> = {};
	for (const [name, type] of Object.entries(fieldTypes)) {
		const value: unknown = fields?.[name as keyof LogFields];
		if (typeof value === type && value !== null) {
			kept[name] = name === "error" ? allowedError(value as ErrorFields) : value;
		}
	}
	return kept;
}

function allowedError({ name, message, stack }: ErrorFields): ErrorFields {
	return stack === undefined ? { name, message } : { name, message, stack };
}

/** What may be told of something thrown: the message is of unknown origin and therefore cut, the stack is frames only. */
export function describeError(error: unknown): ErrorFields {
	if (!(error instanceof Error)) {
		return { name: "NotAnError", message: `Something of type ${typeof error} was thrown.` };
	}
	const described = { name: error.name, message: error.message.slice(0, messageMax) };
	const frames = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
	return frames.length === 0 ? described : { ...described, stack: frames.slice(0, stackFramesMax).join("\n") };
}
