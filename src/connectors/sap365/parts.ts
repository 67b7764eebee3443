// A text that becomes several SMS: how many stands in the address for its notifications, because they tell only which of them
// they are about. One that is told of does not make the text delivered while a later one is still to come. Pure.

import { textSize } from "#domain/text-splitting.ts";
import type { RawRequest } from "../contract.ts";
import type { Settings } from "./settings.ts";
import { isPlain } from "./text-transfer.ts";

export const countName = "sms";

// 3GPP TS 23.040 section 9.2.3.24.1: septets and UTF-16 units of one SMS, and of each where there are several.
const plainMax = { alone: 160, each: 153, unit: "gsm7" } as const;
const unicodeMax = { alone: 70, each: 67, unit: "utf16" } as const;

export function withCount(address: string, text: string, { charset }: Pick<Settings, "charset">): string {
	const { alone, each, unit } = isPlain(text, charset) ? plainMax : unicodeMax;
	const size = textSize(text, unit);
	return size <= alone ? address : `${address}&${countName}=${Math.ceil(size / each)}`;
}

/** 1, where nothing else stands in the address. */
export function countIn({ url }: RawRequest): number {
	const count = new RegExp(`[?&]${countName}=(\\d{1,3})(?:[&#]|$)`).exec(url)?.[1];
	return Math.max(1, Number(count ?? 1));
}

/** Whether a later SMS of the text is still to be told of. */
export function isBeforeLast(part: string | undefined, count: number): boolean {
	return part !== undefined && /^\d{1,4}$/.test(part) && Number(part) < count;
}
