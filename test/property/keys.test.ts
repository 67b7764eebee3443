// Goal: what is written can be read again, and what is different stays different: addresses, chain keys, ids, marks,
// fingerprints, and events on their way through the inbox.
// Method: laws over random values; the addresses are made by the connectors' own writers from the providers' words.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { AddressingInput } from "#connectors/contract.ts";
import { attemptOf, markOf } from "#connectors/kit/attempt-mark.ts";
import { fingerprint, keyOf } from "#connectors/kit/fingerprint.ts";
import { connectorOf, serviceTypes } from "#connectors/registry.ts";
import { channels, fromAddress, toAddress, toIdentity } from "#connectors/sinchconversation/addresses.ts";
import { channelOf, withPrefix } from "#connectors/twilio/addressing.ts";
import { addressKey, chainKey, type Chain } from "#domain/chains.ts";
import { isId, newId, type AttemptId, type ServiceId } from "#domain/ids.ts";
import { idsFrom } from "#platform/ids.ts";
import { fromReceiptJson } from "#storage/inbox.ts";
import { seededRandom } from "#test/scene.ts";
import { runs, seed } from "./runs.ts";

const digits = (minLength: number, maxLength: number) =>
	fc
		.tuple(fc.integer({ min: 1, max: 9 }), fc.stringMatching(new RegExp(`^[0-9]{${minLength - 1},${maxLength - 1}}$`)))
		.map(([first, rest]) => `${first}${rest}`);
const appId = fc.stringMatching(/^[A-Z0-9_-]{1,64}$/);
const row = fc.oneof(
	fc.constantFrom(...channels),
	// A channel that Sinch adds later keeps its own name.
	fc.stringMatching(/^[A-Z][A-Z0-9_]{0,20}$/).map((code) => {
		const word = code.toLowerCase();
		const known = channels.find((one) => [one.word, one.channel, one.code.toLowerCase()].includes(word));
		return known ?? { code, word, channel: word, identity: "id" as const };
	}),
);

test(`Sinch: an address of ours that was printed is read as the same app and channel, in any case (seed ${seed})`, () => {
	fc.assert(
		fc.property(appId, row, fc.boolean(), (app, channel, inCapitals) => {
			const printed = toAddress({ appId: app, row: channel });
			assert.deepEqual(fromAddress(inCapitals ? printed.toUpperCase() : printed), { appId: app, row: channel });
		}),
		runs(500),
	);
});

test(`Sinch: a contact's identity is a fixed point, however the number was written (seed ${seed})`, () => {
	const decorated = fc
		.tuple(fc.constantFrom("+", "00", ""), digits(3, 15), fc.constantFrom("", " ", "-", ".", "("))
		.map(([prefix, number, separator]) => ({ number, written: prefix + number.split("").join(separator) }));
	fc.assert(
		fc.property(decorated, row, ({ number, written }, channel) => {
			const identity = toIdentity(written, channel);
			assert.ok(identity !== undefined || channel.identity !== "phone");
			assert.ok(!channel.identity.startsWith("phone") || identity === number);
			assert.equal(identity === undefined ? undefined : toIdentity(identity, channel), identity);
		}),
		runs(500),
	);
});

test(`Twilio: the channel of a prefixed address is the channel it was given (seed ${seed})`, () => {
	const channel = fc.oneof(
		fc.constantFrom("sms", "whatsapp", "messenger", "rcs"),
		fc.stringMatching(/^[a-z][a-z0-9_-]{0,31}$/),
	);
	const bare = fc.oneof(
		digits(3, 15).map((number) => `+${number}`),
		fc.stringMatching(/^[A-Za-z0-9.]{1,30}$/),
	);
	fc.assert(
		fc.property(channel, bare, (given, address) => {
			const printed = withPrefix(address, given);
			assert.equal(channelOf(printed), given);
			assert.equal(withPrefix(printed, given), printed);
			assert.equal(given === "sms" ? printed : printed.slice(given.length + 1), address);
		}),
		runs(500),
	);
});

const sid = (letters: string, digit: string) => letters + digit.repeat(32);
const configs: Readonly<Record<string, object>> = {
	twilio: {
		serviceConnection: "https://api.twilio.com",
		settings: { messagingServiceSid: sid("MG", "2") },
		authentications: [{ authenticationId: sid("AC", "1"), secrets: ["s"] }],
	},
	facebook: {
		serviceConnection: "https://graph.facebook.com/v25.0",
		settings: {},
		authentications: [{ authenticationId: "104857600000001", secrets: ["s"] }],
	},
	whatsapp: {
		serviceConnection: "https://graph.facebook.com/v25.0",
		settings: {},
		authentications: [{ authenticationId: "106540352242922", secrets: ["s"] }],
	},
	sinchconversation: {
		serviceConnection: "https://eu.conversation.api.sinch.com/v1/projects/p1/messages:send",
		settings: {},
		authentications: [{ authenticationId: "key1@APP1", secrets: ["s"] }],
	},
	sinchsms: {
		serviceConnection: "https://eu.sms.api.sinch.com",
		settings: { sender: "71630", country: "GB" },
		authentications: [{ authenticationId: "plan1", secrets: ["s"] }],
	},
	sap365: {
		serviceConnection: "https://sms-pp.sapmobileservices.com/cmn",
		settings: { sender: "71630", country: "GB" },
		authentications: [{ authenticationId: "acct_demo01", secrets: ["s"] }],
	},
	social365: {
		serviceConnection: "https://peopleconnect.sapmobileservices.com/api",
		settings: { sender: "wechat:gh_123@10001" },
		authentications: [
			{ authenticationId: "parley@10001", secrets: ["s"] },
			{ authenticationId: "ops@example.com@hub-B", secrets: ["s"] },
		],
	},
	smpp: {
		serviceConnection: "smpps://smpp.example.com:3601",
		settings: { sender: "71630", country: "GB" },
		authentications: [{ authenticationId: "gw", secrets: ["s"] }],
	},
	smshttp: {
		serviceConnection: "https://sms.example.com/send",
		settings: { ourAddress: "71630" },
		authentications: [{ authenticationId: "gateway-user", secrets: ["s"] }],
	},
	c4semail: {
		serviceConnection: "https://my123456.crm.ondemand.com",
		settings: { mailbox: "service@example.com" },
		authentications: [{ authenticationId: "_PARLEY", secrets: ["s"] }],
	},
	teams: {
		serviceConnection: "https://graph.microsoft.com/v1.0",
		settings: {},
		authentications: [
			{ authenticationId: "8e460676-ae3f-4b1e-8790-ee0fb5d6148f", secrets: ["s"] },
			{ authenticationId: "service.desk@example.com", secrets: ["s"] },
		],
	},
	telegram: {
		serviceConnection: "https://api.telegram.org",
		settings: {},
		authentications: [{ authenticationId: "Acme_Support_Bot", secrets: [`8123456789:${"s".repeat(35)}`] }],
	},
	wavy: {
		serviceConnection: "https://api-messaging.wavy.global",
		settings: { shortCode: "28128", whatsappNumber: "5519911110000" },
		authentications: [{ authenticationId: "wa_shop_br", secrets: ["s"] }],
	},
};
const writings: Readonly<Record<string, fc.Arbitrary<AddressingInput>>> = {
	twilio: fc.record({
		from: fc.constantFrom(
			"+15550100001",
			"whatsapp:+15550100001",
			"Shop 24",
			"12345",
			sid("MG", "3"),
			"WhatsApp:+1 555 0100",
		),
		to: fc.constantFrom(
			"+1 (555) 010-0002",
			"whatsapp:+15550100002",
			"messenger:77",
			"RCS:+4915112345",
			"WHATSAPP:+491511",
		),
	}),
	facebook: fc.record({
		to: fc.oneof(
			digits(3, 20),
			digits(3, 9).map((ref) => `user_ref:${ref}`),
		),
	}),
	whatsapp: fc.record({
		from: fc.constantFrom("106540352242922", ""),
		to: fc.oneof(
			digits(4, 15),
			digits(4, 15).map((number) => `+${number}`),
			digits(9, 20).map((id) => `US.${id}`),
			fc.constantFrom("+1 (650) 555-1234", "00 49 1511 2345678", "5215512345678", "5491123456789"),
		),
		channel: fc.constantFrom("whatsapp", "WhatsApp"),
	}),
	sinchconversation: fc.record({
		from: fc.constantFrom("APP1", "app1", ""),
		to: fc.oneof(
			digits(5, 15).map((number) => `+${number}`),
			fc.stringMatching(/^[a-zA-Z0-9]{5,20}$/),
		),
		channel: fc.constantFrom(...channels.flatMap(({ word, channel, code }) => [word, channel, code])),
	}),
	sinchsms: fc.record({
		from: fc.constantFrom("", "+44 7700 900 100", "0046 731 234 567", "07700900100", "Shop 24", "71630"),
		to: fc.oneof(
			digits(8, 13).map((number) => `+${number}`),
			fc.constantFrom("+1 (555) 010-0002", "0046731234567", "07911 123456", "16400", " +358 40 1234567 "),
		),
		channel: fc.constantFrom("sms", "SMS"),
	}),
	sap365: fc.record({
		from: fc.constantFrom("", "+44 7700 900 100", "0046 731 234 567", "07700900100", "Shop 24", "71630"),
		to: fc.oneof(
			digits(8, 13).map((number) => `+${number}`),
			fc.constantFrom("+1 (555) 010-0002", "0046731234567", "07911 123456", "16400", " +358 40 1234567 "),
		),
		channel: fc.constantFrom("sms", "SMS"),
	}),
	smpp: fc.record({
		from: fc.constantFrom("", "+44 7700 900 100", "0046 731 234 567", "07700900100", "Shop 24", "71630"),
		to: fc.oneof(
			digits(8, 13).map((number) => `+${number}`),
			fc.constantFrom("+1 (555) 010-0002", "0046731234567", "07911 123456", "16400", " +358 40 1234567 "),
		),
		channel: fc.constantFrom("sms", "SMS"),
	}),
	smshttp: fc.record({
		from: fc.constantFrom("", "+1 (555) 010-0001", "0046 731 234 567", "15550100001", "Shop 24", "71630"),
		to: fc.oneof(
			digits(8, 13).map((number) => `+${number}`),
			fc.constantFrom("+1 (555) 010-0002", "0046731234567", "46731234567", "16400", " +358 40 1234567 "),
		),
		channel: fc.constantFrom("sms", "SMS"),
	}),
	social365: fc.record({
		from: fc.constantFrom(
			"",
			"wechat:gh_123@10001",
			"WhatsApp: +44 7700 900 100 @10001",
			"Messenger:1048@HUB-b",
			"@line4you@10001",
			"line:line:x@y@10001",
		),
		to: fc.oneof(
			digits(5, 20),
			digits(8, 13).map((number) => `+${number}`),
			fc.stringMatching(/^[a-zA-Z0-9_:@-]{5,20}$/),
			fc.constantFrom("+52 1 55 1234 5678", "whatsapp:whatsapp:+447700900123", "LINE:U1", " oABC "),
		),
		channel: fc.constantFrom("wechat", "WHATSAPP", "facebook", "messenger", "line", "viber", "telegram"),
	}),
	c4semail: fc.record({
		from: fc.constantFrom("service@example.com", " Service@Example.COM "),
		to: fc.oneof(
			fc.stringMatching(/^[a-z0-9.+_-]{1,20}@[a-z0-9-]{1,20}\.example$/),
			fc.constantFrom("Kim@Example.com", " kim@example.com ", "kim"),
		),
		channel: fc.constantFrom("email"),
	}),
	teams: fc.record({
		from: fc.constantFrom("", "Service.Desk@Example.com"),
		to: fc.oneof(
			fc.stringMatching(/^19:[a-zA-Z0-9_-]{1,40}@thread\.(?:v2|tacv2)$/),
			fc.uuid(),
			fc.uuid().map((id) => `${id.toUpperCase()}/19:Abc@thread.tacv2`),
			fc.constantFrom(" Robin.Kline@Contoso.example ", "19:a_b@unq.gbl.spaces", "robin"),
		),
		channel: fc.constantFrom("teams", "Teams"),
	}),
	telegram: fc.record({
		from: fc.constantFrom("", "@acme_support_bot", "ACME_SUPPORT_BOT", "8123456789"),
		to: fc.oneof(
			digits(1, 15),
			digits(6, 13).map((group) => `-${group}`),
			fc.constantFrom(" 7010000001 ", "-1001234567890"),
		),
		channel: fc.constantFrom("telegram", "Telegram"),
	}),
	wavy: fc.record({
		from: fc.constantFrom("", "28128", "SMS:27182", "WhatsApp:55 (19) 91111-0000", "+5519911110000"),
		to: fc.oneof(
			digits(10, 13).map((number) => `+${number}`),
			fc.constantFrom("+55 (19) 90000-1111", "whatsapp:5215512345678", "sms:5519900001111", "WHATSAPP:+1 555 010 0002"),
		),
		channel: fc.constantFrom("sms", "whatsapp"),
	}),
};

for (const type of serviceTypes()) {
	test(`${type}: addresses that were worked out are worked out to themselves (seed ${seed})`, () => {
		const connector = connectorOf(type);
		const stored = configs[type];
		const input = writings[type];
		assert.ok(connector && stored && input, `a new type needs a line in this test: ${type}`);
		const service = { id: "S" as ServiceId, authenticationUrl: null, authenticationScope: null, ...stored };
		const config = connector.config.parse(service as Parameters<typeof connector.config.parse>[0]);
		let worked = 0;
		fc.assert(
			fc.property(input, (given) => {
				const once = connector.addressing(given, config);
				if (!once.ok) {
					return;
				}
				worked += 1;
				const { channel, ourAddress, contactAddress } = once;
				const again = connector.addressing({ from: ourAddress, to: contactAddress, channel }, config);
				assert.deepEqual(again, once);
			}),
			runs(300),
		);
		assert.ok(worked > 20, `only ${worked} were addresses: the test proves nothing`);
	});
}

const awkward = fc.oneof(
	fc.string({ maxLength: 12 }),
	fc.string({ unit: "grapheme", maxLength: 8 }),
	fc.constantFrom(
		'"',
		'","',
		"\\",
		"[",
		"]",
		"null",
		"",
		" ",
		"+49 30",
		"ΑΣ",
		"ας",
		"Ϊ\u0301",
		"\u0390",
		"İ",
		"ß",
		"K",
	),
);
const chain: fc.Arbitrary<Chain> = fc.record({
	serviceId: fc.constantFrom("A", "B"),
	channel: fc.constantFrom("sms", "SMS", "whatsapp"),
	ourAddress: awkward,
	contactAddress: awkward,
});

/** The law in other words: the four parts, each as the product compares it. */
function isSameChain(one: Chain, other: Chain): boolean {
	return (
		one.serviceId === other.serviceId &&
		one.channel.toLowerCase() === other.channel.toLowerCase() &&
		addressKey(one.ourAddress) === addressKey(other.ourAddress) &&
		addressKey(one.contactAddress) === addressKey(other.contactAddress)
	);
}

test(`two chains share a key exactly where all four of their parts are the same (seed ${seed})`, () => {
	fc.assert(
		fc.property(chain, chain, (one, other) => {
			assert.equal(chainKey(one) === chainKey(other), isSameChain(one, other));
			// Each part moved over the border to the next one, which a key without borders would not see.
			const moved = { ...one, ourAddress: one.ourAddress + one.contactAddress, contactAddress: "" };
			assert.equal(chainKey(one) === chainKey(moved), isSameChain(one, moved));
		}),
		runs(1000),
	);
});

/** Letters that have another case, or another composition; of the others there is nothing to say. */
const variable = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code)).filter(
	(one) =>
		one.isWellFormed() && (one.toLowerCase() !== one || one.toUpperCase() !== one || one.normalize("NFD") !== one),
);

test("an address is the same whatever its case and composition, for every letter there is", () => {
	assert.ok(variable.length > 2000);
	for (const letter of variable) {
		for (const address of [letter, `a${letter}\u0301`, `${letter}\u0345`]) {
			const key = addressKey(address);
			const spellings = [key, address.normalize("NFD"), address.toLowerCase()];
			assert.deepEqual(new Set(spellings.map(addressKey)), new Set([key]), `U+${letter.codePointAt(0)?.toString(16)}`);
		}
	}
});

test(`ids tell their time, rise, and are never the same; a mark brings its attempt back (seed ${seed})`, () => {
	const bytes = fc.uint8Array({ minLength: 8, maxLength: 8 });
	fc.assert(
		fc.property(
			fc.integer({ min: 0, max: 2 ** 48 - 1 }),
			fc.integer({ min: 0, max: 0xfff }),
			bytes,
			(ms, counter, random) => {
				const id = newId<AttemptId>(ms, counter, random);
				assert.ok(isId(id));
				assert.equal(Number.parseInt(id.slice(0, 12), 16), ms);
				assert.equal(Number.parseInt(id.slice(13, 16), 16), counter);
				assert.equal(attemptOf(markOf(id)), id);
				assert.equal(attemptOf(`${markOf(id)} `), undefined);
			},
		),
		runs(500),
	);
	const steps = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 200, size: "max" });
	fc.assert(
		fc.property(steps, (moves) => {
			let nowMs = 1_767_355_200_000;
			const clock = { now: () => new Date(nowMs), monotonicMs: () => 0, after: () => () => undefined };
			const ids = idsFrom(clock, seededRandom(seed));
			const made = moves.map((move) => {
				nowMs += move;
				return ids.next<string>();
			});
			assert.deepEqual(made, made.toSorted());
			assert.equal(new Set(made).size, made.length);
		}),
		runs(100),
	);
});

const plainJson = fc.jsonValue({ maxDepth: 4, stringUnit: "grapheme" });

test(`a fingerprint is that of the content: the same in any order of fields, another for anything else (seed ${seed})`, () => {
	fc.assert(
		fc.property(plainJson, plainJson, (one, other) => {
			const [first, second] = [one, other].map(sortedJson);
			assert.equal(fingerprint(one) === fingerprint(other), first === second);
			assert.equal(fingerprint(reversed(one)), fingerprint(one));
			assert.equal(keyOf("message", ["x".repeat(400)], one), keyOf("message", [undefined], one));
		}),
		runs(500),
	);
});

function reversed(value: unknown): unknown {
	if (Array.isArray(value)) {
		return value.map(reversed);
	}
	return typeof value === "object" && value !== null
		? Object.fromEntries(
				Object.entries(value)
					.toReversed()
					.map(([key, inner]) => [key, reversed(inner)]),
			)
		: value;
}

function sortedJson(value: unknown): string {
	return JSON.stringify(value, (_key, inner: unknown) =>
		typeof inner === "object" && inner !== null && !Array.isArray(inner)
			? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
			: inner,
	);
}

const time = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true });
const targets = fc.oneof(
	fc.record({ by: fc.constant("remote"), remoteId: awkward }),
	fc.record({ by: fc.constant("watermark"), ourAddress: awkward, contactAddress: awkward, upTo: time }),
);
const receiptEvents = fc.record({
	kind: fc.constant("receipt" as const),
	dedupKey: awkward,
	at: time,
	target: targets,
});

test(`a receipt comes out of the inbox as it went in, times as times and texts as texts (seed ${seed})`, () => {
	fc.assert(
		fc.property(receiptEvents, (event) => {
			assert.deepEqual(fromReceiptJson(JSON.stringify(event)), structuredClone(event));
		}),
		runs(500),
	);
});
