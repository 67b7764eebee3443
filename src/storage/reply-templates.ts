// Reply templates: texts that agents insert, some of them a provider's template besides.

import type { Db } from "./storage.ts";

export type ReplyTemplate = {
	id: string;
	name: string;
	folder: string;
	language: string | null;
	text: string;
	template: Readonly<Record<string, unknown>> | null;
	/** Empty: for all queues. */
	queueIds: readonly string[];
};

/** Those for all queues, and those for one of these. */
export async function replyTemplatesFor(db: Db, queueIds: readonly string[]): Promise<ReplyTemplate[]> {
	const rows = await db.selectFrom("reply_templates").selectAll().orderBy("folder").orderBy("name_key").execute();
	return rows
		.map((row) => ({
			id: row.id,
			name: row.name,
			folder: row.folder,
			language: row.language,
			text: row.text,
			template: row.template === null ? null : (JSON.parse(row.template) as Record<string, unknown>),
			queueIds: JSON.parse(row.queue_ids) as string[],
		}))
		.filter((one) => one.queueIds.length === 0 || one.queueIds.some((id) => queueIds.includes(id)));
}
