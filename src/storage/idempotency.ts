// Answers kept under the caller's Idempotency-Key, written in the transaction of the effect they tell of.

import type { Db, Tx } from "./storage.ts";

/** `scope` keeps keys of different callers, methods and paths apart. */
export type KeptAnswer = {
	scope: string;
	key: string;
	requestHash: string;
	createdAt: Date;
	status: number;
	headers: Readonly<Record<string, string>>;
	body: string;
};

export async function findAnswer(db: Db, scope: string, key: string, notBefore: Date): Promise<KeptAnswer | undefined> {
	const row = await db
		.selectFrom("idempotency")
		.selectAll()
		.where("principal", "=", scope)
		.where("key", "=", key)
		.where("created_at", ">=", notBefore.getTime())
		.executeTakeFirst();
	return row === undefined
		? undefined
		: {
				scope,
				key,
				requestHash: row.request_hash,
				createdAt: new Date(row.created_at),
				status: row.status,
				headers: JSON.parse(row.headers) as Record<string, string>,
				body: row.body,
			};
}

/** An expired answer under the same key gives way. The caller holds the lock of scope and key. */
export async function keepAnswer(tx: Tx, answer: KeptAnswer, notBefore: Date): Promise<void> {
	await tx
		.deleteFrom("idempotency")
		.where("principal", "=", answer.scope)
		.where("key", "=", answer.key)
		.where("created_at", "<", notBefore.getTime())
		.execute();
	await tx
		.insertInto("idempotency")
		.values({
			principal: answer.scope,
			key: answer.key,
			request_hash: answer.requestHash,
			created_at: answer.createdAt.getTime(),
			status: answer.status,
			headers: JSON.stringify(answer.headers),
			body: answer.body,
		})
		.execute();
}

export async function deleteOldAnswers(tx: Tx, before: Date): Promise<void> {
	await tx.deleteFrom("idempotency").where("created_at", "<", before.getTime()).execute();
}
