// Runs a test once per database: SQLite in a temporary file, and PostgreSQL. Each `open` gives an empty, migrated
// database of its own; all of them are closed when the test ends.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { Dialect } from "#storage/dialect.ts";
import { type Storage, openStorage } from "#storage/storage.ts";
import { type FreshDatabase, testServer } from "./postgres.ts";

export type OpenStorage = () => Promise<Storage>;

export function onBothDialects(
	name: string,
	body: (open: OpenStorage, dialect: Dialect) => Promise<void> | void,
): void {
	test(`${name} (sqlite)`, (t) => body(() => openTemporarySqlite(t), "sqlite"));
	test(`${name} (postgres)`, async (t) => {
		const server = await testServer();
		if (!server.ok) {
			t.skip(server.reason);
			return;
		}
		await body(async () => openAndClose(t, await migratedDatabase(server.freshDatabase)), "postgres");
	});
}

let template: Promise<string> | undefined;

/** Migrating takes several times as long as copying a database that is migrated already. */
async function migratedDatabase(freshDatabase: FreshDatabase): Promise<string> {
	template ??= (async () => {
		const url = await freshDatabase();
		await (await openStorage(url, () => undefined)).close();
		return url;
	})();
	return freshDatabase(await template);
}

/** For tests that need a storage and not both dialects. */
export async function openTemporarySqlite(t: Pick<TestContext, "after">): Promise<Storage> {
	const folder = mkdtempSync(join(tmpdir(), "parley-test-"));
	const storage = await openAndClose(t, `sqlite:${join(folder, "parley.sqlite")}`);
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return storage;
}

async function openAndClose(t: Pick<TestContext, "after">, location: string): Promise<Storage> {
	const storage = await openStorage(location, () => undefined);
	t.after(() => storage.close());
	return storage;
}
