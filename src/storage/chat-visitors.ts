// Web visitors: what they say of themselves, which nobody checked, and who they are to the site where that was proven.

import type { Db, Tx } from "./storage.ts";

export type Visitor = {
	id: string;
	chatAddress: string;
	/** Empty: none given. */
	alias: string;
	language: string | null;
	capabilities: Readonly<Record<string, boolean>>;
	provenId: string | null;
	seenAt: number;
};

export function freshVisitor(id: string): Visitor {
	const chatAddress = `visitor-${id.slice(-8).toLowerCase()}@anonymous.invalid`;
	return { id, chatAddress, alias: "", language: null, capabilities: {}, provenId: null, seenAt: 0 };
}

export async function findVisitor(db: Db, id: string): Promise<Visitor | undefined> {
	const row = await db.selectFrom("chat_visitors").selectAll().where("id", "=", id).executeTakeFirst();
	return row === undefined
		? undefined
		: {
				id: row.id,
				chatAddress: row.chat_address,
				alias: row.alias,
				language: row.language,
				capabilities: JSON.parse(row.capabilities) as Record<string, boolean>,
				provenId: row.proven_id,
				seenAt: row.seen_at,
			};
}

export async function saveVisitor(tx: Tx, visitor: Visitor): Promise<void> {
	const row = {
		chat_address: visitor.chatAddress,
		alias: visitor.alias,
		language: visitor.language,
		capabilities: JSON.stringify(visitor.capabilities),
		proven_id: visitor.provenId,
		seen_at: visitor.seenAt,
	};
	await tx
		.insertInto("chat_visitors")
		.values({ id: visitor.id, ...row })
		.onConflict((conflict) => conflict.column("id").doUpdateSet(row))
		.execute();
}
