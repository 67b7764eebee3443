// Chats by what was said in them: full-text indexes of the databases' own (FTS5, GIN), by words and their beginnings.

import { type RawBuilder, sql } from "kysely";
import type { Dialect } from "./dialect.ts";

const wordsMax = 8; // Of one search; further ones would hardly narrow it.

/** Each word begins somewhere in what was said. Signs between words mean nothing; nothing but signs finds nothing. */
export function saying(dialect: Dialect, words: string): RawBuilder<boolean> {
	const wanted = words
		.normalize("NFKC")
		.split(/[^\p{L}\p{N}]+/u)
		.filter((word) => word !== "")
		.slice(0, wordsMax);
	return wanted.length === 0
		? sql<boolean>`1 = 0`
		: sql<boolean>`${sql.join(
				wanted.map((word) => sql`chats.id IN (${dialect === "sqlite" ? inFts5(word) : inGin(word)})`),
				sql` AND `,
			)}`;
}

function inFts5(word: string): RawBuilder<unknown> {
	return sql`SELECT chat_id FROM chat_lines WHERE chat_lines.rowid IN
		(SELECT chat_words.rowid FROM chat_words WHERE chat_words MATCH ${`"${word}"*`})`;
}

/** As the index has it, to the letter: else it is not used. */
function inGin(word: string): RawBuilder<unknown> {
	return sql`SELECT chat_id FROM chat_lines WHERE type IN ('text', 'note')
		AND to_tsvector('simple', message) @@ to_tsquery('simple', ${`'${word}':*`})`;
}
