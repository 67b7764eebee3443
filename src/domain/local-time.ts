// A moment as people of a time zone read it, daylight saving included.

export type LocalTime = {
	/** `YYYY-MM-DD` */
	date: string;
	/** `HH:MM`, 00:00 to 23:59 */
	time: string;
	/** 1 (Monday) to 7 */
	weekday: number;
};

/** Whether there is such a day, `YYYY-MM-DD`: 2026-02-30 is none. */
export function isDate(text: string): boolean {
	const midnight = new Date(`${text}T00:00:00Z`);
	return !Number.isNaN(midnight.getTime()) && midnight.toISOString().slice(0, 10) === text;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** @param timeZone an IANA name that is known to be one */
export function localTime(at: Date, timeZone: string): LocalTime {
	const parts = Object.fromEntries(
		formatOf(timeZone)
			.formatToParts(at)
			.map(({ type, value }) => [type, value]),
	);
	const date = `${parts["year"]}-${parts["month"]}-${parts["day"]}`;
	const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
	return { date, time: `${parts["hour"]}:${parts["minute"]}`, weekday: weekday === 0 ? 7 : weekday };
}

/** Making one takes longer than using it a hundred times. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
	const known = formats.get(timeZone);
	if (known !== undefined) {
		return known;
	}
	const format = new Intl.DateTimeFormat("en-GB", {
		timeZone,
		hourCycle: "h23",
		year: "numeric",
		month: "2-digit",
		day: "2-digit",
		hour: "2-digit",
		minute: "2-digit",
	});
	formats.set(timeZone, format);
	return format;
}
