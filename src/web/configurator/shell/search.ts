// What an address may carry behind the question mark: the named texts, nothing else.

export type Search<K extends string> = { [key in K]?: string };

/** For `validateSearch` of a route. Numbers come back as the text they were. */
export function searchOf<const K extends string>(
	...names: readonly K[]
): (given: Record<string, unknown>) => Search<K> {
	return (given) => {
		const known = names.flatMap((name) => {
			const value = given[name];
			const text = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
			return typeof text === "string" && text !== "" ? [[name, text.slice(0, 400)]] : [];
		});
		return Object.fromEntries(known) as Search<K>;
	};
}

/** What goes into the address: without what is empty. */
export function filled(search: Readonly<Record<string, string | undefined>>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(search).flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, value]])),
	);
}
