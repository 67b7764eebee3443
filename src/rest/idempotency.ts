// Idempotency-Key (the IETF draft's semantics): a repeated call gets the first one's answer, byte for byte; the answer is
// kept in the transaction of the effect, so there is never one without the other.

import assert from "node:assert/strict";
import { Problem } from "#platform/problems.ts";
import { type KeptAnswer, findAnswer, keepAnswer } from "#storage/idempotency.ts";
import { lockUntilCommit } from "#storage/lock.ts";
import type { Tx } from "#storage/storage.ts";
import type { Rendered } from "./answers.ts";
import type { RestDeps } from "./deps.ts";
import type { Answer } from "./route.ts";

export const keptForMs = 24 * 3_600_000;

export type IdempotentCall = {
	/** Caller, method and path. */
	scope: string;
	key: string;
	/** Keyed hash of query and body: bodies may hold passwords. */
	requestHash: string;
	/** The answer shows a secret, so what is kept is sealed. */
	isSealed: boolean;
};

type Running = Set<string>;

/** Runs the call unless it ran before or is running now. */
export async function once(
	deps: RestDeps,
	running: Running,
	call: IdempotentCall,
	run: () => Promise<Rendered>,
): Promise<Rendered> {
	const name = `${call.scope}\n${call.key}`;
	if (running.has(name)) {
		throw new Problem("idempotency_running", "The first call with this Idempotency-Key is still running.", undefined, {
			headers: { "retry-after": "1" },
		});
	}
	running.add(name);
	try {
		const kept = await findAnswer(deps.storage.db, call.scope, call.key, keptSince(deps));
		return kept === undefined ? await run() : replay(deps, call, kept);
	} catch (error) {
		if (error instanceof AnsweredMeanwhile) {
			return replay(deps, call, error.kept);
		}
		throw error;
	} finally {
		running.delete(name);
	}
}

/** Another node was faster with the same key. */
class AnsweredMeanwhile extends Error {
	readonly kept: KeptAnswer;
	constructor(kept: KeptAnswer) {
		super("answered meanwhile");
		this.kept = kept;
	}
}

/** To be called first in the transaction: waits for a call with the same key on another node. */
export async function claimKey(tx: Tx, deps: RestDeps, call: IdempotentCall): Promise<void> {
	await lockUntilCommit(tx, `idempotency ${call.scope} ${call.key}`);
	const kept = await findAnswer(tx, call.scope, call.key, keptSince(deps));
	if (kept !== undefined) {
		throw new AnsweredMeanwhile(kept);
	}
}

export async function keep(tx: Tx, deps: RestDeps, call: IdempotentCall, rendered: Rendered): Promise<void> {
	const { scope, key, requestHash } = call;
	const body = call.isSealed
		? Buffer.from(deps.secretBox.seal(rendered.body, placeOf(call))).toString("base64")
		: rendered.body;
	const { status, headers } = rendered;
	const createdAt = deps.clock.now();
	await keepAnswer(tx, { scope, key, requestHash, createdAt, status, headers, body }, keptSince(deps));
}

function replay(deps: RestDeps, call: IdempotentCall, kept: KeptAnswer): Rendered {
	if (kept.requestHash !== call.requestHash) {
		throw new Problem("idempotency_mismatch", "This Idempotency-Key was used for another request.");
	}
	const body = call.isSealed ? deps.secretBox.openText(Buffer.from(kept.body, "base64"), placeOf(call)) : kept.body;
	return { status: kept.status, headers: { ...kept.headers, "idempotency-replayed": "true" }, body };
}

function placeOf({ scope, key }: IdempotentCall) {
	return { table: "idempotency", column: "body", rowId: `${scope} ${key}` };
}

function keptSince(deps: RestDeps): Date {
	return new Date(deps.clock.now().getTime() - keptForMs);
}

export function assertAnswer(value: unknown): asserts value is Answer {
	const isAnswer = typeof value === "object" && value !== null && "status" in value;
	assert(isAnswer, "the work of an idempotent route returns its answer");
}

/** The same text for the same value, whatever the order of its fields. */
export function canonical(value: unknown): string {
	return JSON.stringify(value, (_key, inner: unknown) =>
		typeof inner === "object" && inner !== null && !Array.isArray(inner)
			? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
			: inner,
	);
}
