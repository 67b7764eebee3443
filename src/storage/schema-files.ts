// The tables of files, and of the attachments by which messages have them.

type Bytes = Uint8Array;
type Ms = number;

export type FileTables = {
	/** What contacts sent and what is to be sent to them. The bytes stand last, so that nobody reads over them. */
	files: {
		id: string;
		/** What it was found to be, not what somebody said. */
		content_type: string;
		filename: string;
		size: number;
		/** Of the content, hexadecimal. */
		sha256: string;
		created_at: Ms;
		/** Who uploaded it; null: it came from a contact. */
		created_by: string | null;
		/** Deleted then; null: as long as a message has it. */
		expires_at: Ms | null;
		content: Bytes;
	};
	/**
	 * What came with messages, and files that went with them. Attachments of ours at other addresses have no row. The
	 * address of one that came is in its message's `content`, at `position`.
	 */
	attachments: {
		message_id: string;
		/** From 0. */
		position: number;
		service_id: string;
		/** The file; while `waiting`, and after `failed`, the id it would have. */
		file_id: string;
		state: "waiting" | "kept" | "failed";
		/** Why there is no file, or not yet: a word, and the same for people. */
		reason: string | null;
		detail: string | null;
		not_before: Ms;
		attempts: number;
		lease_until: Ms;
		epoch: number;
	};
};
