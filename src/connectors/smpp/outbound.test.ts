import assert from "node:assert/strict";
import test from "node:test";
import smpp from "smpp";
import type { AttemptId, MessageId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import { splitText } from "#domain/text-splitting.ts";
import type { LineAnswer, Outcome, Tools } from "../contract.ts";
import { filledSettings } from "../kit/rules.ts";
import { commandStatuses, shownStatus, statusRule } from "./codes.ts";
import { form, parse, type SmppConfig } from "./form.ts";
import { connector } from "./index.ts";
import { line, relativeTime, send, toOutcome, toSubmit } from "./outbound.ts";
import { commands, type Submit, submitSm, writePdu } from "./pdu.ts";

const now = new Date("2026-01-02T12:00:00.000Z");

function configOf(settings: object = {}): SmppConfig {
	return parse({
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as never,
		serviceConnection: "smpps://smpp.example.com:3601",
		authenticationUrl: null,
		authenticationScope: null,
		settings: filledSettings(form, { namesValidity: false, ...settings }),
		authentications: [{ authenticationId: "gw", secrets: ["secret08"] }],
	});
}

function message(over: Partial<OutboundMessage> = {}): OutboundMessage {
	return {
		messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4A7" as MessageId,
		attemptId: "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as AttemptId,
		channel: "sms",
		ourAddress: "12345",
		contactAddress: "+46123456789",
		text: "hello",
		attachments: [],
		validUntil: new Date(now.getTime() + 86_400_000),
		webhookUrl: "https://parley.example/sms/smpp/1",
		...over,
	};
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function submitOf(over: Partial<OutboundMessage>, settings: object = {}): Submit {
	const submit = toSubmit(message(over), configOf(settings), now);
	assert.ok(!("kind" in submit), JSON.stringify(submit));
	return submit;
}

test("published: the bind, and an enquire_link", () => {
	assert.equal(
		hexOf(line.greeting(configOf(), 1)),
		"000000210000000900000000000000016777007365637265743038000034000000",
	);
	assert.equal(hexOf(line.keepAlive.frame(11)), "0000001000000015000000000000000b");
});

const published: readonly [says: string, over: Partial<OutboundMessage>, number: number, hex: string][] = [
	[
		"GSM from a name",
		{ ourAddress: "Sinch", text: "Price: 5€ [ok]" },
		2,
		"0000004200000004000000000000000200050053696e63680001013436313233343536373839000000000000010000001150726963653a20351b65201b3c6f6b1b3e",
	],
];

for (const [says, over, number, hex] of published) {
	test(`published: submit_sm, ${says}`, () => {
		assert.equal(hexOf(submitSm(number, submitOf(over))), hex);
	});
}

test("published: submit_sm in UCS-2, and a part with its header", () => {
	const ucs2 = hexOf(submitSm(3, submitOf({ text: "Жа😀" })));
	assert.equal(
		ucs2,
		"0000003900000004000000000000000300000131323334350001013436313233343536373839000000000000010008000804160430d83dde00",
	);
	// Published with the sender under NPI 0; ours has NPI 1, as Sinch asks for.
	const part = hexOf(submitSm(4, submitOf({ text: "part one", part: { number: 1, of: 2 } })));
	assert.equal(
		part.replace("00013132333435", "00003132333435"),
		"0000003f00000004000000000000000400000031323334350001013436313233343536373839004000000000010000000e050003a7020170617274206f6e65",
	);
});

test("another implementation reads our frames as we mean them", () => {
	const bytes = Buffer.from(
		submitSm(7, submitOf({ text: "Grüße € 👋", ourAddress: "+447700900100" }, { namesValidity: true })),
	);
	const pdu = smpp.PDU.fromBuffer(bytes);
	assert.ok(pdu);
	const { short_message, source_addr, source_addr_ton, destination_addr, registered_delivery, data_coding } = pdu;
	assert.deepEqual(
		{ short_message, source_addr, source_addr_ton, destination_addr, registered_delivery, data_coding },
		{
			short_message: { message: "Grüße € 👋" },
			source_addr: "447700900100",
			source_addr_ton: 1,
			destination_addr: "46123456789",
			registered_delivery: 1,
			data_coding: 8,
		},
	);
});

test("the coding is chosen here, and never is it Latin 1 by its number", () => {
	const codings = (text: string, settings = {}) => submitOf({ text }, settings).dataCoding;
	assert.deepEqual(
		["abc", "Ç€", "ç", "`", "ж"].map((text) => codings(text)),
		[0, 0, 8, 8, 8],
	);
	assert.deepEqual(
		["ç", "`", "€"].map((text) => codings(text, { defaultAlphabet: "latin1" })),
		[0, 0, 8],
	);
	assert.equal(hexOf(submitOf({ text: "ç@" }, { defaultAlphabet: "latin1" }).shortMessage), "e740");
});

test("parts of a long text share a reference, know their number, and fit", () => {
	const text = `${"Lorem ipsum dolor sit amet € ".repeat(30)}😀${"ж".repeat(200)}`;
	const texts = splitText(text, connector.capabilities.text);
	const submits = texts.map((part, index) => submitOf({ text: part, part: { number: index + 1, of: texts.length } }));
	for (const [index, { shortMessage, esmClass, dataCoding }] of submits.entries()) {
		assert.deepEqual([...shortMessage.subarray(0, 6)], [5, 0, 3, 0xa7, texts.length, index + 1]);
		assert.equal(esmClass, 0x40);
		assert.ok(shortMessage.length - 6 <= (dataCoding === 0 ? 153 : 134));
	}
});

test("what cannot be an SMS is refused before anything is sent", () => {
	const outcome = (over: Partial<OutboundMessage>) => toSubmit(message(over), configOf(), now);
	for (const [over, code] of [
		[{ text: "" }, "content"],
		[{ attachments: [{ url: "https://a.example/x.png" }] }, "content"],
		[{ template: { id: "t" } }, "content"],
		[{ text: "a".repeat(255) }, "content"],
		[{ part: { number: 1, of: 256 } }, "content"],
	] as const) {
		const { kind, code: given } = outcome(over) as Extract<Outcome, { kind: "rejected" }>;
		assert.deepEqual([kind, given], ["rejected", code]);
	}
});

test("the validity period is relative, in days, and never nothing", () => {
	assert.equal(relativeTime(90_061_000), "000001010101000R");
	assert.equal(relativeTime(1), "000000000001000R");
	assert.equal(relativeTime(7 * 86_400_000), "000007000000000R");
	assert.equal(relativeTime(500 * 86_400_000), "000099000000000R");
	assert.equal(submitOf({}, { namesValidity: true }).validityPeriod, "000001000000000R");
	assert.equal(submitOf({}).validityPeriod, "");
});

test("receipts are asked for as the setting says", () => {
	const wishes = ["final", "all", "none"].map(
		(deliveryReports) => submitOf({}, { deliveryReports }).registeredDelivery,
	);
	assert.deepEqual(wishes, [1, 0x11, 0]);
});

const answered = (hex: string): LineAnswer => ({ kind: "answered", frame: Buffer.from(hex, "hex") });
const submitAnswer = (status: number, id = ""): LineAnswer => ({
	kind: "answered",
	frame: writePdu(commands.submitSmResp, 2, [Buffer.from(`${id}\0`, "latin1")], status),
});

test("published: answers to a send", () => {
	const config = configOf();
	assert.deepEqual(toOutcome(answered("0000001780000004000000000000000231663265336400"), config), {
		kind: "accepted",
		remoteIds: ["1f2e3d"],
	});
	assert.deepEqual(toOutcome(answered("00000010800000040000005800000002"), config), {
		kind: "retry",
		code: "throttled",
		detail: "The provider answered 0x58 (ESME_RTHROTTLED): more is sent than is allowed.",
	});
});

test("an id that receipts spell otherwise is kept in one spelling", () => {
	const idsOf = (settings: object, id: string) => {
		const outcome = toOutcome(submitAnswer(0, id), configOf(settings));
		return outcome.kind === "accepted" ? outcome.remoteIds : outcome.kind;
	};
	assert.deepEqual(idsOf({}, "0001F2E3D"), ["0001F2E3D"]);
	assert.deepEqual(idsOf({ messageIds: "decimalInReceipts" }, "0001F2E3D"), ["1f2e3d"]);
	assert.deepEqual(idsOf({ messageIds: "hexInReceipts" }, "0002043453"), ["2043453"]);
	assert.deepEqual(idsOf({ messageIds: "hexInReceipts" }, "a-b-c"), ["a-b-c"]);
	assert.equal(idsOf({}, ""), "unknown");
	assert.equal(idsOf({}, "x".repeat(66)), "unknown");
});

test("each command_status has its outcome, in a sentence without a hole", () => {
	for (const [status, rule] of commandStatuses) {
		const outcome = toOutcome(submitAnswer(status), configOf());
		assert.ok(outcome.kind === "retry" || outcome.kind === "rejected");
		assert.deepEqual([outcome.kind, outcome.code], [rule.kind, rule.fault], shownStatus(status));
		assert.match(outcome.detail, /^The provider answered 0x[0-9A-F]{2} \(ESME_R[A-Z_]+\): [a-z][^.]+\.$/);
	}
	assert.equal(statusRule(0x4_01).kind, "retry");
	assert.equal(statusRule(0x99).kind, "rejected");
	assert.equal(shownStatus(0), "0x00 (ESME_ROK)");
});

test("no answer, half an answer and another answer settle nothing", () => {
	for (const [answer, kind] of [
		[{ kind: "unclear", why: "reset" }, "unknown"],
		[{ kind: "unclear", why: "timeout" }, "unknown"],
		[{ kind: "notSent", why: "closed", detail: "It is closed." }, "retry"],
		[{ kind: "notSent", why: "full", detail: "It is full." }, "retry"],
		[answered("00000010800000040000000000000002"), "unknown"],
		[answered("0000001080000015000000000000000b"), "unknown"],
		[answered("00"), "unknown"],
		[{ kind: "answered", frame: writePdu(commands.genericNack, 2, [], 3) }, "rejected"],
		[{ kind: "answered", frame: writePdu(commands.genericNack, 2) }, "unknown"],
	] as const) {
		assert.equal(toOutcome(answer, configOf()).kind, kind, JSON.stringify(answer));
	}
});

test("the bind's answer says who is wanted", () => {
	const greeted = (status: number, command: number = commands.bindTransceiverResp) =>
		line.greeted(writePdu(command, 1, status === 0 ? [Buffer.from("smsc\0")] : [], status));
	assert.deepEqual(greeted(0), { ok: true });
	const codes = [0x0d, 0x0e, 0x0f, 0x53, 0x05, 0x08, 0x4_01].map((status) => {
		const answer = greeted(status);
		return answer.ok ? "ok" : answer.code;
	});
	assert.deepEqual(codes, [
		"credentials",
		"credentials",
		"credentials",
		"config",
		"unreachable",
		"unreachable",
		"unreachable",
	]);
	const found = [0x03, 0x05, 0x0d, 0x0e, 0x0f, 0x58].map((status) => {
		const answer = greeted(status, status === 0x03 ? commands.genericNack : commands.bindTransceiverResp);
		return answer.ok ? "ok" : answer.finding;
	});
	const named = ["version_refused", "too_many_lines", undefined, "password_refused", "user_refused"];
	assert.deepEqual(found, [...named, "greeting_throttled"]);
	assert.equal(greeted(0, commands.enquireLinkResp).ok, false);
	assert.equal(greeted(0, commands.genericNack).ok, false);
	assert.equal(line.greeted(new Uint8Array()).ok, false);
});

test("one send is one question over the line, and the trace shows its answer without the text", async () => {
	const asked: string[] = [];
	const tools = {
		now: () => now,
		line: {
			ask(call) {
				const { frame } = submitAnswer(0, "1f2e3d") as Extract<LineAnswer, { kind: "answered" }>;
				asked.push(call.name, hexOf(call.frame(5)).slice(24, 32), call.shown(frame), call.shown(new Uint8Array()));
				return Promise.resolve({ kind: "answered", frame });
			},
			look: () => Promise.resolve({ state: "open" }),
		},
	} as Partial<Tools> as Tools;
	assert.deepEqual(await send(message(), configOf(), tools), { kind: "accepted", remoteIds: ["1f2e3d"] });
	assert.deepEqual(asked, ["submit_sm", "00000005", "command_status 0x00 (ESME_ROK), message_id 1f2e3d", "unreadable"]);
	const without = await send(message(), configOf(), { now: () => now } as Partial<Tools> as Tools);
	assert.deepEqual(without, { kind: "retry", code: "unreachable", detail: "There is no line here." });
});
