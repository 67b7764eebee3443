// Goal: whatever is in a call, each entry goes to its own account or to none, and who knows one address can speak about one
// message only. The fixtures show the usual calls; here is what lies between.

import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId, ServiceId } from "#domain/ids.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import type { RawRequest, VerifiedRequest } from "../contract.ts";
import { ownAddress } from "../kit/own-address.ts";
import { parse as parseConfig, type Social365Config } from "./form.ts";
import { accountsNamed, accountsOf, ack, isProvenByAddress, parse } from "./inbound.ts";

const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as AttemptId;
const webhookUrl = "https://gw.example/sms/social365/1";

function configOf(...entries: readonly string[]): Social365Config {
	return parseConfig({
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: "https://sap.example/api",
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: entries.map((authenticationId) => ({
			authenticationId,
			secrets: [`secret of ${authenticationId}`],
		})),
	});
}

const both = configOf("parley@10001", "ops@example.com@Hub-B");
const one = configOf("parley@10001");

function request(body: unknown, url = webhookUrl): RawRequest {
	return { method: "POST", url, headers: new Headers(), body: Buffer.from(JSON.stringify(body)) };
}

function read(body: unknown, config = both, url = webhookUrl): readonly ChannelEvent[] {
	return parse(request(body, url) as VerifiedRequest, config);
}

function message(account: unknown, id = "1", over: object = {}): object {
	const ours = { channel: "WECHAT", sender: "oABC", originatingAddress: "gh_123", message: "Hi" };
	return { clientId: account, ...ours, parameters: { messageId: id }, ...over };
}

/** Where each entry ended: our address, the foreign account, or the kind. */
function places(events: readonly ChannelEvent[]): readonly string[] {
	return events.map((event) =>
		event.kind === "message" ? event.ourAddress : event.kind === "foreign" ? `foreign ${event.account}` : event.kind,
	);
}

test("a list over several accounts is routed entry by entry, and a bad one spoils none of the others", () => {
	const list = [
		message(10001, "1"),
		null,
		message("hub-b", "1"),
		message(10003, "1"),
		[message(10001, "2")],
		message(10001, "3", { channel: {} }),
		message("10001", "4"),
	];
	const events = read(list);
	assert.deepEqual(places(events), [
		"wechat:gh_123@10001",
		"unreadable",
		"wechat:gh_123@Hub-B",
		"foreign 10003",
		"unreadable",
		"unreadable",
		"wechat:gh_123@10001",
	]);
	assert.equal(new Set(events.map(({ dedupKey }) => dedupKey)).size, list.length, "equal ids of two accounts are two");
});

test("a call names its accounts as services have them, each once and none that is no word", () => {
	const list = [message(10001), message("HUB-B"), message("hub-b"), message(""), message({}), message("two words"), 7];
	assert.deepEqual(accountsNamed(request(list)), ["10001", "hub-b"]);
	assert.deepEqual(accountsOf(both), ["10001", "hub-b"]);
	assert.deepEqual(accountsNamed(request("hub-b")), []);
	assert.deepEqual(accountsNamed(request({ parameters: { accountId: "hub-B" } })), ["hub-b"]);
});

test("an entry without an account comes in only where there is no choice", () => {
	assert.deepEqual(places(read(message(undefined), one)), ["wechat:gh_123@10001"]);
	assert.deepEqual(places(read(message(undefined), both)), ["unreadable"]);
	assert.deepEqual(places(read(message(10001, "1", { parameters: { accountId: "Hub-B", messageId: "1" } }))), [
		"unreadable",
	]);
	assert.deepEqual(places(read(message("HUB-B", "1", { parameters: { accountId: "hub-b", messageId: "1" } }))), [
		"wechat:gh_123@Hub-B",
	]);
});

test("a thousand entries are read, more are left to a person in one piece", () => {
	const list = Array.from({ length: 1001 }, (_, index) => message(10001, String(index)));
	assert.equal(read(list.slice(1)).length, 1000);
	assert.deepEqual(places(read(list)), ["unreadable"]);
});

const report = { messageId: "1234567890", clientId: 10001, status: "DELIVERED" };
const address = ownAddress({ webhookUrl, attemptId }, "secret of parley@10001");

test("an address of ours lets in a report about its own message and nothing else", () => {
	const other = `parley:${attemptId.replace(/7$/, "8")}`;
	const told = [report, { ...report, subject: `parley:${attemptId}` }, { ...report, subject: other }, message(10001)];
	assert.ok(isProvenByAddress(request(told, address), both));
	const events = read(told, both, address);
	assert.deepEqual(places(events), ["receipt", "receipt", "unreadable", "unreadable"]);
	for (const event of events) {
		assert.ok(event.kind !== "receipt" || (event.target.by === "attempt" && event.target.attemptId === attemptId));
	}
});

test("an address is proven by the password of any account of the service, and by no other", () => {
	const proven = (secret: string | undefined, config = both) =>
		isProvenByAddress(request(report, ownAddress({ webhookUrl, attemptId }, secret)), config);
	assert.ok(proven("secret of parley@10001"));
	assert.ok(proven("secret of ops@example.com@Hub-B"));
	assert.ok(!proven("secret of ops@example.com@Hub-B", one));
	assert.ok(!proven("secret"));
	assert.ok(!proven(undefined));
	assert.ok(!isProvenByAddress(request(report), both));
	assert.ok(!isProvenByAddress(request(report, address), configOf()));
});

test("an error is the end only when it says nothing else", () => {
	const kindOf = (over: object): string => {
		const [event] = read({ ...report, status: "ERROR", ...over });
		return event?.kind === "receipt" ? event.status : (event?.kind ?? "");
	};
	assert.equal(kindOf({}), "failed");
	assert.equal(kindOf({ FINAL: true }), "failed");
	assert.equal(kindOf({ FINAL: "yes", internalStatusId: "0xDB52" }), "failed");
	assert.equal(kindOf({ FINAL: false }), "activity");
	assert.equal(kindOf({ final: "No" }), "activity");
	assert.equal(kindOf({ FINAL: true, internalStatus: "0xdbf3" }), "activity");
	assert.equal(kindOf({ status: "error", FINAL: 0 }), "activity");
	assert.equal(kindOf({ status: "delivered" }), "delivered");
});

test("two reports are the same when all that counts is, and different when message, status or code is", () => {
	const keyOf = (over: object): string => read({ ...report, ...over })[0]?.dedupKey ?? "";
	assert.equal(keyOf({}), keyOf({ message: "other words", FINAL: true }));
	const keys = [{}, { messageId: "2" }, { status: "RECEIVED" }, { status: "ERROR" }, { internalStatusId: "DB52" }];
	assert.equal(new Set(keys.map(keyOf)).size, keys.length);
});

test("media lie at HTTPS addresses without credentials, and of any other neither password nor query is kept", () => {
	const [event] = read(message(10001, "1", { message: undefined, media: { url: "ftp://u:pw@h.example/a?token=x" } }));
	assert.ok(event?.kind === "message");
	assert.deepEqual([event.attachments, event.metadata], [[], { mediaRefused: "ftp://h.example/a" }]);
	for (const media of [{}, { url: 7 }, { url: "" }]) {
		const [broken] = read(message(10001, "1", { media }));
		assert.ok(broken?.kind === "message" && broken.metadata?.["mediaRefused"] === "no address");
	}
});

test("every call is taken with 200", () => {
	assert.deepEqual(ack(), { status: 200 });
});
