// Plans what a message becomes at the provider: texts that fit, attachments in groups that fit, in reading order.

import type { StoredAttachment } from "./messages.ts";
import { splitText, type TextLimit } from "./text-splitting.ts";

export type PartLimits = { text: TextLimit; media: false | { maxCount: number; withText: boolean } };
export type PlannedPart = { text: string; attachments: readonly StoredAttachment[] };

/** At least one part. A message with neither text nor attachments (a template) is one empty part. */
export function planParts(
	message: { text: string; attachments: readonly StoredAttachment[] },
	limits: PartLimits,
): [PlannedPart, ...PlannedPart[]] {
	const texts: PlannedPart[] =
		message.text === "" && message.attachments.length > 0
			? []
			: splitText(message.text, limits.text).map((text) => ({ text, attachments: [] }));
	const groups = limits.media === false ? [] : inGroups(message.attachments, limits.media.maxCount);
	const last = texts.at(-1);
	const [firstGroup, ...laterGroups] = groups;
	if (limits.media !== false && limits.media.withText && last !== undefined && firstGroup !== undefined) {
		const joined = { text: last.text, attachments: firstGroup };
		return asParts([...texts.slice(0, -1), joined, ...laterGroups.map(withoutText)]);
	}
	return asParts([...texts, ...groups.map(withoutText)]);
}

function withoutText(attachments: readonly StoredAttachment[]): PlannedPart {
	return { text: "", attachments };
}

function inGroups(attachments: readonly StoredAttachment[], size: number): (readonly StoredAttachment[])[] {
	const groups: (readonly StoredAttachment[])[] = [];
	for (let start = 0; start < attachments.length; start += size) {
		groups.push(attachments.slice(start, start + size));
	}
	return groups;
}

function asParts(parts: PlannedPart[]): [PlannedPart, ...PlannedPart[]] {
	const [first, ...rest] = parts;
	return first === undefined ? [{ text: "", attachments: [] }] : [first, ...rest];
}
