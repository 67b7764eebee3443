// Flat facts out of a provider's nested JSON, for what is shown beside a message or in the trace: `referral.ref` →
// "spring-sale". Bounded in depth, number and length, because what is inside is not ours to decide.

export type Facts = Readonly<Record<string, string>>;

const depthMax = 5;
export const factsMax = 40;
export const nameCharactersMax = 100;
export const valueCharactersMax = 1000;

/** Codes and tokens that let somebody act; they stay in the raw request. */
const secretFields: ReadonlySet<string> = new Set([
	"authorization_code",
	"notification_messages_token",
	"token",
	"user_token",
]);

/** `{"contact":{"id":"x"}}` becomes `{"contact.id":"x"}`; empty texts, nulls and whatever is deeper are left out. */
export function factsOf(value: unknown, name = ""): Facts {
	const found: [string, string][] = [];
	collect(value, name, depthMax, found);
	return Object.fromEntries(found);
}

function collect(value: unknown, name: string, depthLeft: number, found: [string, string][]): void {
	if (typeof value === "object" && value !== null) {
		const inner = depthLeft > 0 ? Object.entries(value).filter(([field]) => !secretFields.has(field)) : [];
		for (const [key, child] of inner) {
			collect(child, name === "" ? key : `${name}.${key}`, depthLeft - 1, found);
		}
		return;
	}
	const text = asFact(value);
	if (text !== undefined && found.length < factsMax) {
		found.push([cut(name, nameCharactersMax), cut(text, valueCharactersMax)]);
	}
}

export function asFact(value: unknown): string | undefined {
	if (typeof value === "number" || typeof value === "boolean") {
		return String(value);
	}
	return typeof value === "string" && value !== "" ? value : undefined;
}

/** Never ends in half a character: a high surrogate at the cut goes too. */
export function cut(text: string, unitsMax: number): string {
	return text.length <= unitsMax ? text : text.slice(0, unitsMax).replace(/[\uD800-\uDBFF]$/, "");
}
