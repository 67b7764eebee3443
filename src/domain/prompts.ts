// What the contact centre itself says in a chat: the prompt that a schedule names, in the contact's language.

import type { ChatConfiguration, Schedule } from "./chat-configuration.ts";
import { localTime } from "./local-time.ts";
import type { PromptType, Queue } from "./queues.ts";
import { applying } from "./service-times.ts";

export type AskedPrompt = {
	queue: Pick<Queue, "id" | "timeZone" | "language">;
	type: PromptType;
	at: Date;
	/** The contact's, where it is known. */
	language: string | null;
};

/** What may stand in braces in a prompt's text. */
export const promptValues = ["position", "queue", "minutes", "agent"] as const;

type PromptSchedule = Extract<Schedule, { kind: "chatPrompts" }>;

/** Undefined: no schedule names one, so nothing is said. */
export function promptText(
	configuration: Pick<ChatConfiguration, "prompts" | "calendars" | "schedules">,
	{ queue, type, at, language }: AskedPrompt,
	values: Readonly<Record<string, string>>,
): string | undefined {
	const isFitting = (one: Schedule): one is PromptSchedule => one.kind === "chatPrompts" && one.promptType === type;
	const local = localTime(at, queue.timeZone);
	const found = applying(configuration, { queueId: queue.id, local, isFitting });
	const prompt = configuration.prompts.find(({ id }) => id === found?.schedule.promptId);
	const text = prompt === undefined ? undefined : inLanguage(prompt.texts, [language, queue.language]);
	return text === undefined ? undefined : filled(text, values);
}

/** The first language that there is a text for; else any. */
function inLanguage(texts: Readonly<Record<string, string>>, wanted: readonly (string | null)[]): string | undefined {
	for (const tag of wanted) {
		const found = tag === null ? undefined : nearest(texts, tag.toLowerCase());
		if (found !== undefined) {
			return found;
		}
	}
	return Object.values(texts)[0];
}

/** For that very tag; else for the language without a region; else for it with another region. */
function nearest(texts: Readonly<Record<string, string>>, tag: string): string | undefined {
	const primary = primaryOf(tag);
	const known = Object.entries(texts).map(([language, text]) => ({ language: language.toLowerCase(), text }));
	const best =
		known.find(({ language }) => language === tag) ??
		known.find(({ language }) => language === primary) ??
		known.find(({ language }) => primaryOf(language) === primary);
	return best?.text;
}

function primaryOf(tag: string): string | undefined {
	return tag.split("-")[0];
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
	return text.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) =>
		Object.hasOwn(values, name) ? (values[name] ?? "") : whole,
	);
}
