// Goal: what is deleted is gone from the file, not only from the tables. Method: a text is written, deleted, and looked for
// in the bytes of the file.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { openSqlite } from "./sqlite.ts";

test("a deleted text is overwritten in the file", (t) => {
	const folder = mkdtempSync(join(tmpdir(), "parley-test-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, "a.sqlite");
	const database = openSqlite(path);
	t.after(() => database.close());
	const holds = (text: string): boolean => {
		database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
		return readFileSync(path).includes(text);
	};
	database.exec("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)");
	const add = database.prepare("INSERT INTO notes VALUES (?, ?)");
	const long = "canary-in-pages-of-its-own ".repeat(2000);
	for (const [id, text] of ["a neighbour that stays", "canary-among-others", long].entries()) {
		add.run(id, text);
	}
	assert.deepEqual([holds("canary-among-others"), holds("canary-in-pages-of-its-own")], [true, true]);
	database.exec("DELETE FROM notes WHERE id > 0");
	assert.deepEqual([holds("canary-among-others"), holds("canary-in-pages-of-its-own")], [false, false]);
	assert.ok(holds("a neighbour that stays"));
});
