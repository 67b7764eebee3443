// Every id of the product, and the one place that makes them. An id is a UUIDv7 (RFC 9562 section 5.7) printed as
// 32 upper-case hex digits: time-ordered, so index pages fill in order, and shaped like the original's ids.

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type ServiceId = Branded<"ServiceId">;
export type AuthenticationEntryId = Branded<"AuthenticationEntryId">;
export type MessageId = Branded<"MessageId">;
export type PartId = Branded<"PartId">;
export type AttemptId = Branded<"AttemptId">;
export type InboxId = Branded<"InboxId">;
export type RequestId = Branded<"RequestId">;
export type ConversationId = Branded<"ConversationId">;
export type ContactId = Branded<"ContactId">;
export type UserId = Branded<"UserId">;
export type UserGroupId = Branded<"UserGroupId">;
export type RoleId = Branded<"RoleId">;
/** The provider's id for a message. Opaque; compared byte for byte. */
export type RemoteId = Branded<"RemoteId">;

/** The shape of every id of ours, as the original prints it. */
export const idPattern = "^[A-F0-9]{32}$";
const idRegExp = new RegExp(idPattern);

export function isId(text: string): boolean {
	return idRegExp.test(text);
}

/**
 * Makes an id of its three ingredients: milliseconds since 1970, a counter that orders ids of one millisecond (RFC 9562
 * section 6.2, method 1), and at least 8 random bytes. `platform/ids.ts` keeps the counter.
 */
export function newId<Id extends string>(ms: number, counter: number, random: Uint8Array): Id {
	const bytes = Buffer.alloc(16);
	bytes.writeUIntBE(ms, 0, 6);
	bytes.writeUInt16BE(0x7000 | (counter & 0x0fff), 6); // version 7
	bytes.set(random.subarray(0, 8), 8);
	bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8); // variant of RFC 9562
	return bytes.toString("hex").toUpperCase() as Id;
}
