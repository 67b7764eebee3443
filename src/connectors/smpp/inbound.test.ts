import assert from "node:assert/strict";
import test from "node:test";
import smpp from "smpp";
import { parse } from "./form.ts";
import { hear } from "./inbound.ts";
import { idOfReceipt } from "./message-ids.ts";
import { frameLength } from "./pdu.ts";

const config = parse({
	id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as never,
	serviceConnection: "smpps://smpp.example.com:3601",
	authenticationUrl: null,
	authenticationScope: null,
	settings: {},
	authentications: [],
});

function told(fields: object, opening = "o1", number = 1) {
	const frame = new smpp.PDU("deliver_sm", { ...fields, sequence_number: number }).toBuffer();
	const heard = hear(frame, config, opening);
	assert.ok(heard.kind === "told");
	const [event] = heard.events;
	assert.ok(event !== undefined && heard.events.length === 1);
	return event;
}

const yes = { source_addr_ton: 1, source_addr: "46706160585", destination_addr: "71630", short_message: "Yes" };

test("the same frame again on one bind is the same message; on another, or with another number, it is not", () => {
	const first = told(yes).dedupKey;
	assert.equal(told(yes).dedupKey, first);
	const others = [told(yes, "o2"), told(yes, "o1", 2), told({ ...yes, short_message: "No" })];
	assert.equal(new Set([first, ...others.map(({ dedupKey }) => dedupKey)]).size, 4);
});

test("a message with an id of the provider's is the same one on any bind", () => {
	const withId = { ...yes, receipted_message_id: "MO-77" };
	assert.equal(told(withId).dedupKey, told(withId, "o2", 9).dedupKey);
	assert.notEqual(told(withId).dedupKey, told({ ...withId, short_message: "No" }).dedupKey);
});

test("a receipt is the same one however often and wherever it comes, and another one in another state", () => {
	const receipt = (stat: string) => ({
		...yes,
		esm_class: 4,
		short_message: `id:1f2e3d sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:${stat} err:000 text:`,
	});
	assert.equal(told(receipt("DELIVRD")).dedupKey, told(receipt("DELIVRD"), "o2", 8).dedupKey);
	assert.notEqual(told(receipt("DELIVRD")).dedupKey, told(receipt("ENROUTE")).dedupKey);
});

test("a text that looks like a receipt is a message where esm_class does not say receipt", () => {
	assert.equal(told({ ...yes, short_message: "id:1f2e3d stat:DELIVRD err:000" }).kind, "message");
});

test("a receipt's id is changed only where the setting says so and it is such a number", () => {
	assert.deepEqual(
		[
			idOfReceipt("2043453", "same"),
			idOfReceipt("2043453", "decimalInReceipts"),
			idOfReceipt("1F2E3D", "decimalInReceipts"),
			idOfReceipt("1F2E3D", "hexInReceipts"),
			idOfReceipt("x-1", "hexInReceipts"),
			idOfReceipt(" ", "same"),
			idOfReceipt("9".repeat(66), "decimalInReceipts"),
		],
		["2043453", "1f2e3d", "1f2e3d", "2043453", "x-1", undefined, undefined],
	);
});

test("a frame has 16 bytes to 64 KiB, by its own word", () => {
	const of = (length: number) => frameLength(Buffer.from(length.toString(16).padStart(8, "0"), "hex"));
	assert.deepEqual([0, 15, 16, 65_536, 65_537, 0xff_ff_ff_ff].map(of), [
		"broken",
		"broken",
		16,
		65_536,
		"broken",
		"broken",
	]);
	assert.equal(frameLength(new Uint8Array(3)), undefined);
});
