// What SAP tells us: messages of contacts and delivery notifications, in either mode's shape. Pure. There is no signature: a
// call is proven by the HTTP user, or by the address that one message named for its notifications.

import type { ChannelEvent } from "#domain/messages.ts";
import type { RawRequest, Reply, VerifiedRequest } from "../contract.ts";
import { fingerprint, fingerprintOfBytes } from "../kit/fingerprint.ts";
import { attemptInAddress, isOwnAddress } from "../kit/own-address.ts";
import { readCall, withOneQuery } from "./calls.ts";
import type { Sap365Config } from "./form.ts";
import { accountInJson, accountInXml, isJsonMessage, readJsonMessage, readXmlMessage } from "./messages.ts";
import { accountInParameters, readJsonNotification, readParameters } from "./notifications.ts";
import { countIn } from "./parts.ts";
import { settingsOf } from "./settings.ts";

const usualAccountName = settingsOf({ settings: {} }).accountName;

export function accountsNamed(req: RawRequest): readonly string[] {
	const call = readCall(req);
	const account =
		call.kind === "xml"
			? accountInXml(call.message)
			: call.kind === "json"
				? accountInJson(call.fields)
				: call.kind === "parameters"
					? accountInParameters(call.parameters, usualAccountName)
					: undefined;
	return account === undefined ? [] : [account];
}

export function accountsOf({ settings: { accountNumber } }: Sap365Config): readonly string[] {
	return accountNumber === "" ? [] : [accountNumber];
}

/** For a delivery notification; `parse` makes nothing else of a call to such an address. */
export function isProvenByAddress(req: RawRequest, { account }: Sap365Config): boolean {
	return isOwnAddress(withOneQuery(req), account?.secrets ?? []);
}

export function parse(req: VerifiedRequest, config: Sap365Config): readonly ChannelEvent[] {
	const event = read(req, config);
	if (typeof event !== "string") {
		return [event];
	}
	const whole = fingerprint([req.method, req.url, fingerprintOfBytes(req.body)]);
	return [{ kind: "unreadable", dedupKey: `unreadable:${whole}`, reason: event }];
}

/** The event, or why there is none. */
function read(req: RawRequest, config: Sap365Config): ChannelEvent | string {
	const asOne = withOneQuery(req);
	const attemptId = attemptInAddress(asOne);
	const addressed = { attemptId, count: countIn(asOne) };
	const call = readCall(req);
	if (call.kind === "unreadable") {
		return call.reason;
	}
	if (call.kind === "parameters") {
		return readParameters(call.parameters, addressed, config);
	}
	const isMessage = call.kind === "xml" || isJsonMessage(call.fields);
	if (isMessage && attemptId !== undefined) {
		return "A message came to the address of a delivery notification.";
	}
	if (call.kind === "xml") {
		return readXmlMessage(call.message, config);
	}
	return isMessage ? readJsonMessage(call.fields, config) : readJsonNotification(call.fields, addressed, config);
}

export function ack(): Reply {
	return { status: 200 };
}
