// The one catalogue of what a caller can do wrong, or meet, over HTTP (RFC 9457). The HTTP boundary renders a `Problem`;
// anything else that is thrown becomes a bare 500. The documentation page is generated from the table below.

type Entry = { status: number; title: string; meaning: string };

export const problems = {
	malformed_json: {
		status: 400,
		title: "Malformed JSON",
		meaning: "The body is not one well-formed JSON value in UTF-8.",
	},
	json_too_deep: {
		status: 400,
		title: "JSON nested too deeply",
		meaning: "Objects and lists of the body are nested more than 64 levels deep.",
	},
	duplicate_key: {
		status: 400,
		title: "Duplicate key",
		meaning: "An object of the body names the same field twice, so it is not clear which value is meant.",
	},
	invalid_body: {
		status: 400,
		title: "Invalid body",
		meaning: "The body does not have the fields and values this call takes; `errors` lists each rule that is broken.",
	},
	invalid_query: {
		status: 400,
		title: "Invalid query",
		meaning: "A parameter after the question mark is unknown, given twice or has a value this call does not take.",
	},
	invalid_path: {
		status: 400,
		title: "Invalid path",
		meaning: "A part of the path is not spelled as this call needs it.",
	},
	malformed_request: {
		status: 400,
		title: "Malformed request",
		meaning: "What arrived is not a well-formed HTTP request.",
	},
	idempotency_key_invalid: {
		status: 400,
		title: "Invalid Idempotency-Key",
		meaning: "The header Idempotency-Key must have 1 to 255 printable ASCII characters.",
	},
	not_authenticated: {
		status: 401,
		title: "Not authenticated",
		meaning: "The call needs a user, an API token or a browser session, and none that is valid was given.",
	},
	wrong_credentials: {
		status: 401,
		title: "Wrong credentials",
		meaning: "There is no such logon name, or the password is another one; which of the two is not told.",
	},
	second_factor_required: {
		status: 401,
		title: "Second factor required",
		meaning:
			"The password is right, but the account has a second factor: signing in needs a code as well, and programs need an API token.",
	},
	wrong_second_factor: {
		status: 401,
		title: "Wrong second factor",
		meaning: "The password is right, but the code is wrong, too old, or was used before.",
	},
	forbidden: {
		status: 403,
		title: "Forbidden",
		meaning: "The caller is known but does not hold the right this call demands.",
	},
	password_change_required: {
		status: 403,
		title: "Password must be changed",
		meaning:
			"The password was chosen by somebody else, or is older than the authentication policy allows; until it is changed (`PUT /me/password`), nothing else is open.",
	},
	second_factor_enrolment_required: {
		status: 403,
		title: "Second factor must be enrolled",
		meaning:
			"The authentication policy demands a second factor and the account has none; until it is enrolled (`POST /me/secondFactor`), nothing else is open.",
	},
	cross_site: {
		status: 403,
		title: "Cross-site request refused",
		meaning: "A browser sent the session of this site on behalf of another site.",
	},
	not_found: {
		status: 404,
		title: "Not found",
		meaning: "There is nothing at this address, or nothing the caller may see.",
	},
	method_not_allowed: {
		status: 405,
		title: "Method not allowed",
		meaning: "The address exists, but not for this method; the header Allow lists those it has.",
	},
	request_timeout: {
		status: 408,
		title: "Request timeout",
		meaning: "The request did not arrive completely in time.",
	},
	conflict: {
		status: 409,
		title: "Conflict",
		meaning: "The state of the object does not permit this change.",
	},
	duplicate_name: {
		status: 409,
		title: "Name already taken",
		meaning: "Another object of this kind has the same name; names are compared without regard to case.",
	},
	in_use: {
		status: 409,
		title: "In use",
		meaning: "Other objects refer to this one, so it cannot be deleted.",
	},
	idempotency_running: {
		status: 409,
		title: "Call is still running",
		meaning: "An earlier call with the same Idempotency-Key has not finished; repeat the call a little later.",
	},
	precondition_failed: {
		status: 412,
		title: "Precondition failed",
		meaning: "The object was changed meanwhile: If-Match names another version than the current one.",
	},
	body_too_large: {
		status: 413,
		title: "Body too large",
		meaning: "The body has more bytes, or holds more values, than this call takes.",
	},
	url_too_long: {
		status: 414,
		title: "Address too long",
		meaning: "Path and query together are longer than 8192 characters.",
	},
	wrong_content_type: {
		status: 415,
		title: "Wrong content type",
		meaning: "The header Content-Type names a format this call does not take.",
	},
	content_encoding_refused: {
		status: 415,
		title: "Content encoding refused",
		meaning: "Compressed requests are not accepted; send the body as it is.",
	},
	wrong_host: {
		status: 421,
		title: "Wrong host",
		meaning: "The header Host does not name this server: not its public address, not localhost, not an IP address.",
	},
	file_not_allowed: {
		status: 422,
		title: "File not allowed",
		meaning:
			"Files of this type are not taken (setting attachments.types), the file is not what its Content-Type says, or the type of messaging service takes no such file; `errors` names the rule.",
	},
	unknown_service: {
		status: 422,
		title: "Unknown messaging service",
		meaning: "No messaging service has this id or name, or the caller may not use it.",
	},
	cannot_send: {
		status: 422,
		title: "Service cannot send",
		meaning: "The messaging service is switched off, stopped, or lacks what it needs for sending.",
	},
	no_templates: {
		status: 422,
		title: "No templates",
		meaning: "The type of the messaging service has no templates, or not on this channel; send a text.",
	},
	outside_window: {
		status: 422,
		title: "Reply window is shut",
		meaning:
			"The channel takes free messages only for some hours after the contact last wrote; send a template where the type has them, or wait until the contact writes.",
	},
	opted_out: {
		status: 422,
		title: "Contact has opted out",
		meaning:
			"The contact does not want messages on this channel. They may begin again when the contact writes an opt-in word, or when somebody enters or removes their consent.",
	},
	invalid_configuration: {
		status: 422,
		title: "Invalid configuration",
		meaning: "The object is well-formed but breaks a rule of its type; `errors` lists each of them.",
	},
	idempotency_mismatch: {
		status: 422,
		title: "Idempotency-Key used before",
		meaning: "The same Idempotency-Key came earlier with another request.",
	},
	precondition_required: {
		status: 428,
		title: "Precondition required",
		meaning: "This change needs the header If-Match with the version the caller has seen.",
	},
	too_many_requests: {
		status: 429,
		title: "Too many requests",
		meaning: "A visitor asked more than visitors may in that time; Retry-After says when to go on.",
	},
	too_many_logons: {
		status: 429,
		title: "Too many logons",
		meaning: "There were too many failed or simultaneous logons; Retry-After says when the next one is heard.",
	},
	headers_too_large: {
		status: 431,
		title: "Headers too large",
		meaning: "The request has more than 100 headers, or they have more than 16 KiB together.",
	},
	internal: {
		status: 500,
		title: "Internal error",
		meaning: "Something went wrong on our side; the log has the cause under the correlation id.",
	},
	storage_unavailable: {
		status: 503,
		title: "Database unavailable",
		meaning: "The database does not answer at the moment; nothing was stored, so repeat the call.",
	},
	storage_full: {
		status: 503,
		title: "Disk full",
		meaning: "There is no space left to store anything; nothing was stored, so repeat the call later.",
	},
	secrets_locked: {
		status: 503,
		title: "Secrets are locked",
		meaning: "The key ring is missing or unreadable, so nothing that needs a stored secret can be done.",
	},
	shutting_down: {
		status: 503,
		title: "Shutting down",
		meaning: "The server is about to stop; repeat the call, another process will answer it.",
	},
	overloaded: {
		status: 503,
		title: "Overloaded",
		meaning: "There is more to do than the server can bear; repeat the call after the time in Retry-After.",
	},
} as const satisfies Record<string, Entry>;

export type ProblemCode = keyof typeof problems;

/** `pointer` is a JSON pointer (RFC 6901) into the body, or `/<name>` of a query or path parameter. */
export type FieldProblem = { pointer: string; message: string };

export type ProblemExtra = { headers?: Readonly<Record<string, string>> };

export type ProblemDocument = {
	type: string;
	title: string;
	status: number;
	detail: string;
	code: ProblemCode;
	correlationId: string;
	errors?: readonly FieldProblem[];
};

/** Thrown for what is the caller's fault, or what the caller must know. `detail` is shown to the caller as it is. */
export class Problem extends Error {
	override readonly name: string = "Problem";
	readonly code: ProblemCode;
	readonly status: number;
	readonly detail: string;
	readonly errors: readonly FieldProblem[] | undefined;
	readonly headers: Readonly<Record<string, string>>;

	constructor(code: ProblemCode, detail: string, errors?: readonly FieldProblem[], extra?: ProblemExtra) {
		super(detail);
		this.code = code;
		this.status = problems[code].status;
		this.detail = detail;
		this.errors = errors;
		this.headers = extra?.headers ?? {};
	}
}

/** @param basePath below which the list of problems is served */
export function toProblemDocument(problem: Problem, correlationId: string, basePath = ""): ProblemDocument {
	const document: ProblemDocument = {
		type: `${basePath}/RI/docs/problems#${problem.code}`,
		title: problems[problem.code].title,
		status: problem.status,
		detail: problem.detail,
		code: problem.code,
		correlationId,
	};
	return problem.errors === undefined ? document : { ...document, errors: problem.errors };
}
