// What of files the server takes, as `/attachment_limits` tells it, and what of it can be said before one is sent. Pure. The
// server decides: who holds a file back by limits that were told a while ago asks for them anew before. How much all files
// of a chat may be is not told here: that the server alone refuses.

export type FileLimits = {
	/** Bytes, at most. */
	size: number;
	/** Endings of names, without a dot. */
	types: readonly string[];
};

export function acceptOf({ types }: FileLimits): string {
	return types.map((type) => `.${type}`).join(",");
}

const kibBytes = 1024;
const mibBytes = 1024 * kibBytes;

/** Not more than there are. */
export function bytesInWords(bytes: number): string {
	return bytes < mibBytes ? `${Math.floor(bytes / kibBytes)} KiB` : `${Math.floor(bytes / mibBytes)} MiB`;
}

/** As the server that told these limits would refuse it. Undefined: it fits, as far as can be seen. */
export function whyUnfit(
	{ name, size }: { name: string; size: number },
	limits: FileLimits,
): "too_large" | "type_not_allowed" | undefined {
	if (size > limits.size) {
		return "too_large";
	}
	// The server leaves out what cannot be seen of a name before it looks at the ending.
	const ending = (name.split(".").at(-1) ?? "").toLowerCase().replaceAll(/[^a-z0-9]/g, "");
	return limits.types.includes(ending) ? undefined : "type_not_allowed";
}
