// A message of a contact, with text or a medium. Proposed after Live Link 365:
// {"clientId":10001,"channel":"WECHAT","sender":"oABC","originatingAddress":"gh_123","message":"Hello","messageId":"1234567",
// "parameters":{"accountId":"10001","messageId":"9000000000"},"receivedTime":"2026-11-24T11:59:58"}

import type { RemoteId } from "#domain/ids.ts";
import type { Attachment, MessageEvent } from "#domain/messages.ts";
import { asFact, cut, type Facts, factsOf } from "../kit/facts.ts";
import { fingerprint, keyOf } from "../kit/fingerprint.ts";
import { asObject, asText } from "../kit/http.ts";
import { timeOf } from "../kit/sap-messaging.ts";
import { channelOfCode, type OurAddress, scopeOf, toAddress, toIdentity } from "./addressing.ts";
import { asWord, type Fields } from "./fields.ts";
import type { HubAccount, Social365Config } from "./form.ts";

/** The message, or why there is none. `named`: the account that it names. */
export function readMessage(
	fields: Fields,
	named: HubAccount | undefined,
	config: Social365Config,
): MessageEvent | string {
	const sides = sidesOf(fields, named ?? onlyOf(config));
	if (typeof sides === "string") {
		return sides;
	}
	const content = contentOf(fields);
	if (content === undefined) {
		return "The message has neither a text nor a medium.";
	}
	const { ours, contact } = sides;
	const at = timeIn(fields);
	const id = asWord(asObject(fields["parameters"])?.["messageId"]);
	if (id === undefined && at === undefined) {
		return "The message has neither an id nor a time, so it could not be told from a repetition.";
	}
	const { facts, ...what } = content;
	const metadata = { ...otherFacts(fields), ...facts };
	const answered = asWord(fields["messageId"]);
	return {
		kind: "message",
		dedupKey: keyOf("message", [id, ours.accountId], fields),
		...(at === undefined ? {} : { at }),
		remoteId: (id ?? `sha256:${fingerprint(fields)}`) as RemoteId,
		channel: ours.row.channel,
		ourAddress: toAddress(ours),
		contact,
		...what,
		...(answered === undefined ? {} : { replyTo: answered as RemoteId }),
		...(Object.keys(metadata).length === 0 ? {} : { metadata }),
	};
}

function onlyOf({ accounts }: Social365Config): HubAccount | undefined {
	return accounts.length === 1 ? accounts[0] : undefined;
}

type Sides = { ours: OurAddress; contact: MessageEvent["contact"] };

function sidesOf(fields: Fields, account: HubAccount | undefined): Sides | string {
	if (account === undefined) {
		return "The message does not say which account it came to.";
	}
	const row = channelOfCode(asText(fields["channel"]) ?? "");
	if (row === undefined) {
		return "The message does not say which channel it came by.";
	}
	const sender = toIdentity(asFact(fields["originatingAddress"]) ?? "", row);
	const address = toIdentity(asFact(fields["sender"]) ?? "", row);
	if (sender === undefined || address === undefined) {
		return "The message lacks its sender or the address of ours that it came to.";
	}
	const ours = { row, sender, accountId: account.id };
	const scope = scopeOf(ours);
	return { ours, contact: { address, ...(scope === undefined ? {} : { scope }) } };
}

type Content = { text: string; attachments: readonly Attachment[]; facts: Facts };

/** Undefined: there is nothing in it. */
function contentOf(fields: Fields): Content | undefined {
	const media = asObject(fields["media"]);
	const text = typeof fields["message"] === "string" ? fields["message"] : undefined;
	if (media === undefined) {
		return text === undefined ? undefined : { text, attachments: [], facts: {} };
	}
	return { text: text || asText(media["caption"]) || "", ...mediumOf(media) };
}

/** Where the media lie is not known; so any host, but only over HTTPS and without credentials. */
function mediumOf(media: Fields): Omit<Content, "text"> {
	const url = URL.parse(asText(media["url"]) ?? "");
	if (url === null || url.protocol !== "https:" || url.username + url.password !== "") {
		const plain = url === null ? "no address" : `${url.protocol}//${url.host}${url.pathname}`;
		return { attachments: [], facts: { mediaRefused: cut(plain, 500) } };
	}
	const contentType = asWord(media["mimeType"]);
	return { attachments: [{ url: url.href, ...(contentType === undefined ? {} : { contentType }) }], facts: {} };
}

/** `receivedTime` as one text, or as date and time among the parameters. */
function timeIn(fields: Fields): Date | undefined {
	const parts = asObject(asObject(fields["parameters"])?.["receivedTime"]) ?? {};
	const [date, time] = (asText(fields["receivedTime"]) ?? "").split("T");
	return timeOf(date, time) ?? timeOf(asText(parts["Date"]), asText(parts["Time"]));
}

const readElsewhere = new Set(
	"clientId accountId channel sender originatingAddress message messageId media receivedTime".split(" "),
);

/** Without what is read already, and what says that there is nothing. */
function otherFacts(fields: Fields): Facts {
	const {
		messageId: _id,
		accountId: _account,
		receivedTime: _time,
		...parameters
	} = asObject(fields["parameters"]) ?? {};
	const others = Object.entries(fields).filter(([name]) => !readElsewhere.has(name) && name !== "parameters");
	const facts = Object.entries(factsOf({ ...Object.fromEntries(others), ...parameters }));
	return Object.fromEntries(facts.filter(([, value]) => value.trim() !== "" && value !== "N/A"));
}
