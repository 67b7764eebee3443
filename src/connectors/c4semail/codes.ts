// What the answers of SAP Cloud for Customer mean, as data: of sends, and of questions. The meanings are those of its OData
// guide, and of HTTP (RFC 9110) where the guide is silent.

import type { FaultCode } from "#domain/faults.ts";

export type SendRule = {
	kind: "retry" | "rejected" | "unknown";
	fault: FaultCode;
	/** What is the matter, to stand after "SAP Cloud for Customer answered 400: ". */
	meaning: string;
	closesService?: true;
};

function rule(kind: SendRule["kind"], fault: FaultCode, meaning: string): SendRule {
	return { kind, fault, meaning };
}

const sends = new Map<number, SendRule>([
	[400, rule("rejected", "content", "it does not take this e-mail")],
	[401, rule("retry", "credentials", "it refuses the technical user or its password")],
	[403, rule("rejected", "credentials", "the technical user may not make e-mails")],
	[404, rule("rejected", "config", "there are no e-mails at this address")],
	[405, rule("rejected", "config", "e-mails cannot be made at this address")],
	[408, rule("unknown", "unreachable", "the request took too long")],
	[409, rule("unknown", "protocol", "the request met another one")],
	[410, { ...rule("rejected", "config", "this address is gone for good"), closesService: true }],
	[413, rule("rejected", "content", "the e-mail is too large")],
	[425, rule("unknown", "unreachable", "the request came too early")],
	[429, rule("retry", "throttled", "too many requests")],
]);
const elsewhere = rule("rejected", "config", "the interface is elsewhere; correct Service Connection");
const refused = rule("rejected", "content", "it does not take this e-mail");
const inTrouble = rule("unknown", "unreachable", "it is in trouble and does not say whether it took the e-mail");

/** For every answer but a 2xx. */
export function sendRule(status: number): SendRule {
	return sends.get(status) ?? (status < 400 ? elsewhere : status < 500 ? refused : inTrouble);
}

export type AskRule = { fault: FaultCode; meaning: string };

const questions = new Map<number, AskRule>([
	[400, { fault: "config", meaning: "it does not know a property that we ask for; run the check" }],
	[401, { fault: "credentials", meaning: "it refuses the technical user or its password" }],
	[403, { fault: "credentials", meaning: "the technical user may not read e-mails" }],
	[404, { fault: "config", meaning: "there are no e-mails at this address; run the check" }],
	[410, { fault: "config", meaning: "this address is gone" }],
	[429, { fault: "throttled", meaning: "too many requests" }],
]);

/** For every answer to a question but a 2xx. */
export function askRule(status: number): AskRule {
	const otherwise: AskRule =
		status < 400
			? { fault: "config", meaning: "the interface is elsewhere; correct Service Connection" }
			: status < 500
				? { fault: "protocol", meaning: "it does not take the question" }
				: { fault: "unreachable", meaning: "it is in trouble" };
	return questions.get(status) ?? otherwise;
}
