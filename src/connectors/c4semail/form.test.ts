import assert from "node:assert/strict";
import test from "node:test";
import type { ServiceId } from "#domain/ids.ts";
import type { StoredService } from "../contract.ts";
import { brokenRules } from "../kit/rules.ts";
import { addressing } from "./addressing.ts";
import { cannotSend, check, form, parse } from "./form.ts";

const service: StoredService = {
	id: "1" as ServiceId,
	serviceConnection: "https://my123456.crm.ondemand.com",
	authenticationUrl: null,
	authenticationScope: null,
	settings: {},
	authentications: [{ authenticationId: "_PARLEY", secrets: ["a secret", "the one before"] }],
};

const withSettings = (settings: StoredService["settings"]): StoredService => ({ ...service, settings });

test("the address of the service is completed, and kept where somebody entered one", () => {
	const base = "https://my123456.crm.ondemand.com/sap/c4c/odata/v1/c4codataapi";
	const entered: readonly [string, string | undefined][] = [
		["https://my123456.crm.ondemand.com", base],
		["https://my123456.crm.ondemand.com/", base],
		[` ${base}/ `, base],
		[`${base}/$metadata`, base],
		[
			"https://my1.crm.ondemand.com/sap/c4c/odata/cust/v1/mail",
			"https://my1.crm.ondemand.com/sap/c4c/odata/cust/v1/mail",
		],
		["my123456.crm.ondemand.com", undefined],
		["https://user:secret@my123456.crm.ondemand.com", undefined],
		[`${base}?sap-language=EN`, undefined],
		["ftp://my123456.crm.ondemand.com", undefined],
	];
	for (const [serviceConnection, expected] of entered) {
		assert.equal(parse({ ...service, serviceConnection }).access?.base, expected, serviceConnection);
		assert.equal(check({ ...service, serviceConnection }).length, expected === undefined ? 1 : 0);
	}
});

test("the current password is used, and neither is ever shown", () => {
	const { access, secrets } = parse(service);
	assert.equal(access?.password, "a secret");
	assert.deepEqual(secrets, ["a secret", "the one before"]);
});

test("a draft says what it lacks", () => {
	assert.equal(cannotSend(parse(service)), undefined);
	assert.match(cannotSend(parse({ ...service, authentications: [] })) ?? "", /^Add an authentication/);
	assert.match(
		cannotSend(parse({ ...service, authentications: [{ authenticationId: "_P", secrets: [] }] })) ?? "",
		/^Add/,
	);
	assert.match(cannotSend(parse({ ...service, serviceConnection: "no address" })) ?? "", /^Enter the address/);
});

test("one user, and no more", () => {
	const two = [...service.authentications, { authenticationId: "_OTHER", secrets: ["s"] }];
	assert.notDeepEqual(brokenRules({ form, check }, { ...service, authentications: two }), []);
});

test("rules that no schema tells", () => {
	const wrong: readonly [StoredService["settings"], string][] = [
		[{ mailbox: "service" }, "/settings/mailbox"],
		[{ mailbox: "a@b, c@d" }, "/settings/mailbox"],
		[{ replyProperties: "PriorityCode=3" }, "/settings/replyProperties"],
		[{ replyProperties: "[1]" }, "/settings/replyProperties"],
		[{ senderProperty: "Subject" }, "/settings/subjectProperty"],
	];
	for (const [settings, pointer] of wrong) {
		assert.deepEqual(
			check(withSettings(settings)).map((problem) => problem.pointer),
			[pointer],
		);
	}
	assert.deepEqual(
		check(withSettings({ mailbox: "Service@example.com", replyProperties: '{"PriorityCode":"3"}' })),
		[],
	);
});

test("a name of a collection that is no name asks for nothing", () => {
	for (const attachmentCollection of ["", "../Users", "A B", "EMail?x=y"]) {
		assert.equal(parse(withSettings({ attachmentCollection })).attachmentCollection, "");
	}
	assert.equal(parse(service).attachmentCollection, "EMailAttachmentFolderCollection");
});

test("contacts are e-mail addresses, and our address is the mailbox or the tenant", () => {
	const config = parse(withSettings({ mailbox: "Service@Example.com" }));
	const worked = { ok: true, channel: "email", ourAddress: "service@example.com", contactAddress: "kim@example.com" };
	assert.deepEqual(addressing({ to: " Kim@Example.com " }, config), worked);
	assert.deepEqual(
		addressing({ from: "SERVICE@example.com", to: "kim@example.com", channel: "email" }, config),
		worked,
	);
	const wrong: readonly [Parameters<typeof addressing>[0], string][] = [
		[{ to: "+447700900123" }, "to"],
		[{ to: "Kim <kim@example.com>" }, "to"],
		[{ to: "kim@example.com", from: "other@example.com" }, "from"],
		[{ to: "kim@example.com", channel: "sms" }, "channel"],
	];
	for (const [input, field] of wrong) {
		const found = addressing(input, config);
		assert.equal(found.ok ? undefined : found.field, field);
	}
	const plain = addressing({ to: "kim@example.com" }, parse(service));
	assert.equal(plain.ok && plain.ourAddress, "my123456.crm.ondemand.com");
});
