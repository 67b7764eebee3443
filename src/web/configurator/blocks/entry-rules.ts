// The rules of a type about its authentications, as a form needs them: which fields make an Authentication ID, what is
// mended while it is entered, and what is wrong with it. Everything comes from the type; the server has the last word. Pure.

import type { ServiceType } from "#web/api/objects.ts";

export type Rule = ServiceType["authentications"][number];

/** The Authentication ID is one certain word, so there is nothing to enter but the secret. */
export function isLiteral(rule: Rule): boolean {
	return patternOf(rule) === `^${rule.idExample}$`;
}

function patternOf(rule: Rule): string {
	const { properties } = rule.schema as { properties?: { authenticationId?: { pattern?: string } } };
	return properties?.authenticationId?.pattern ?? "";
}

/** Words are always asked for; of the others what is demanded, or else the first with which we prove ourselves. */
export function needsEntry(rule: Rule, rules: readonly Rule[]): boolean {
	const outgoing = rules.filter(({ direction }) => direction !== "incoming");
	const isFirst = !outgoing.some(({ min }) => min > 0) && outgoing[0] === rule;
	return rule.min > 0 || isLiteral(rule) || isFirst;
}

/** First what we send with, then what the provider proves itself with. */
export function inFormOrder(rules: readonly Rule[]): readonly Rule[] {
	return rules.toSorted((one, other) => Number(one.direction === "incoming") - Number(other.direction === "incoming"));
}

export function isBlankId(authenticationId: string, rule: Rule | undefined): boolean {
	return authenticationId.replaceAll(rule?.joinedBy ?? " ", "").trim() === "";
}

/** One text for each part; the last separator divides. */
export function splitId(rule: Rule, authenticationId: string): readonly string[] {
	const parts = rule.idParts ?? [];
	if (parts.length < 2 || rule.joinedBy === null) {
		return [authenticationId];
	}
	const at = authenticationId.lastIndexOf(rule.joinedBy);
	return at < 0 ? [authenticationId, ""] : [authenticationId.slice(0, at), authenticationId.slice(at + 1)];
}

export function joinId(rule: Rule, texts: readonly string[]): string {
	return texts.every((text) => text === "") ? "" : texts.join(rule.joinedBy ?? "");
}

/**
 * A whole Authentication ID that came into one of its fields at once is divided: when the other fields are empty, or when the
 * field cannot hold it. Otherwise it is that part alone.
 */
export function withPart(rule: Rule, authenticationId: string, given: { index: number; text: string }): string {
	const before = splitId(rule, authenticationId);
	const texts = before.with(given.index, given.text);
	const isTyped = given.text.length <= (before[given.index] ?? "").length + 1; // More may come.
	return !isTyped && isWhole(rule, texts, given.index) ? given.text : joinId(rule, texts);
}

/** The same for what was typed letter by letter, when the field is left. */
export function dividedAfter(rule: Rule, authenticationId: string, index: number): string {
	const texts = splitId(rule, authenticationId);
	return isWhole(rule, texts, index) ? (texts[index] ?? "") : authenticationId;
}

const emailAddress = /^[^@\s]+@[^@\s]+\.\p{L}{2,}$/u; // Many a user name is one.

function isWhole(rule: Rule, texts: readonly string[], index: number): boolean {
	const { [index]: text = "" } = texts;
	if (rule.joinedBy === null || !text.includes(rule.joinedBy) || !fits(rule, mend(rule, text).id)) {
		return false;
	}
	const part = rule.idParts?.[index];
	const isHeld = part === undefined || new RegExp(part.pattern, "u").test(text);
	const isAlone = texts.every((other, at) => at === index || other === "");
	return !isHeld || (isAlone && !emailAddress.test(text));
}

function fits(rule: Rule, authenticationId: string): boolean {
	return new RegExp(patternOf(rule), "u").test(authenticationId);
}

/** `capitals`: the part that was put into capitals, as it is now. */
export type Mended = { id: string; capitals?: { label: string; text: string } };

/** Blanks around it go away; what is written in capitals becomes so. */
export function mend(rule: Rule, authenticationId: string): Mended {
	const texts = splitId(rule, authenticationId).map((text) => text.trim());
	const parts = rule.idParts ?? [];
	const spelt = texts.map((text, index) => (parts[index]?.transform === "upperCase" ? text.toUpperCase() : text));
	const changed = spelt.findIndex((text, index) => text !== texts[index]);
	const [label, text] = [parts[changed]?.label, spelt[changed]];
	return {
		id: joinId(rule, spelt),
		...(label === undefined || text === undefined ? {} : { capitals: { label, text } }),
	};
}

type EntryText = { authenticationId: string; password?: string; isStored: boolean };
export type EntryFault =
	| { at: string; key: "idMissing"; label: string; secret: string }
	| { at: string; key: "partShape"; label: string; example: string }
	| { at: string; key: "idShape"; shape: string; example: string };

/** What is wrong with one entry. `at` is the field: empty for the Authentication ID, else the key of its part. */
export function faultsOf(rule: Rule, { authenticationId, password = "", isStored }: EntryText): readonly EntryFault[] {
	if (isBlankId(authenticationId, rule)) {
		const label = rule.idParts?.[0]?.label ?? rule.idLabel;
		return password !== "" || isStored ? [{ at: "", key: "idMissing", label, secret: rule.secretLabel }] : [];
	}
	const { id } = mend(rule, authenticationId);
	if (fits(rule, id)) {
		return [];
	}
	const texts = splitId(rule, id);
	const wrong = (rule.idParts ?? []).flatMap((part, index) =>
		new RegExp(part.pattern, "u").test(texts[index] ?? "")
			? []
			: [{ at: index === 0 ? "" : part.key, key: "partShape" as const, label: part.label, example: part.example }],
	);
	return wrong.length > 0 ? wrong : [{ at: "", key: "idShape", shape: rule.idShape, example: rule.idExample }];
}
