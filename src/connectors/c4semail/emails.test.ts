import assert from "node:assert/strict";
import test from "node:test";
import type { ServiceId } from "#domain/ids.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import { eventOf, type Told, toEmail } from "./emails.ts";
import { parse } from "./form.ts";
import { timeOf } from "./odata.ts";

const config = parse({
	id: "1" as ServiceId,
	serviceConnection: "https://my123456.crm.ondemand.com",
	authenticationUrl: null,
	authenticationScope: null,
	settings: {},
	authentications: [{ authenticationId: "_PARLEY", secrets: ["s"] }],
});
const id = "00163E03A0701EE28BE6D1A72CF7B7D6";
const inbound = {
	ObjectID: id,
	ID: "512",
	InitiatorCode: "2",
	Subject: "A question",
	FromEMailURI: "kim@example.com",
	EntityLastChangedOn: "/Date(1795522800000)/",
	EMailNotes: { results: [{ TypeCode: "10002", Text: "Hello" }] },
};

function read(over: object, told: Partial<Told> = {}): ChannelEvent | undefined {
	const nothing = { tickets: new Map(), attachments: new Map(), hasNotes: true };
	return eventOf(toEmail({ ...inbound, ...over }, config), { ...nothing, ...told }, config);
}

function messageOf(over: object, told: Partial<Told> = {}) {
	const event = read(over, told);
	assert.ok(event?.kind === "message", JSON.stringify(event));
	return event;
}

test("what went out is nothing to us, but for our mark: it proves that we sent it", () => {
	const mark = `parley:${"A1".repeat(16)}`;
	assert.equal(read({ InitiatorCode: "3" }), undefined);
	assert.equal(read({ InitiatorCode: "3", ExternalID: "parley:else" }), undefined);
	assert.deepEqual(read({ InitiatorCode: "3", ExternalID: mark }), {
		kind: "receipt",
		dedupKey: `email:${id}:out`,
		target: { by: "attempt", attemptId: "A1".repeat(16), remoteId: id },
		status: "sent",
	});
	assert.equal(read({ ExternalID: mark })?.kind, "message", "a contact's e-mail proves nothing");
});

test("one that cannot be read is kept for a person, with the reason", () => {
	const wrong: readonly [object, string][] = [
		[{ FromEMailURI: "nobody" }, "An e-mail has no sender in FromEMailURI."],
		[{ FromEMailURI: null }, "An e-mail has no sender in FromEMailURI."],
		[{ InitiatorCode: null }, "The InitiatorCode of an e-mail says neither that it came in nor that it went out."],
		[{ ObjectID: "short" }, "An e-mail has no ObjectID of 32 hexadecimal digits."],
	];
	const keys = wrong.map(([over, reason]) => {
		const event = read(over);
		assert.ok(event?.kind === "unreadable");
		assert.equal(event.reason, reason);
		return event.dedupKey;
	});
	assert.equal(new Set(keys).size, 3, "two of them are one and the same");
	for (const entity of [null, 7, [], "text"]) {
		const told: Told = { tickets: new Map(), attachments: new Map(), hasNotes: true };
		assert.equal(eventOf(toEmail(entity, config), told, config)?.kind, "unreadable");
	}
});

test("the sender may have a name, in the address or beside it", () => {
	const address = "kim@example.com";
	assert.deepEqual(messageOf({}).contact, { address });
	assert.deepEqual(messageOf({ FromEMailURI: '"Doe, Kim" <KIM@example.com>' }).contact, { address, name: "Doe, Kim" });
	assert.deepEqual(messageOf({ FromName: "Kim" }).contact, { address, name: "Kim" });
	assert.deepEqual(messageOf({ FromEMailURI: "X <kim@example.com>", FromName: "Kim" }).contact, {
		address,
		name: "Kim",
	});
});

test("the text is that of the notes, else the subject, else that it is too long", () => {
	assert.equal(
		messageOf({ EMailNotes: { results: [{ Text: "<p>a</p>" }, { Text: "" }, { Text: "b" }] } }).text,
		"a\n\nb",
	);
	assert.equal(messageOf({ EMailNotes: [{ Text: "a" }] }).text, "a");
	assert.equal(messageOf({ EMailNotes: null }).text, "A question");
	assert.equal(messageOf({ EMailNotes: { __deferred: {} }, Subject: 7 }).text, "");
	assert.match(messageOf({}, { hasNotes: false }).text, /too long .* Read it in SAP Cloud for Customer\.$/);
});

test("beside it stand its subject, its number, its ticket and whom it was for, none of them without end", () => {
	const told = { tickets: new Map([["512", "5197"]]) };
	assert.deepEqual(messageOf({ ToEMailURI: "service@example.com" }, told).metadata, {
		subject: "A question",
		emailId: "512",
		ticket: "5197",
		to: "service@example.com",
	});
	const { metadata } = messageOf({ Subject: "x".repeat(5000), ID: "1".repeat(61) });
	assert.deepEqual([metadata?.["subject"]?.length, metadata?.["emailId"]], [1000, undefined]);
});

test("times of this provider are read, with an offset or without, and nothing else is one", () => {
	const right: readonly [string, number][] = [
		["/Date(1490902810849)/", 1_490_902_810_849],
		["/Date(1490902810849+0000)/", 1_490_902_810_849],
		["/Date(1490902810849-0060)/", 1_490_902_810_849],
		["/Date(-1000)/", -1000],
		["2020-09-14T08:01:45.582Z", 1_600_070_505_582],
	];
	for (const [text, timeMs] of right) {
		assert.equal(timeOf(text), timeMs);
	}
	for (const wrong of ["", "/Date()/", "/Date(9999999999999999)/", "2020-99-14T08:01:45Z", "2020-09-14", 7, null, {}]) {
		assert.equal(timeOf(wrong), undefined, JSON.stringify(wrong));
	}
});
