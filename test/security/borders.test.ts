// Goal S1: Twilio joins names and values without a sign between them, so a signed form has others with the same
// signature. Method: every such form that can be made of a genuine one by moving one border, joining two parameters or
// splitting one, is signed alike and comes in; what it tells is compared with what the genuine one told.
// Kept out: another message, sender or receiver, and whatever a moved border changes. What no receiver can see is an
// unknown parameter that was part of a text, or an optional one that a text swallowed: those are counted and bounded.

import assert from "node:assert/strict";
import test from "node:test";
import type { ChannelEvent, MessageEvent } from "#domain/messages.ts";
import type { VerifiedRequest } from "#connectors/contract.ts";
import { admit } from "#gateway/admit.ts";
import { twilioIsGenuine } from "./reference.ts";
import { accountSid, current, entriesOf, now, serviceOf } from "./schemes.ts";
import { signTwilio } from "./signing.ts";
import { toRaw, type Wire } from "./wire.ts";

type Pair = readonly [name: string, value: string];
type Shift = { how: "border" | "joined" | "split"; pairs: readonly Pair[] };

const sid = `MM${"4".repeat(32)}`;
const media = `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages/${sid}/Media/ME5`;
const common = { AccountSid: accountSid, ApiVersion: "2010-04-01", MessageSid: sid, SmsMessageSid: sid, SmsSid: sid };
const forms: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	sms: {
		...common,
		Body: "Hello Dear Bob, see you at 7",
		From: "+15550100002",
		FromCity: "SAN FRANCISCO",
		FromCountry: "US",
		NumMedia: "0",
		NumSegments: "1",
		SmsStatus: "received",
		To: "+15550100001",
		ToCountry: "US",
	},
	whatsapp: {
		...common,
		Body: "",
		ChannelPrefix: "whatsapp",
		From: "whatsapp:+5511999990000",
		MediaContentType0: "image/jpeg",
		MediaContentType1: "application/pdf",
		MediaUrl0: `${media}1`,
		MediaUrl1: `${media}2`,
		MessageType: "image",
		NumMedia: "2",
		NumSegments: "1",
		ProfileName: "Ana",
		SmsStatus: "received",
		To: "whatsapp:+14155238886",
		WaId: "5511999990000",
	},
	button: {
		...common,
		Body: "Yes",
		ButtonPayload: "confirm",
		ButtonText: "Yes",
		From: "whatsapp:+5511999990000",
		MessageType: "button",
		NumMedia: "0",
		OriginalRepliedMessageSid: `MM${"5".repeat(32)}`,
		ProfileName: "Ana",
		SmsStatus: "received",
		To: "whatsapp:+14155238886",
		WaId: "5511999990000",
	},
};

function sorted(form: Readonly<Record<string, string>>): readonly Pair[] {
	return Object.entries(form).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function* shiftsOf(pairs: readonly Pair[]): Generator<Shift> {
	for (const [index, [name, value]] of pairs.entries()) {
		const instead = (...others: readonly Pair[]) => [...pairs.slice(0, index), ...others, ...pairs.slice(index + 1)];
		const text = name + value;
		for (let at = 1; at <= text.length; at++) {
			yield { how: "border", pairs: instead([text.slice(0, at), text.slice(at)]) };
		}
		const next = pairs[index + 1];
		if (next !== undefined) {
			const both: Pair = [name, value + next.join("")];
			yield { how: "joined", pairs: [...pairs.slice(0, index), both, ...pairs.slice(index + 2)] };
		}
		for (let from = 0; from < value.length; from++) {
			for (let to = from + 1; to <= value.length; to++) {
				const kept: Pair = [name, value.slice(0, from)];
				yield { how: "split", pairs: instead(kept, [value.slice(from, to), value.slice(to)]) };
			}
		}
	}
}

function wireOf(pairs: readonly Pair[]): Wire {
	return {
		method: "POST",
		path: "/sms/twilio/1",
		headers: [
			["content-type", "application/x-www-form-urlencoded"],
			["x-twilio-signature", ""],
		],
		body: Buffer.from(new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])).toString()),
	};
}

const service = serviceOf("twilio", entriesOf.twilio([current]));
const deps = {
	now: () => now,
	usesLocalHttpAuthentication: () => false,
	identity: { checkHttpUser: () => Promise.reject(new Error("nobody is asked")) },
};

function told(events: readonly ChannelEvent[]): MessageEvent | undefined {
	return events.find((event) => event.kind === "message");
}

/** What a person sees of it, without what is kept beside it in the trace. */
function visible({ metadata: _metadata, ...event }: MessageEvent) {
	return JSON.stringify(event);
}

for (const [kind, form] of Object.entries(forms)) {
	test(`${kind}: no form that is signed alike becomes another message`, async (t) => {
		const pairs = sorted(form);
		const genuine = signTwilio(wireOf(pairs), current);
		const original = told(service.parse(toRaw(genuine) as VerifiedRequest));
		assert.ok(original, "the genuine form is a message");
		const counted = { alike: 0, refused: 0, harmless: 0, unseen: 0 };
		const wrong: string[] = [];
		for (const { how, pairs: shifted } of shiftsOf(pairs)) {
			const wire = { ...wireOf(shifted), headers: genuine.headers };
			if (!twilioIsGenuine(wire, [current]) || Buffer.compare(wire.body, genuine.body) === 0) {
				continue;
			}
			counted.alike += 1;
			const door = await admit(toRaw(wire), service, "192.0.2.1", deps);
			assert.ok(door.open, "a right signature opens the door");
			const message = told(service.parse(door.request));
			if (message === undefined) {
				counted.refused += 1;
			} else if (visible(message) === visible(original)) {
				counted.harmless += 1;
			} else if (isUnseen(how, message, original)) {
				counted.unseen += 1;
			} else {
				wrong.push(
					`${how}: ${new URLSearchParams(shifted.map(([name, value]): [string, string] => [name, value])).toString()}`,
				);
			}
		}
		t.diagnostic(
			`${counted.alike} forms are signed alike: ${counted.refused} are no message, ${counted.harmless} change nothing ` +
				`that is seen, ${counted.unseen} cannot be told from genuine ones`,
		);
		assert.ok(counted.alike > 100, "there are such forms");
		assert.deepEqual(wrong.slice(0, 10), [], `${wrong.length} forms change a message`);
	});
}

/** Cannot be told from genuine: same message id, same two addresses, no other media, and no border merely moved. */
function isUnseen(how: Shift["how"], message: MessageEvent, original: MessageEvent): boolean {
	return (
		how !== "border" &&
		message.dedupKey === original.dedupKey &&
		message.ourAddress === original.ourAddress &&
		message.contact.address === original.contact.address &&
		message.attachments.length === original.attachments.length &&
		message.attachments.every(({ url }, index) => original.attachments[index]?.url.startsWith(url))
	);
}
