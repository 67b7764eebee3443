// Finding and sorting groups and roles. Pure.

import type { Bag } from "../../blocks/people-objects.ts";

export function foundBags(bags: readonly Bag[], find: string): readonly Bag[] {
	const words = find.toLocaleLowerCase().split(/\s+/).filter(Boolean);
	return bags.filter(({ name, description }) => {
		const text = `${name} ${description}`.toLocaleLowerCase();
		return words.every((word) => text.includes(word));
	});
}

export function sortedBags(bags: readonly Bag[], sort: string, language: string): readonly Bag[] {
	const isDown = sort.startsWith("-");
	const key = sort.endsWith("updatedAt") ? "updatedAt" : "name";
	const { compare } = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
	return bags.toSorted((one, other) => (isDown ? -1 : 1) * compare(one[key], other[key]));
}
