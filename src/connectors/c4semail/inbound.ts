// Event Notification of SAP Cloud for Customer: somebody says that an object changed. What the body looks like is not
// documented where it could be read, and nothing proves it, so it is a hint and no more: kept for the trace, and the reason
// to ask at once. Seen in programs that somebody published:
// {"specversion":"…","type":"…","event-id":"…","data":{"root-entity-id":"00163E03A0701ED28BE6D1A72CF7B7D6","entity-id":"…"}}

import type { RemoteId } from "#domain/ids.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import type { Reply, VerifiedRequest } from "../contract.ts";
import { fingerprintOfBytes } from "../kit/fingerprint.ts";
import { bodyText } from "../kit/http.ts";

export const openBecause =
	"SAP Cloud for Customer signs nothing, and the original lets these calls in without a user. A call only makes us ask the tenant, at most once in five seconds; what it says is never believed. Switch on Demand an HTTP user of the notifications to lock it.";

export function ack(): Reply {
	return { status: 200 };
}

export function parse(req: VerifiedRequest): readonly ChannelEvent[] {
	const objectId = objectIdNamed(bodyText(req.body));
	return [
		{
			kind: "activity",
			name: "event notification",
			dedupKey: `notification:${fingerprintOfBytes(req.body)}`,
			...(objectId === undefined ? {} : { remoteId: objectId as RemoteId }),
			facts: objectId === undefined ? {} : { ObjectID: objectId },
			wakesUpkeep: true,
		},
	];
}

const id = "(?<![0-9A-Fa-f])([0-9A-Fa-f]{32})(?![0-9A-Fa-f])";
const namedRoot = new RegExp(`"root-entity-id"\\s{0,9}:\\s{0,9}"${id}"`);
const anywhere = new RegExp(id);

/** An event has an id of its own, of the same shape and in front; so the name is looked for first. */
function objectIdNamed(text: string): string | undefined {
	return (namedRoot.exec(text) ?? anywhere.exec(text))?.[1]?.toUpperCase();
}
