// A chat with more lines than anybody writes in a test.

import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { ChatStage } from "./chat-scene.ts";

/** Beside the server: copies of the chat's last line with another text, as if somebody had gone on writing. */
export function writeBeside({ settings }: ChatStage, id: string, texts: readonly string[]): void {
	const db = new DatabaseSync(settings.database.replace(/^sqlite:/, ""));
	const last = db.prepare("SELECT * FROM chat_lines WHERE chat_id = ? ORDER BY seq DESC LIMIT 1").get(id);
	const { seq = 0, ...line } = last as Record<string, SQLInputValue>;
	const first = Number(seq) + 1;
	db.exec("BEGIN");
	for (const [index, message] of texts.entries()) {
		const row = {
			...line,
			seq: first + index,
			id: `${id.slice(0, 24)}${String(first + index).padStart(8, "0")}`,
			message,
		};
		const names = Object.keys(row);
		db.prepare(`INSERT INTO chat_lines (${names.join()}) VALUES (${names.map(() => "?").join()})`).run(
			...Object.values(row),
		);
	}
	db.prepare("UPDATE chats SET lines = lines + ? WHERE id = ?").run(texts.length, id);
	db.exec("COMMIT");
	db.close();
}
