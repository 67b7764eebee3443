// What a simulated contact answers: one plain sentence that fits what was asked, so that a first try reads like a
// conversation. Pure.

type Rule = readonly [RegExp, string];

const rules: readonly Rule[] = [
	[/\b(?:order|customer|reference)\b.*\b(?:number|no|id)\b/i, "It is 4711."],
	[/\bname\b/i, "My name is {name}."],
	[/\b(?:address|street|where do you live)\b/i, "12 Mill Lane, Springfield."],
	[/\b(?:e-?mail|phone number)\b/i, "You can reach me here, that is easiest."],
	[/\b(?:when|what time|which day)\b.*\?/i, "Tomorrow morning would be fine."],
	[/\b(?:thank|thanks|bye|welcome)\b/i, "Thank you for your help, that was all. Goodbye!"],
	[/\b(?:help|do for you)\b.*\?/i, "I ordered a lamp last week and it has not arrived. Can you look into it, please?"],
	[/\b(?:sorry|apolog\w*)\b/i, "No problem, these things happen."],
	[/\?/, "Yes, please."],
];

const otherwise = [
	"Thank you for the quick answer.",
	"Good. How long will that take?",
	"All right, I will wait to hear from you.",
];

/** @param before how many answers this contact gave already */
export function answerTo(text: string, name: string, before: number): string {
	const rule = rules.find(([pattern]) => pattern.test(text));
	return (rule?.[1] ?? otherwise[before % otherwise.length] ?? "").replace("{name}", name);
}
