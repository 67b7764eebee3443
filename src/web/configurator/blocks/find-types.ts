// Which service types a few words mean: each word must occur in the label, the summary, the channels or the help. Pure.

import type { ServiceType } from "#web/api/objects.ts";

type Named = Pick<ServiceType, "type" | "label" | "summary" | "channels" | "help">;

export function typesFound<T extends Named>(types: readonly T[], find: string): readonly T[] {
	const words = find
		.toLowerCase()
		.split(/\s+/)
		.filter((word) => word !== "");
	const weighed = types.map((type) => ({ type, weight: weightOf(type, words) }));
	return weighed
		.filter(({ weight }) => weight > 0)
		.toSorted((one, other) => other.weight - one.weight)
		.map(({ type }) => type);
}

/** What is named so comes before what only does so. */
function weightOf({ type, label, summary, channels, help }: Named, words: readonly string[]): number {
	const name = `${type} ${label}`.toLowerCase();
	const all = `${name} ${summary} ${channels.join(" ")} ${help}`.toLowerCase();
	if (!words.every((word) => all.includes(word))) {
		return 0;
	}
	return words.length > 0 && words.every((word) => name.includes(word)) ? 2 : 1;
}
