// What an administrator says about the gateway's answers: when a message is accepted, where its id is, what errors mean.
// Expressions are read once, in the safe language of `kit/pattern.ts`. Pure.

import { type FaultCode, faultCodes } from "#domain/faults.ts";
import { type Pattern, readPattern } from "../kit/pattern.ts";
import { pathPattern } from "./paths.ts";
import type { Broken } from "./request-templates.ts";
import type { Settings } from "./settings.ts";

export type ErrorRule = { kind: "retry" | "rejected" | "unknown"; code: FaultCode; pattern: Pattern };
export type IdRule =
	| { from: "field"; path: string }
	| { from: "expression"; pattern: Pattern }
	| { from: "header"; name: string }
	| { from: "ours" };

export type AnswerRules = {
	statuses: readonly number[];
	pattern: Pattern | undefined;
	/** A field and, in small letters, the words it may have. */
	field: { path: string; words: readonly string[] } | undefined;
	id: IdRule;
	errors: readonly ErrorRule[];
};

/** Rules as far as they can be read; undefined when something in them is wrong. */
export function readAnswerRules(settings: Settings): { rules: AnswerRules | undefined; broken: readonly Broken[] } {
	const success = settings.successPattern === "" ? undefined : readPattern(settings.successPattern);
	const id = readId(settings);
	const errors = settings.errors.map(readError);
	const broken: Broken[] = [
		...(success === undefined || success.ok ? [] : [{ place: ["successPattern"] as const, message: success.message }]),
		...(settings.successPath !== "" && settings.successWords.length === 0
			? [
					{
						place: ["successWords", "successPath"] as const,
						message: "must have a word, or the field is not asked for.",
					},
				]
			: []),
		...("from" in id ? [] : [id]),
		...errors.flatMap((rule, index) =>
			"kind" in rule ? [] : [{ place: [`errors/${index}`] as const, message: rule.message }],
		),
	];
	if (broken.length > 0 || !("from" in id)) {
		return { rules: undefined, broken };
	}
	return {
		rules: {
			statuses: settings.successStatuses.split(",").map(Number),
			pattern: success?.ok === true ? success.pattern : undefined,
			field: fieldOf(settings),
			id,
			errors: errors.flatMap((rule) => ("kind" in rule ? [rule] : [])),
		},
		broken,
	};
}

function fieldOf({ successPath, successWords }: Settings): AnswerRules["field"] {
	return successPath === ""
		? undefined
		: { path: successPath, words: successWords.map((word) => word.trim().toLowerCase()) };
}

function readId(settings: Settings): IdRule | Broken {
	const place = ["idAt", "idFrom"] as const;
	switch (settings.idFrom) {
		case "field":
			return settings.idAt !== "" && new RegExp(pathPattern).test(settings.idAt)
				? { from: "field", path: settings.idAt }
				: { place, message: "must be the path of a field, for example messages.0.id." };
		case "expression":
			return readIdPattern(settings.idAt, place);
		case "header":
			return /^[A-Za-z0-9-]{1,80}$/.test(settings.idAt)
				? { from: "header", name: settings.idAt }
				: { place, message: "must be the name of a header, for example X-Message-Id." };
		case "ours":
			return settings.successPattern === "" && settings.successPath === ""
				? {
						place: ["idFrom"],
						message:
							"is ours, so something else must tell success: enter an expression or a field for it, or any page would count as a message taken.",
					}
				: { from: "ours" };
	}
}

function readIdPattern(source: string, place: Broken["place"]): IdRule | Broken {
	const read = readPattern(source);
	if (!read.ok) {
		return { place, message: read.message };
	}
	return read.pattern.groups === 1
		? { from: "expression", pattern: read.pattern }
		: { place, message: "must have exactly one group ( ) around the id, for example ^OK ([0-9a-f-]+)." };
}

const errorLine = /^(retry|rejected|unknown) ([a-z_]+): ?(.+)$/s;

function readError(line: string): ErrorRule | { message: string } {
	const [, kind = "", code = "", source = ""] = errorLine.exec(line) ?? [];
	if (!isKind(kind) || !isFaultCode(code)) {
		return {
			message: `must be an outcome (retry, rejected, unknown), a fault (${faultCodes.join(", ")}), a colon and an expression.`,
		};
	}
	const read = readPattern(source);
	return read.ok ? { kind, code, pattern: read.pattern } : { message: `has an expression that ${read.message}` };
}

function isKind(text: string): text is ErrorRule["kind"] {
	return ["retry", "rejected", "unknown"].includes(text);
}

function isFaultCode(text: string): text is FaultCode {
	return (faultCodes as readonly string[]).includes(text);
}
