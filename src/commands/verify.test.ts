import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { openKeyRing } from "#platform/key-ring.ts";
import { chatSettingDefaults } from "#storage/chat-configuration.ts";
import { saveChatSettings, saveIdentitySecret } from "#storage/chat-settings.ts";
import { openDataKeys } from "#storage/data-keys.ts";
import { seededRandom, testClock } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { verify } from "./verify.ts";

test("a secret of visitors' identities that does not open is found", async (t) => {
	const storage = await openTemporarySqlite(t);
	const folder = mkdtempSync(join(tmpdir(), "parley-test-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const outside = { clock: testClock(), random: seededRandom(5) };
	const keyRing = join(folder, "key-ring");
	const keys = await openDataKeys(storage, openKeyRing(keyRing, outside, { mayCreate: true }), outside);
	assert.ok(keys.ok);
	await storage.write(async (tx) => {
		await saveChatSettings(tx, chatSettingDefaults, 0);
		await saveIdentitySecret(tx, keys.box, "a secret of forty characters, that is long");
	});
	const secrets = async () => {
		const findings = await verify(storage, { ...outside, settings: { keyRing } });
		return findings.find(({ check }) => check === "secrets");
	};
	assert.deepEqual(await secrets(), { check: "secrets", ok: true, found: "Every stored secret opens." });

	const moved = keys.box.seal("another", { table: "chat_settings", column: "identity_secret", rowId: "2" });
	await storage.write((tx) => tx.updateTable("chat_settings").set({ identity_secret: moved }).execute());
	const found = await secrets();
	assert.equal(found?.ok, false);
	assert.match(found?.found ?? "", /do not open: chat settings, widgetIdentitySecret\./);
});
