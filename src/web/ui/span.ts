// The time between two moments as people read it, in the language of the page: at most two units. Pure.

const day = 86_400_000;
const hour = 3_600_000;
const minute = 60_000;
const second = 1000;

type Unit = "day" | "hour" | "minute" | "second" | "millisecond";

export function spanText(ms: number, language: string): string {
	return piecesOf(Math.max(0, Math.round(ms)))
		.map(([value, unit]) =>
			new Intl.NumberFormat(language, {
				style: "unit",
				unit,
				unitDisplay: "short",
				maximumFractionDigits: unit === "second" ? 1 : 0,
			}).format(value),
		)
		.join(" ");
}

function piecesOf(ms: number): readonly (readonly [number, Unit])[] {
	if (ms < second) {
		return [[ms, "millisecond"]];
	}
	if (ms < minute) {
		return [[Math.floor(ms / 100) / 10, "second"]];
	}
	if (ms < hour) {
		return withRest([Math.floor(ms / minute), "minute"], [Math.floor((ms % minute) / second), "second"]);
	}
	if (ms < day) {
		return withRest([Math.floor(ms / hour), "hour"], [Math.floor((ms % hour) / minute), "minute"]);
	}
	return withRest([Math.floor(ms / day), "day"], [Math.floor((ms % day) / hour), "hour"]);
}

function withRest(whole: readonly [number, Unit], rest: readonly [number, Unit]) {
	return rest[0] === 0 ? [whole] : [whole, rest];
}
