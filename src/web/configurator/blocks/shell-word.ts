// Texts in commands that people copy. Pure.

/** One word for a POSIX shell, whatever is in it. */
export function shellWord(text: string): string {
	return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
