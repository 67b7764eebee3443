// Flat facts out of nested JSON, for what is shown beside a message: `referral.ref` → "spring-sale". Bounded in depth,
// number and length, because the provider decides what is in there.

export type Facts = Readonly<Record<string, string>>;

const depthMax = 5;
const factsMax = 40;
const nameCharactersMax = 100;
const valueCharactersMax = 1000;

export function factsOf(value: unknown, name: string): Facts {
	const found: [string, string][] = [];
	collect(value, name, depthMax, found);
	return Object.fromEntries(found);
}

function collect(value: unknown, name: string, depthLeft: number, found: [string, string][]): void {
	if (found.length >= factsMax || value === null || value === undefined) {
		return;
	}
	if (typeof value !== "object") {
		found.push([cut(name, nameCharactersMax), cut(String(value), valueCharactersMax)]);
		return;
	}
	if (depthLeft === 0) {
		return;
	}
	for (const [key, child] of Object.entries(value)) {
		collect(child, name === "" ? key : `${name}.${key}`, depthLeft - 1, found);
	}
}

export function cut(text: string, charactersMax: number): string {
	return text.length <= charactersMax ? text : Array.from(text).slice(0, charactersMax).join("");
}
