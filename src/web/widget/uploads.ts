// Files that the visitor sends: announced on the line, then their bytes by HTTP. The transcript shows them when they are there.
// What the server would refuse by the limits it tells is not even announced.

import { isProblem } from "#web/api/problem.ts";
import { fieldsOf } from "#web/realtime/fields.ts";
import { type FileLimits, whyUnfit } from "#web/realtime/file-limits.ts";
import type { Ask } from "./asked.ts";
import { textIn } from "./read.ts";

/** `because`: the code of why it was not taken. */
export type Upload = { id: string; name: string; because?: string };

export type Uploads = {
	all(): readonly Upload[];
	send(chatId: string, file: File): Promise<void>;
	drop(id: string): void;
};

type UploadsDeps = {
	ask: Ask;
	/** Rejects where the bytes were not taken. */
	put(id: string, file: File): Promise<void>;
	/** As they were told last. Undefined: not known yet. */
	limits(): FileLimits | undefined;
	/** As they are now. Undefined: nobody tells. */
	learnLimits(): Promise<FileLimits | undefined>;
	newId(): string;
	onChange(): void;
};

export function openUploads(deps: UploadsDeps): Uploads {
	const { newId, onChange } = deps;
	let all: readonly Upload[] = [];
	const set = (next: readonly Upload[]): void => {
		all = next;
		onChange();
	};
	return {
		all: () => all,
		async send(chatId, file) {
			const one: Upload = { id: newId(), name: file.name };
			set([...all, one]);
			const because = (await whyUnfitNow(deps, file)) ?? (await sendOne(deps, chatId, file));
			const others = all.filter(({ id }) => id !== one.id);
			set(because === undefined ? others : [...others, { ...one, because }]);
		},
		drop: (id) => set(all.filter((one) => one.id !== id)),
	};
}

/** What did not fit a while ago may fit now: so before it is refused, it is asked anew. Undefined: the server decides. */
async function whyUnfitNow({ limits, learnLimits }: UploadsDeps, file: File): Promise<string | undefined> {
	const known = limits();
	if (known === undefined || whyUnfit(file, known) === undefined) {
		return undefined;
	}
	const now = await learnLimits();
	return now === undefined ? undefined : whyUnfit(file, now);
}

/** Undefined: it is there. */
async function sendOne({ ask, put }: UploadsDeps, chatId: string, file: File): Promise<string | undefined> {
	const facts = { filename: file.name, size: file.size, mime_type: file.type || "application/octet-stream" };
	const announced = await ask("POST", `/interactions/${chatId}/attachments`, facts);
	if (!announced.ok) {
		return announced.why === "lost" ? "unreachable" : announced.code;
	}
	try {
		await put(textIn(fieldsOf(announced.body)["id"], 64), file);
		return undefined;
	} catch (error) {
		if (!isProblem(error)) {
			throw error;
		}
		return error.code;
	}
}
