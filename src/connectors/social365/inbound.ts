// What SAP tells us: messages of contacts and delivery reports of any of the accounts, one or a list of them, each read by
// itself. Pure. There is no signature: a call is proven by the HTTP user, or by the address that one message named for its
// reports.

import type { AttemptId } from "#domain/ids.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import type { RawRequest, Reply, VerifiedRequest } from "../contract.ts";
import { fingerprint, fingerprintOfBytes } from "../kit/fingerprint.ts";
import { asObject, readJson } from "../kit/http.ts";
import { attemptInAddress, isOwnAddress } from "../kit/own-address.ts";
import { accountWith } from "./addressing.ts";
import { accountsIn, type Fields, isMessage } from "./fields.ts";
import type { Social365Config } from "./form.ts";
import { readMessage } from "./messages.ts";
import { readReport } from "./reports.ts";

const itemsMax = 1000; // Ours. More are left to a person, in one piece.

export function accountsNamed(req: RawRequest): readonly string[] {
	const named = itemsIn(req)
		.slice(0, itemsMax)
		.flatMap((item) => accountsIn(asObject(item) ?? {}));
	return [...new Set(named.map((id) => id.toLowerCase()))];
}

export function accountsOf({ accounts }: Social365Config): readonly string[] {
	return accounts.map(({ id }) => id.toLowerCase());
}

/** For a delivery report; `parse` makes nothing else of a call to such an address. */
export function isProvenByAddress(req: RawRequest, { accounts }: Social365Config): boolean {
	return isOwnAddress(
		req,
		accounts.flatMap(({ secrets }) => secrets),
	);
}

export function ack(): Reply {
	return { status: 200 };
}

export function parse(req: VerifiedRequest, config: Social365Config): readonly ChannelEvent[] {
	const items = itemsIn(req);
	if (items.length === 0 || items.length > itemsMax) {
		const reason =
			items.length === 0
				? "The body is neither a JSON object nor a list with something in it."
				: `The list has ${items.length} entries; at most ${itemsMax} can be read.`;
		return [{ kind: "unreadable", dedupKey: `unreadable:${fingerprintOfBytes(req.body)}`, reason }];
	}
	const marked = attemptInAddress(req);
	return items.map((item) => eventOf(item, marked, config));
}

function itemsIn(req: RawRequest): readonly unknown[] {
	const body = readJson(req.body);
	return Array.isArray(body) ? body : asObject(body) === undefined ? [] : [body];
}

/** `marked`: the attempt whose address was called. */
function eventOf(item: unknown, marked: AttemptId | undefined, config: Social365Config): ChannelEvent {
	const event = read(asObject(item), marked, config);
	return typeof event === "string"
		? { kind: "unreadable", dedupKey: `unreadable:${fingerprint([marked, item])}`, reason: event }
		: event;
}

/** The event, or why there is none. */
function read(
	fields: Fields | undefined,
	marked: AttemptId | undefined,
	config: Social365Config,
): ChannelEvent | string {
	if (fields === undefined) {
		return "This is not a JSON object.";
	}
	const [named, ...others] = accountsIn(fields);
	if (others.length > 0) {
		return "It names two accounts.";
	}
	const account = named === undefined ? undefined : accountWith(named, config);
	if (named !== undefined && account === undefined) {
		return { kind: "foreign", dedupKey: `foreign:${fingerprint(fields)}`, account: named };
	}
	if (!isMessage(fields)) {
		return readReport(fields, marked);
	}
	return marked === undefined
		? readMessage(fields, account, config)
		: "A message came to the address of a delivery report.";
}
