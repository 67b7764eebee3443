// The contact of a chat, as the server tells it when it is asked.

export type Said = {
	state: "granted" | "refused";
	source: "contact" | "provider" | "user";
	at: string;
	/** Null: of every messaging service. */
	service: string | null;
	/** For who may view consents. */
	by?: string | null;
	note?: string | null;
};

/** `said` null: nobody writes to this address, as to a visitor of a web page. */
export type ContactAddress = { channel: string; address: string; said: readonly Said[] | null };

export type Merge = {
	id: string;
	name: string | null;
	at: string;
	by: string;
	reason: string;
	undone: string | null;
	/** Null: it can be undone. */
	stands: "undone" | "mergedAgain" | "erased" | null;
};

export type Contact = {
	id: string | null;
	name: string | null;
	addresses: readonly ContactAddress[];
	may_merge: boolean;
	merges: readonly Merge[];
};

export type FoundContact = {
	id: string;
	name: string | null;
	addresses: readonly { channel: string; address: string }[];
};

export type PreviewSide = {
	id: string;
	name: string | null;
	addresses: readonly ContactAddress[];
	conversations: number;
	chats: number;
	messages: number;
};

export type Preview = { name: string | null; kept: PreviewSide; other: PreviewSide };

/** Who has no name is called by an address. */
export function callOf({ name, addresses }: Pick<FoundContact, "name" | "addresses">): string {
	return name ?? addresses[0]?.address ?? "";
}

export function isRefused({ said }: ContactAddress): boolean {
	return said?.some(({ state }) => state === "refused") === true;
}
