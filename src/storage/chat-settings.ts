// The chat settings as one row, with the secret that sites sign their visitors' identities with, sealed.

import { SealBroken, type SecretBox, SecretsLocked } from "#platform/secret-box.ts";
import type { ChatSettings } from "#domain/queues.ts";
import { chatSettingDefaults } from "./chat-configuration.ts";
import type { Db, Tx } from "./storage.ts";

const place = { table: "chat_settings", column: "identity_secret", rowId: "1" };

export async function readStoredChatSettings(
	db: Db,
): Promise<{ settings: ChatSettings; hasSecret: boolean; version: number }> {
	const row = await db
		.selectFrom("chat_settings")
		.select(["settings", "version", (eb) => eb("identity_secret", "is not", null).as("has_secret")])
		.executeTakeFirst();
	const given = row === undefined ? {} : (JSON.parse(row.settings) as Partial<ChatSettings>);
	return {
		settings: { ...chatSettingDefaults, ...given },
		hasSecret: Boolean(row?.has_secret),
		version: row?.version ?? 0,
	};
}

/** False: they have another version by now. */
export async function saveChatSettings(tx: Tx, settings: ChatSettings, version: number): Promise<boolean> {
	const row = { settings: JSON.stringify(settings), version: version + 1 };
	const { numInsertedOrUpdatedRows } = await tx
		.insertInto("chat_settings")
		.values({ id: 1, ...row, identity_secret: null })
		.onConflict((conflict) => conflict.column("id").doUpdateSet(row).where("chat_settings.version", "=", version))
		.executeTakeFirstOrThrow();
	return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Undefined: none was set. */
export async function readIdentitySecret(db: Db, box: SecretBox): Promise<string | undefined> {
	const row = await db.selectFrom("chat_settings").select("identity_secret").executeTakeFirst();
	const sealed = row?.identity_secret ?? null;
	return sealed === null ? undefined : box.openText(sealed, place);
}

/** True where none was set. */
export async function identitySecretOpens(db: Db, box: SecretBox): Promise<boolean> {
	try {
		await readIdentitySecret(db, box);
		return true;
	} catch (error) {
		if (error instanceof SealBroken || error instanceof SecretsLocked) {
			return false;
		}
		throw error;
	}
}

export async function saveIdentitySecret(tx: Tx, box: SecretBox, secret: string | null): Promise<void> {
	await tx
		.updateTable("chat_settings")
		.set({ identity_secret: secret === null ? null : box.seal(secret, place) })
		.execute();
}
