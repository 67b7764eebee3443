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

/** The smallest id of that millisecond: whatever was made before has a smaller one, whatever is made later a greater one. */
export function firstIdAt(ms: number): string {
	return ms.toString(16).padStart(12, "0").toUpperCase();
}

/** When the id was made. */
export function timeOf(id: string): Date {
	return new Date(Number.parseInt(id.slice(0, 12), 16));
}

const byteText = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0").toUpperCase());

/**
 * Makes an id of its three ingredients: milliseconds since 1970, a counter that orders ids of one millisecond (RFC 9562
 * section 6.2, method 1), and at least 8 random bytes. `platform/ids.ts` keeps the counter.
 */
export function newId<Id extends string>(ms: number, counter: number, random: Uint8Array): Id {
	let id = ms.toString(16).padStart(12, "0").toUpperCase();
	id += (0x7000 | (counter & 0x0fff)).toString(16).toUpperCase(); // version 7
	id += byteText[((random[0] ?? 0) & 0x3f) | 0x80]; // variant of RFC 9562
	for (let index = 1; index < 8; index++) {
		id += byteText[random[index] ?? 0];
	}
	return id as Id;
}
