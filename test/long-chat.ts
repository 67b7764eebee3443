// A chat with more lines than anybody writes in a test, and more chats than anybody begins.

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
		insert(db, "chat_lines", row);
	}
	db.prepare("UPDATE chats SET lines = lines + ? WHERE id = ?").run(texts.length, id);
	db.exec("COMMIT");
	db.close();
}

/** Beside the server: newer chats of a queue in which the same was said, which nobody had. */
export function copyBeside(
	{ settings }: ChatStage,
	id: string,
	{ count, queueId }: { count: number; queueId: string },
): void {
	const db = new DatabaseSync(settings.database.replace(/^sqlite:/, ""));
	const chat = db.prepare("SELECT * FROM chats WHERE id = ?").get(id) as Record<string, SQLInputValue>;
	const lines = db.prepare("SELECT * FROM chat_lines WHERE chat_id = ?").all(id) as Record<string, SQLInputValue>[];
	db.exec("BEGIN");
	for (let index = 0; index < count; index += 1) {
		const copy = `${"F".repeat(24)}${String(index).padStart(8, "0")}`;
		insert(db, "chats", {
			...chat,
			id: copy,
			original_id: copy,
			queue_id: queueId,
			last_agent_id: null,
			visitor_id: null,
		});
		lines.forEach((line, number) => insert(db, "chat_lines", { ...line, chat_id: copy, id: `${copy}-${number}` }));
	}
	db.exec("COMMIT");
	db.close();
}

function insert(db: DatabaseSync, table: string, row: Readonly<Record<string, SQLInputValue>>): void {
	const names = Object.keys(row);
	const places = names.map(() => "?").join();
	db.prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${places})`).run(...Object.values(row));
}
