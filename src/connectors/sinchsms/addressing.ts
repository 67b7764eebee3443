// Who talks to whom: numbers in E.164, short codes as they are, senders' names. Sinch gives numbers back without `+`.
// As documented at https://developers.sinch.com/docs/sms/api-reference/, checked 2026-11-24.

import type { Addressing, AddressingInput } from "../contract.ts";
import { cut } from "../kit/facts.ts";
import { toSmsSender } from "../kit/phone.ts";
import { smsAddressing } from "../kit/sms-addressing.ts";
import type { SinchSmsConfig } from "./form.ts";

const addressCharactersMax = 100;

/** An address as Sinch writes it, in our spelling; one that is no number, code or name stays as it came. */
export function fromSinch(address: string): string {
	return toSmsSender(address, { bareIsWhole: true }) ?? cut(address.trim() || address, addressCharactersMax);
}

export function addressing(input: AddressingInput, config: SinchSmsConfig): Addressing {
	return smsAddressing(input, config);
}
