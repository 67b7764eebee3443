// What the interfaces answer instead of a success (RFC 9457), or the Chat Server by HTTP (`error` and `message`), as an error
// with the fields the server named.

export type FieldProblem = { pointer: string; message: string };

export class ApiProblem extends Error {
	readonly status: number;
	readonly code: string;
	readonly errors: readonly FieldProblem[];
	readonly correlationId: string | undefined;
	readonly retryAfterSeconds: number | undefined;

	constructor(status: number, code: string, detail: string, more: Partial<Omit<ApiProblem, "status" | "code">> = {}) {
		super(detail);
		this.name = "ApiProblem";
		this.status = status;
		this.code = code;
		this.errors = more.errors ?? [];
		this.correlationId = more.correlationId;
		this.retryAfterSeconds = more.retryAfterSeconds;
	}
}

/** Status 0: there was no answer at all. The page has a sentence for it, as for what is not explained. */
export function unreachable(): ApiProblem {
	return new ApiProblem(0, "unreachable", "unreachable");
}

export async function problemOf(response: Response): Promise<ApiProblem> {
	const told: unknown = await response.json().catch(() => undefined); // A proxy's own page is no problem of ours.
	const { error, message, errors, correlationId, ...given } = (told ?? {}) as Record<string, unknown>;
	const { code = error, detail = message } = given;
	const wait = Number(response.headers.get("retry-after") ?? Number.NaN);
	return new ApiProblem(
		response.status,
		typeof detail === "string" && typeof code === "string" ? code : "unexplained",
		typeof detail === "string" ? detail : "unexplained",
		{
			errors: Array.isArray(errors) ? (errors as FieldProblem[]) : [],
			correlationId: typeof correlationId === "string" ? correlationId : undefined,
			retryAfterSeconds: Number.isFinite(wait) ? wait : undefined,
		},
	);
}

export function isProblem(error: unknown, code?: string): error is ApiProblem {
	return error instanceof ApiProblem && (code === undefined || error.code === code);
}
