// What an address may carry behind the question mark: the named texts, nothing else.

export type Search<K extends string> = { [key in K]?: string };

/** The router would read JSON there; here every value is the text that it is, whatever it looks like. */
export const plainSearch = {
	parseSearch: (text: string) => Object.fromEntries(new URLSearchParams(text)),
	stringifySearch(search: Readonly<Record<string, unknown>>) {
		const entries = Object.entries(search).filter(([, value]) => value !== undefined);
		const text = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
		return text === "" ? "" : `?${text}`;
	},
};

/** For `validateSearch` of a route. */
export function searchOf<const K extends string>(
	...names: readonly K[]
): (given: Record<string, unknown>) => Search<K> {
	return (given) => {
		const known = names.flatMap((name) => {
			const text = given[name];
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
