// Patterns that many fields share, and what is told to whoever breaks one: nobody should have to read a regular expression.

/** Any text but the character NUL, which PostgreSQL cannot store. */
export const noNul = "^[^\\u0000]*$";

/** One line: no control characters. */
export const oneLine = "^[^\\u0000-\\u001f\\u007f]*$";

/** One line that reads as it is stored: nothing in it turns the direction of writing (Unicode TR 36 section 3.2). */
export const nameLine = "^[^\\u0000-\\u001f\\u007f\\u202a-\\u202e\\u2066-\\u2069]*$";

/** No colon, which ends the name in HTTP Basic (RFC 7617), and nothing that looks like nothing. */
export const logonName = "^[\\p{L}\\p{N}._@+\\-]+$";

const said: Readonly<Record<string, string>> = {
	[noNul]: "must not have the character NUL",
	[oneLine]: "must be one line, without control characters such as tabs",
	[nameLine]: "must be one line, without control characters such as tabs or marks that turn the direction of writing",
	[logonName]: "may have letters, digits and . _ @ + - only",
};

/** For the end of a sentence that begins with the field. */
export function patternRule(pattern: string): string {
	return said[pattern] ?? `must match the pattern ${pattern}`;
}
