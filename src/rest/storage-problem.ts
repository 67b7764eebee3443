// What a storage error means to a caller: try again, and when.

import { Problem } from "#platform/problems.ts";
import { Overloaded } from "#storage/group-commit.ts";
import { storageTrouble } from "#storage/trouble.ts";

/** Undefined: not the storage's trouble, or one that must end the process and is therefore not to be softened. */
export function storageProblem(error: unknown): Problem | undefined {
	if (error instanceof Overloaded) {
		return new Problem("overloaded", "More comes than can be stored at the moment; nothing was stored.", undefined, {
			headers: { "retry-after": "1" },
		});
	}
	switch (storageTrouble(error)) {
		case "full":
			return new Problem("storage_full", "There is no space left on the disk; nothing was stored.", undefined, {
				headers: { "retry-after": "60" },
			});
		case "unavailable":
			return new Problem("storage_unavailable", "The database does not answer; nothing was stored.", undefined, {
				headers: { "retry-after": "5" },
			});
		case "fatal":
		case undefined:
			return undefined;
	}
}
