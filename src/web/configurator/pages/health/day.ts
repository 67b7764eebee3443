// The figures of a day, hour by hour: of one service, or of all together.

import type { HealthHour, HealthOfService } from "../../blocks/health-queries.ts";

export type DayFigures = { received: number; sent: number; failed: number; refused: number };
export const figures = ["received", "sent", "failed", "refused"] as const satisfies readonly (keyof DayFigures)[];

export function sumOf(hours: readonly DayFigures[]): DayFigures {
	const sum = { received: 0, sent: 0, failed: 0, refused: 0 };
	for (const hour of hours) {
		for (const figure of figures) {
			sum[figure] += hour[figure];
		}
	}
	return sum;
}

/** Hour by hour, oldest first. All services count by the same hours. */
export function dayOfAll(healths: Iterable<Pick<HealthOfService, "history">>): readonly HealthHour[] {
	const hours = new Map<string, HealthHour>();
	for (const { history } of healths) {
		for (const hour of history) {
			hours.set(hour.at, { ...sumOf([hours.get(hour.at) ?? emptyHour, hour]), at: hour.at });
		}
	}
	return [...hours.values()].toSorted((one, other) => (one.at < other.at ? -1 : 1));
}

const emptyHour: DayFigures = { received: 0, sent: 0, failed: 0, refused: 0 };
