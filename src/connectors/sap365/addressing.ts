// Who talks to whom by SMS: numbers in E.164, short codes as they are, senders' names. SAP gives numbers back with `+`, and
// in the United States without.

import type { Addressing, AddressingInput } from "../contract.ts";
import { cut } from "../kit/facts.ts";
import { toSmsSender } from "../kit/phone.ts";
import { smsAddressing } from "../kit/sms-addressing.ts";
import type { Sap365Config } from "./form.ts";

export const channel = "sms";
const addressCharactersMax = 100;

/** An address as SAP writes it, in our spelling; one that is no number, code or name stays as it came. */
export function fromSap(address: string): string | undefined {
	const trimmed = address.trim();
	const isPrintable = /^[^\p{Cc}\p{Cs}]+$/u.test(trimmed);
	return toSmsSender(trimmed, { bareIsWhole: true }) ?? (isPrintable ? cut(trimmed, addressCharactersMax) : undefined);
}

export function addressing(input: AddressingInput, { settings }: Sap365Config): Addressing {
	return smsAddressing(input, settings);
}
