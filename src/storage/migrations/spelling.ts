// How the two dialects write one table: types of columns, and strictness where there is a choice.

import type { Dialect } from "../dialect.ts";

/** What the dialects spell differently. */
export type Spelling = { dialect: Dialect; bytes: string; ms: string; table(name: string, columns: string): string };

export function spelling(dialect: Dialect): Spelling {
	const strict = dialect === "sqlite" ? " STRICT" : "";
	return {
		dialect,
		bytes: dialect === "sqlite" ? "BLOB" : "BYTEA",
		ms: dialect === "sqlite" ? "INTEGER" : "BIGINT",
		table: (name, columns) => `CREATE TABLE ${name} (${columns})${strict}`,
	};
}
