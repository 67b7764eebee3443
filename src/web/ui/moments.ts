// How moments are written: the way the browser's region writes them, in the time zone that the person chose or the browser's.

import { isTimeZone } from "#domain/time-zones.ts";

let timeZone: string | undefined;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Null, or one that this browser does not know: the browser's own. */
export function showTimesIn(zone: string | null): void {
	formats.clear();
	timeZone = zone === null || !isTimeZone(zone) ? undefined : zone;
}

/** Made once for each way of writing: a list asks for the same one in every row. */
export function momentFormat(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = `${language} ${JSON.stringify(options)}`;
	const known = formats.get(key) ?? new Intl.DateTimeFormat(regionalised(language), { ...options, timeZone });
	formats.set(key, known);
	return known;
}

/** English as in Britain, for somebody whose browser says so. */
function regionalised(language: string): string {
	return navigator.languages.find((wish) => wish === language || wish.startsWith(`${language}-`)) ?? language;
}

export function exactTime(moment: Date, language: string): string {
	return momentFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(moment);
}
