// Days as people enter them and moments as the interface wants them: a day begins where the reader is. Pure.

/** The day of a value in the address, which is a day or a moment; empty: there is none. */
export function dayOf(given: string | undefined): string {
	return /^\d{4}-\d\d-\d\d/.exec(given ?? "")?.[0] ?? "";
}

/** Undefined: it is no day. A moment stays one. */
export function startOfDay(given: string | undefined): string | undefined {
	const [year = 0, month = 1, day = 1] = dayOf(given).split("-").map(Number);
	const isMoment = given !== undefined && given.length > 10;
	const start = isMoment ? new Date(given) : new Date(year, month - 1, day);
	return dayOf(given) === "" || Number.isNaN(start.getTime()) ? undefined : start.toISOString();
}
