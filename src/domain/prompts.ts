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

/** What may stand in braces in the text of a prompt of each type: what is known when it is said. */
export const promptValues = {
	welcome: ["position", "queue"],
	inQueue: ["position", "queue"],
	queueFull: ["queue"],
	serviceClosed: ["queue"],
	idleWarning: ["minutes", "queue", "agent"],
	disconnection: ["queue", "agent"],
	internalTransfer: ["position", "queue"],
	agentSessionLost: ["queue", "agent"],
} as const satisfies Readonly<Record<PromptType, readonly string[]>>;

/** What must be given to say one. The queue is the chat's own, unless another one is given. */
export type PromptValues<Type extends PromptType> = Readonly<
	Record<Exclude<(typeof promptValues)[Type][number], "queue">, string>
> & { readonly queue?: string };

/** As administrators read it: `{position}, {queue}`. */
export function fillable(type: PromptType): string {
	return promptValues[type].map((name) => `{${name}}`).join(", ");
}

/** What the text has in braces that is not filled in. */
export function unfillable(type: PromptType, text: string): string | undefined {
	const known: readonly string[] = promptValues[type];
	return [...text.matchAll(inBraces)].find(([, name = ""]) => !known.includes(name))?.[0];
}

const inBraces = /\{([a-z]+)\}/g;

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

/** What is not known is left out: contacts read no braces. */
function filled(text: string, values: Readonly<Record<string, string>>): string {
	return text.replaceAll(inBraces, (_whole, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? "") : ""));
}
