// What somebody has entered over a stored object. While nothing is entered, the form follows what is stored; from the first
// entry on it stands on the version it was made on, so that saving can tell whether that one still counts.

import { useState } from "react";
import type { Answer } from "#web/api/read.ts";
import type { Values } from "./schema.ts";

type Draft = {
	values: Values;
	/** Only what differs from what is stored. */
	changed: Values;
	etag: string | null;
	isDirty: boolean;
	set: (name: string, value: unknown) => void;
	drop: () => void;
};

export function useDraft(stored: Answer<Values>): Draft {
	const [begun, setBegun] = useState<{ on: Answer<Values>; changed: Values }>();
	const { body, etag } = begun?.on ?? stored;
	const changed = begun?.changed ?? {};
	return {
		values: { ...body, ...changed },
		changed,
		etag,
		isDirty: Object.keys(changed).length > 0,
		set(name, value) {
			setBegun((before) => {
				const on = before?.on ?? stored;
				const next = withEntry(on.body, before?.changed ?? {}, [name, value]);
				return Object.keys(next).length === 0 ? undefined : { on, changed: next };
			});
		},
		drop: () => setBegun(undefined),
	};
}

/** An emptied field is the one that was empty before. */
export function withEntry(stored: Values, changed: Values, [name, value]: readonly [string, unknown]): Values {
	const { [name]: _before, ...others } = changed;
	return JSON.stringify(orNull(value)) === JSON.stringify(orNull(stored[name])) ? others : { ...others, [name]: value };
}

function orNull(value: unknown): unknown {
	return value === "" || value === undefined ? null : value;
}
