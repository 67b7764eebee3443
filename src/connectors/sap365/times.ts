// Times as SAP writes them: a date and a time of day, without a zone. They are taken for UTC; README.md says why.

const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

/** `Mon, 20 Oct 2008`, `2017-04-22` or `31-12-2026`, and `03:15:33`; undefined when one of them is no such thing. */
export function timeOf(date: string | undefined, time: string | undefined): Date | undefined {
	const day = dayOf(date?.trim() ?? "");
	const [clock] = /^\d\d:\d\d:\d\d(?=$|\.\d{1,9}$)/.exec(time?.trim() ?? "") ?? [];
	const at = new Date(day === undefined || clock === undefined ? Number.NaN : `${day}T${clock}Z`);
	// A day that its month does not have would become one of the next month.
	return Number.isNaN(at.getTime()) || !at.toISOString().startsWith(day ?? "?") ? undefined : at;
}

function dayOf(date: string): string | undefined {
	const [, d1 = "", month = "", y1 = ""] = /^(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Za-z]{3}) (\d{4})$/.exec(date) ?? [];
	const index = months.indexOf(month.toLowerCase());
	if (index !== -1) {
		return `${y1}-${String(index + 1).padStart(2, "0")}-${d1.padStart(2, "0")}`;
	}
	const [, d2 = "", m2 = "", y2 = ""] = /^(\d\d)-(\d\d)-(\d{4})$/.exec(date) ?? [];
	return y2 === "" ? (/^\d{4}-\d\d-\d\d$/.test(date) ? date : undefined) : `${y2}-${m2}-${d2}`;
}
