// A moment as people say it, with the exact one beside it for machines and for those who point at it.

import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { exactTime } from "./moments.ts";

const steps = [
	["day", 86_400_000],
	["hour", 3_600_000],
	["minute", 60_000],
	["second", 1000],
] as const;

/** `never` is shown where there is no moment. */
export function Time({
	at,
	never,
	isExact = false,
}: {
	at: string | null | undefined;
	never?: string;
	isExact?: boolean;
}) {
	const { i18n } = useTranslation("ui");
	const nowMs = useNowMs();
	if (at === null || at === undefined) {
		return <span>{never ?? "–"}</span>;
	}
	const moment = new Date(at);
	const exact = exactTime(moment, i18n.language);
	return (
		<time dateTime={at} title={`${exact} (${at})`}>
			{isExact ? exact : relativeTime(moment.getTime() - nowMs, i18n.language, exact)}
		</time>
	);
}

const tickMs = 10_000;
const listeners = new Set<() => void>();
let timer: number | undefined;

/** One timer for every moment on the screen. */
function listen(listener: () => void): () => void {
	listeners.add(listener);
	timer ??= window.setInterval(() => listeners.forEach((one) => one()), tickMs);
	return () => {
		listeners.delete(listener);
		if (listeners.size === 0) {
			window.clearInterval(timer);
			timer = undefined;
		}
	};
}

/** Renewed as often as the moments on the screen are. */
export function useNowMs(): number {
	return useSyncExternalStore(listen, () => Math.floor(Date.now() / tickMs) * tickMs + tickMs);
}

/** Older than a week: the date itself. */
function relativeTime(differenceMs: number, language: string, exact: string): string {
	const distance = Math.abs(differenceMs);
	if (distance > 7 * 86_400_000) {
		return exact;
	}
	const [unit, ms] = steps.find(([, size]) => distance >= size) ?? (["second", 1000] as const);
	return distanceFormat(language).format(Math.trunc(differenceMs / ms), unit);
}

const distances = new Map<string, Intl.RelativeTimeFormat>();

/** Making one costs a hundred times what using it does. */
function distanceFormat(language: string): Intl.RelativeTimeFormat {
	const known = distances.get(language) ?? new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
	distances.set(language, known);
	return known;
}
