// The gateway's answers as outcomes, by the administrator's rules and, where those say nothing, by the HTTP status. Nothing
// the gateway says is quoted: it may repeat a password or a text in any spelling, and the trace shows its answer with the
// secrets hidden. Pure.

import type { AttemptId, RemoteId } from "#domain/ids.ts";
import type { HttpAnswer, Outcome } from "../contract.ts";
import { bodyText, outcomeOfSilence, retryAfter } from "../kit/http.ts";
import { matchPattern } from "../kit/pattern.ts";
import type { AnswerRules, ErrorRule } from "./answer-rules.ts";
import { statusRule } from "./codes.ts";
import { asId, idAt, readAnswer, textAt } from "./paths.ts";

type Answered = Extract<HttpAnswer, { kind: "answered" }>;
type Found = { rule: ErrorRule; number: number };

/** `attemptId` is taken for the gateway's id where the administrator says that the gateway keeps ours. */
export function toOutcome(
	answer: HttpAnswer,
	rules: AnswerRules | undefined,
	attemptId: AttemptId,
	now: Date,
): Outcome {
	if (answer.kind !== "answered") {
		return outcomeOfSilence(answer);
	}
	const error = errorIn(answer, rules);
	return answer.status >= 200 && answer.status < 300
		? outcomeOfYes(answer.status, rules === undefined ? undefined : acceptedAs(answer, rules, attemptId), error)
		: outcomeOfNo(answer, error, now);
}

function errorIn({ body }: Answered, rules: AnswerRules | undefined): Found | undefined {
	const text = bodyText(body);
	const index = (rules?.errors ?? []).findIndex(({ pattern }) => matchPattern(pattern, text) !== undefined);
	const rule = rules?.errors[index];
	return rule === undefined ? undefined : { rule, number: index + 1 };
}

function outcomeOfYes(status: number, remoteId: RemoteId | undefined, error: Found | undefined): Outcome {
	if (error !== undefined && remoteId === undefined) {
		const { kind, code } = error.rule;
		return { kind, code, detail: asDescribed(status, error) };
	}
	if (remoteId === undefined || error !== undefined) {
		const what =
			error === undefined ? "but without what tells success and the id" : "with success and an error at once";
		return { kind: "unknown", code: "protocol", detail: `The gateway answered ${status}, ${what}.` };
	}
	return { kind: "accepted", remoteIds: [remoteId] };
}

function asDescribed(status: number, { number }: Found): string {
	return `The gateway answered ${status} with what error rule ${number} of the service describes.`;
}

function acceptedAs(answer: Answered, rules: AnswerRules, attemptId: AttemptId): RemoteId | undefined {
	const text = bodyText(answer.body);
	const value = readAnswer(answer.body);
	const { statuses, pattern, field } = rules;
	const word = field === undefined ? undefined : textAt(value, field.path)?.trim().toLowerCase();
	const isSuccess =
		statuses.includes(answer.status) &&
		(pattern === undefined || matchPattern(pattern, text) !== undefined) &&
		(field === undefined || (word !== undefined && field.words.includes(word)));
	return isSuccess ? (idIn({ answer, text, value }, rules.id, attemptId) as RemoteId | undefined) : undefined;
}

type Content = { answer: Answered; text: string; value: unknown };

function idIn({ answer, text, value }: Content, rule: AnswerRules["id"], attemptId: AttemptId): string | undefined {
	switch (rule.from) {
		case "field":
			return idAt(value, rule.path);
		case "expression":
			return asId(matchPattern(rule.pattern, text)?.[1]);
		case "header":
			return asId(answer.headers.get(rule.name) ?? undefined);
		case "ours":
			return attemptId;
	}
}

function outcomeOfNo({ status, headers }: Answered, error: Found | undefined, now: Date): Outcome {
	const byStatus = statusRule(status);
	// A redirect, a closed address, a throttle and a refused logon are what they are, whatever the text beside them says.
	const isPlain = status < 400 || byStatus.closesService === true || byStatus.kind === "retry";
	const found = isPlain ? undefined : error;
	const { kind, code } = found?.rule ?? byStatus;
	const detail = found === undefined ? `The gateway answered ${status}: ${byStatus.says}.` : asDescribed(status, found);
	if (kind === "retry") {
		const notBefore = retryAfter(headers, now);
		return { kind, code, detail, ...(notBefore === undefined ? {} : { notBefore }) };
	}
	const closes = kind === "rejected" && byStatus.closesService === true;
	return closes ? { kind, code, detail, closesService: true } : { kind, code, detail };
}
