// What the simulated SMSC demands of a submit_sm, and what a telephone would make of it.

import { type Fields, statuses, text } from "./smpp-sessions.ts";

type Trouble = { status: number; reason: string };

const number = (value: unknown): number => (typeof value === "number" ? value : -1);

/** Undefined: it is taken. */
export function submitTrouble(fields: Fields): Trouble | undefined {
	const rules: readonly (readonly [isKept: boolean, status: number, reason: string])[] = [
		[isDestination(fields), statuses.invalidDestination, "the destination is no number under its TON and NPI"],
		[isSource(fields), statuses.invalidSource, "the source is no number, code or name under its TON and NPI"],
		[[0x00, 0x40].includes(number(fields["esm_class"])), 0x43, "the esm_class is neither 0 nor 0x40"],
		[number(fields["protocol_id"]) === 0 && number(fields["priority_flag"]) === 0, 0x06, "a flag is not 0"],
		[[0, 1, 0x11].includes(number(fields["registered_delivery"])), 0x07, "the wish for receipts is none"],
		[hasValidity(fields), statuses.invalidExpiry, "the validity period is no relative time"],
		[isMessage(fields), 0x01, "the message is empty, too long, or not what its data_coding says"],
	];
	const broken = rules.find(([isKept]) => !isKept);
	return broken === undefined ? undefined : { status: broken[1], reason: broken[2] };
}

function isDestination(fields: Fields): boolean {
	const digits = text(fields["destination_addr"]);
	const [ton, npi] = [fields["dest_addr_ton"], fields["dest_addr_npi"]];
	return npi === 1 && (ton === 1 ? /^[1-9]\d{6,14}$/.test(digits) : ton === 0 && /^\d{3,8}$/.test(digits));
}

function isSource(fields: Fields): boolean {
	const address = text(fields["source_addr"]);
	const [ton, npi] = [fields["source_addr_ton"], fields["source_addr_npi"]];
	if (ton === 5) {
		return npi === 0 && address.length >= 1 && address.length <= 11;
	}
	return npi === 1 && (ton === 1 ? /^[1-9]\d{6,14}$/.test(address) : ton === 0 && /^\d{3,8}$/.test(address));
}

/** The package has made a date of it; its bytes stand in front of the flags. */
function hasValidity({ bytes, validity_period: period }: Fields): boolean {
	return period === "" || /0{4}\d{8}000R\0/.test(Buffer.from(bytes as Uint8Array).toString("latin1"));
}

const single = { gsm: 160, ucs2: 140 };
const inParts = { gsm: 153, ucs2: 134 };

function isMessage(fields: Fields): boolean {
	const { octets, hasHeader } = octetsOf(fields);
	const limit = hasHeader ? inParts : single;
	switch (fields["data_coding"]) {
		case 0:
			return octets.length > 0 && octets.length <= limit.gsm && octets.every((octet) => octet < 0x80);
		case 8:
			return octets.length > 0 && octets.length <= limit.ucs2 && octets.length % 2 === 0;
		default:
			return false;
	}
}

/** The message at the end of the frame, without its header: no optional parameters follow. */
function octetsOf(fields: Fields): { octets: Uint8Array; hasHeader: boolean } {
	const bytes = fields["bytes"] as Uint8Array;
	const hasHeader = fields["esm_class"] === 0x40;
	const before = 16 + 1 + 2 + text(fields["source_addr"]).length + 1 + 2 + text(fields["destination_addr"]).length + 1;
	const afterFlags = bytes.subarray(before + 3);
	const schedule = afterFlags.indexOf(0);
	const validity = afterFlags.indexOf(0, schedule + 1);
	const message = afterFlags.subarray(validity + 1 + 5);
	return { octets: hasHeader ? message.subarray((message[0] ?? 0) + 1) : message, hasHeader };
}

/** As the package decodes it. */
export function messageIn(fields: Fields): { to: string; text: string } {
	const { message } = (fields["short_message"] ?? {}) as { message?: unknown };
	const to = text(fields["destination_addr"]);
	return { to: fields["dest_addr_ton"] === 1 ? `+${to}` : to, text: typeof message === "string" ? message : "" };
}
