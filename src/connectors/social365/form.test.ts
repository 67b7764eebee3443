// Goal: accounts are split and told apart as an administrator means them, and the address of ours chooses the account, or it is
// said what to write instead.

import assert from "node:assert/strict";
import test from "node:test";
import type { ServiceId } from "#domain/ids.ts";
import type { AddressingInput, StoredService } from "../contract.ts";
import { brokenRules, whyCannotSend } from "../kit/rules.ts";
import { addressing, channels, fromAddress, toAddress, toIdentity } from "./addressing.ts";
import { parse } from "./form.ts";
import { connector } from "./index.ts";

const base = "https://peopleconnect.sapmobileservices.com/api";
const first = { authenticationId: "parley@10001", secrets: ["first"] };
const second = { authenticationId: "ops@example.com@Hub-B", secrets: ["new", "old", ""] };

function service(changes: Partial<StoredService> = {}): StoredService {
	return {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: base,
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: [first, second],
		...changes,
	};
}

function problems(changes: Partial<StoredService>): readonly string[] {
	return brokenRules(connector.config, service(changes)).map(({ pointer }) => pointer);
}

test("an entry is split at its last @, and the accounts keep the order in which they were entered", () => {
	assert.deepEqual(parse(service()).accounts, [
		{ username: "parley", id: "10001", secrets: ["first"] },
		{ username: "ops@example.com", id: "Hub-B", secrets: ["new", "old"] },
	]);
});

test("entries without an account, with a colon or a space are told, and so is an account that has two", () => {
	for (const authenticationId of ["parley", "@10001", "parley@", "par:ley@10001", "par ley@10001", "parley@100 01"]) {
		assert.deepEqual(problems({ authentications: [{ ...first, authenticationId }] }), [
			"/authentications/0/authenticationId",
		]);
	}
	const again = { ...second, authenticationId: "other@hub-b" };
	assert.deepEqual(problems({ authentications: [first, second, again] }), ["/authentications/2/authenticationId"]);
});

test("base and whole address are the same, and what is no address of an interface is told", () => {
	for (const serviceConnection of [base, `${base}/`, `${base}/messages`, `${base}/messages/`]) {
		assert.equal(parse(service({ serviceConnection })).sendUrl, `${base}/messages`);
		assert.deepEqual(problems({ serviceConnection }), []);
	}
	assert.equal(parse(service({ serviceConnection: "" })).sendUrl, `${base}/messages`);
	for (const serviceConnection of ["nothing", "ftp://sap.example/api", `${base}?a=b`, "https://u:p@sap.example/api"]) {
		assert.deepEqual(problems({ serviceConnection }), ["/serviceConnection"]);
		assert.equal(parse(service({ serviceConnection })).sendUrl, undefined);
	}
});

test("a sender for messages that name none must be one that could be sent from", () => {
	for (const sender of ["wechat:gh_123@10001", "FACEBOOK:1048@hub-b", ""]) {
		assert.deepEqual(problems({ settings: { sender } }), []);
	}
	for (const sender of ["gh_123@10001", "wechat:gh_123", "wechat:gh_123@10003", "sms:71630@10001", "10001"]) {
		assert.deepEqual(problems({ settings: { sender } }), ["/settings/sender"], sender);
	}
	assert.deepEqual(problems({ settings: { sender: "wechat:gh_123" }, authentications: [first] }), []);
});

test("a service says what it lacks; one account with a password is enough to send", () => {
	assert.equal(whyCannotSend(connector, service()), undefined);
	assert.equal(whyCannotSend(connector, service({ authentications: [{ ...first, secrets: [] }, second] })), undefined);
	const bare = [{ ...first, secrets: [] }];
	assert.match(whyCannotSend(connector, service({ authentications: bare })) ?? "", /password/);
	assert.match(whyCannotSend(connector, service({ authentications: [] })) ?? "", /username@accountId/);
});

/** Our address, or the field that is refused. */
function worked(input: Partial<AddressingInput>, changes: Partial<StoredService> = {}): string {
	const found = addressing({ to: "oABC", ...input }, parse(service(changes)));
	return found.ok ? found.ourAddress : `refused ${found.field}`;
}

test("the address of ours chooses the account", () => {
	const one = { authentications: [first] };
	const usual = { settings: { sender: "line:@shop@10001" } };
	for (const [found, expected] of [
		[worked({ from: "wechat:gh_123@10001" }), "wechat:gh_123@10001"],
		[worked({ from: "WeChat: gh_123 @HUB-b" }), "wechat:gh_123@Hub-B"],
		[worked({ from: "gh_123@10001", channel: "WECHAT" }), "wechat:gh_123@10001"],
		[worked({ from: "FACEBOOK:1048@10001" }), "messenger:1048@10001"],
		[worked({ from: "@shop", channel: "line" }, one), "line:@shop@10001"],
		[worked({ from: "wechat:gh_123" }, one), "wechat:gh_123@10001"],
		[worked({}, usual), "line:@shop@10001"],
		[worked({ from: "  ", channel: "line" }, usual), "line:@shop@10001"],
		[worked({ from: "wechat:gh_123" }), "refused from"],
		[worked({ from: "wechat:gh_123@10003" }), "refused from"],
		[worked({ from: "wechat:gh_123@" }), "refused from"],
		[worked({ from: "10001", channel: "wechat" }, one), "refused from"],
		[worked({ channel: "wechat" }), "refused from"],
		[worked({ from: "wechat:two words@10001" }), "refused from"],
		[worked({ from: "wechat:gh_123@10001" }, { authentications: [] }), "refused from"],
		[worked({ from: "gh_123@10001" }), "refused channel"],
		[worked({ from: "gh_123@10001", channel: "sms" }), "refused channel"],
		[worked({ from: "wechat:gh_123@10001", channel: "line" }), "refused channel"],
		[worked({ channel: "wechat" }, usual), "refused channel"],
		[worked({ from: "wechat:gh_123@10001", to: "line:U1" }), "refused to"],
		[worked({ from: "wechat:gh_123@10001", to: " " }), "refused to"],
	] as const) {
		assert.equal(found, expected);
	}
});

test("ids that mean something for one sender only have it as their scope; numbers have one spelling and none", () => {
	const config = parse(service());
	const found = (from: string, to: string) => addressing({ from, to }, config);
	assert.deepEqual(found("wechat:gh_123@10001", " wechat:oABC "), {
		ok: true,
		channel: "wechat",
		ourAddress: "wechat:gh_123@10001",
		contactAddress: "oABC",
		scope: "gh_123@10001",
	});
	for (const to of ["+44 7700 900123", "447700900123", "00447700900123", "WhatsApp:+447700900123"]) {
		assert.deepEqual(found("whatsapp:44 7700 900100@10001", to), {
			ok: true,
			channel: "whatsapp",
			ourAddress: "whatsapp:+447700900100@10001",
			contactAddress: "+447700900123",
		});
	}
});

test("an address that was printed is read as the same channel, sender and account", () => {
	for (const row of channels) {
		for (const sender of ["gh_123", "@shop", "a@b", "x:y", "+447700900100"]) {
			const printed = toAddress({ row, sender, accountId: "10001" });
			assert.deepEqual(fromAddress(printed), { row, sender, accountId: "10001" });
			assert.equal(toIdentity(sender, row), sender);
		}
	}
	for (const address of ["gh_123@10001", "wechat:gh_123", "wechat:@10001", "sms:1@10001", ""]) {
		assert.equal(fromAddress(address), undefined, address);
	}
});
