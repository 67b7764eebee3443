// How long a message may be tried, in the one unit that the interface takes: 5m at least, 2h, 1d, 1w at most.

const minuteMs = 60_000;
const minutesMin = 5; // The shortest that clients give as allowed.
const units = [
	["w", 10_080],
	["d", 1440],
	["h", 60],
	["m", 1],
] as const;

/** Rounded down, so that nothing arrives too late; below five minutes there is no choice. */
export function validityOf(validUntil: Date, now: Date): string {
	const minutes = Math.max(Math.floor((validUntil.getTime() - now.getTime()) / minuteMs), minutesMin);
	const [unit, size] = units.find((each) => minutes >= each[1]) ?? units[3];
	return unit === "w" ? "1w" : `${Math.floor(minutes / size)}${unit}`;
}
