// The part of the contract about what a provider calls us with: plain data, so that a page of documentation, an
// administrator's page and a test read the same.

export type CallMethod = "GET" | "POST";

/** The settings that have to fit, each with the values that do. Those that are not stored have their defaults. */
export type SettingsCondition = Readonly<Record<string, readonly (string | boolean)[]>>;

/** A header that proves a call: without it, or with another value, nobody is let in. */
export type WebhookHeader = {
	name: string;
	/** The value itself, or in words what it holds: `Base64 of HMAC-SHA-1 under the auth token over …`. */
	value: string;
	/** The role of the authentication that the provider needs to send it; without such a secret it is not demanded. */
	onlyWith?: string;
};

export type WebhookCall = {
	/** What it brings, in a few words: `Messages and receipts`. */
	purpose: string;
	/** The one to choose, where there is a choice. */
	method: CallMethod;
	/** Others that are read as well. */
	alsoTaken?: readonly CallMethod[];
	/**
	 * As it is entered or named. It begins with `{webhookUrl}`, which is replaced; what differs from call to call is `…`, and
	 * anything else is literal: `{webhookUrl}#rc=5&rp=all`.
	 */
	url: string;
	/** `person`: it is entered at the provider · `message`: each message of ours names it · `subscription`: upkeep does. */
	namedBy: "person" | "message" | "subscription";
	/** The HTTP user's is not among them: whether that is needed follows from the service and the SMS Server. */
	headers: readonly WebhookHeader[];
	/** What proves it elsewhere, in the address or the body. */
	otherProof?: string;
	/** Undefined: whatever the settings are. */
	when?: SettingsCondition;
	/** What of this is proposed rather than documented; README.md says the same. */
	proposed?: string;
};
