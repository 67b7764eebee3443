// A value that saves by itself when it is chosen, and can be taken back. A newer version is never overwritten.

import { useState } from "react";
import { complain, tell } from "#web/ui/notice.tsx";

type SelfSavingInput<T> = {
	/** What the way back brings back. */
	before: T;
	etag: string | null;
	/** Resolves with the version that it made. */
	write: (value: T, etag: string | null) => Promise<string | null>;
	said: (value: T) => string;
};

/** `change` throws, for a question that shows it; `save` keeps what was thrown. */
export function useSelfSaving<T>({ before, etag, write, said }: SelfSavingInput<T>) {
	const [error, setError] = useState<unknown>();
	const [isBusy, setBusy] = useState(false);
	const change = async (value: T) => {
		const saved = await write(value, etag);
		setError(undefined);
		tell(said(value), () => void write(before, saved).catch(complain));
	};
	const save = async (value: T) => {
		setBusy(true);
		await change(value).catch(setError);
		setBusy(false);
	};
	return { save, change, error, isBusy };
}
