// Time zones by their IANA names, as far as this machine or browser knows them.

export function isTimeZone(name: string): boolean {
	try {
		new Intl.DateTimeFormat("en", { timeZone: name });
		return true;
	} catch {
		return false; // RangeError is how it says no.
	}
}
