// The chat settings that are not for everybody's eyes: the secret that sites sign their visitors' identities with, sealed.

import type { SecretBox } from "#platform/secret-box.ts";
import type { Db, Tx } from "./storage.ts";

const place = { table: "chat_settings", column: "identity_secret", rowId: "1" };

/** Undefined: none was set. */
export async function readIdentitySecret(db: Db, box: SecretBox): Promise<string | undefined> {
	const row = await db.selectFrom("chat_settings").select("identity_secret").executeTakeFirst();
	return row?.identity_secret == null ? undefined : box.openText(row.identity_secret, place);
}

export async function saveIdentitySecret(tx: Tx, box: SecretBox, secret: string | null): Promise<void> {
	await tx
		.updateTable("chat_settings")
		.set({ identity_secret: secret === null ? null : box.seal(secret, place) })
		.execute();
}
