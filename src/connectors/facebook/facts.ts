// Flat facts out of nested JSON, for what is shown beside a message: `referral.ref` → "spring-sale". Bounded in depth,
// number and length, because the provider decides what is in there.

export type Facts = Readonly<Record<string, string>>;

const depthMax = 5;
const factsMax = 40;
const nameCharactersMax = 100;
const valueCharactersMax = 1000;

/** Codes and tokens that let somebody act; they stay in the sealed raw request. */
const secretFields: ReadonlySet<string> = new Set([
	"authorization_code",
	"notification_messages_token",
	"token",
	"user_token",
]);

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
		found.push([
			cut(name, nameCharactersMax),
			cut(typeof value === "string" ? value : JSON.stringify(value), valueCharactersMax),
		]);
		return;
	}
	if (depthLeft === 0) {
		return;
	}
	for (const [key, child] of Object.entries(value).filter(([field]) => !secretFields.has(field))) {
		collect(child, name === "" ? key : `${name}.${key}`, depthLeft - 1, found);
	}
}

export function cut(text: string, charactersMax: number): string {
	return text.length <= charactersMax ? text : Array.from(text).slice(0, charactersMax).join("");
}
