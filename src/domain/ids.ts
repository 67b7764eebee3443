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

/** Where ids get their time and their chance from; `platform/ids.ts` binds it to the clock and the random source. */
export type IdSource = { nowMs(): number; randomBytes(size: number): Uint8Array };

/** Makes the next id. Ids of one millisecond are not ordered among each other. */
export function newId<Id extends string>(source: IdSource): Id {
	const bytes = source.randomBytes(16);
	const ms = source.nowMs();
	for (let index = 0; index < 6; index++) {
		bytes[index] = Math.floor(ms / 2 ** (8 * (5 - index))) % 256;
	}
	bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70; // version 7
	bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80; // variant of RFC 9562
	return Buffer.from(bytes).toString("hex").toUpperCase() as Id;
}
