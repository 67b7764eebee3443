import assert from "node:assert/strict";
import test from "node:test";

import type { StoredService } from "../contract.ts";
import { mendAuthenticationId } from "../kit/rules.ts";
import { addressing, cannotSend, check, form, parse } from "./form.ts";

const token = `8123456789:AAE${"x".repeat(32)}`;
const service: StoredService = {
	id: "018F3A2B4C5D7E6F80910000000000B1" as StoredService["id"],
	serviceConnection: "https://api.telegram.org/",
	authenticationUrl: null,
	authenticationScope: null,
	settings: {},
	authentications: [
		{ authenticationId: "webhook", secrets: ["new-secret", "", "old-secret"] },
		{ authenticationId: "Acme_Support_Bot", secrets: [token, `8123456789:${"o".repeat(35)}`] },
	],
};
const config = parse(service);

function ruleOf(authenticationId: string): string | undefined {
	return form.authentications.find((rule) => new RegExp(rule.idPattern).test(authenticationId))?.role;
}

function problemsOf(changes: Partial<StoredService>): readonly string[] {
	return check({ ...service, ...changes }).map(({ pointer }) => pointer);
}

test("a bot is entered by user name or number, and no other word is one", () => {
	const names = ["acme_support_bot", "AcmeBot", "T_bot", "8123456789", "12345"];
	assert.deepEqual(names.map(ruleOf), Array(names.length).fill("bot"));
	assert.equal(ruleOf("webhook"), "webhook");
	for (const strange of ["", "acme", "_acme_bot", "1acmebot", "bot", "0123456", "-8123456", `${"a".repeat(30)}bot`]) {
		assert.equal(ruleOf(strange), undefined, JSON.stringify(strange));
	}
});

test("obvious slips are mended, and of a whole token nothing but the number is kept", () => {
	const mend = (id: string) => mendAuthenticationId(form, id);
	for (const id of ["@acme_bot", " acme_bot ", "t.me/acme_bot", "https://t.me/acme_bot"]) {
		assert.equal(mend(id).authenticationId, "acme_bot", id);
		assert.ok(mend(id).note !== undefined);
	}
	assert.deepEqual(mend("acme_bot"), { authenticationId: "acme_bot" });
	const mended = mend(token);
	assert.equal(mended.authenticationId, "8123456789");
	assert.doesNotMatch(JSON.stringify(mended), /AAE/);
	assert.equal(mend(" Webhook ").authenticationId, "webhook");
});

test("a stored service becomes a bot with its present token, secrets, and all that must be hidden", () => {
	assert.deepEqual(config, {
		serviceConnection: "https://api.telegram.org",
		bot: { name: "Acme_Support_Bot", token },
		webhookSecrets: ["new-secret", "old-secret"],
		hidden: [token, `8123456789:${"o".repeat(35)}`, `AAE${"x".repeat(32)}`, "o".repeat(35), "new-secret", "old-secret"],
		previewLinks: true,
	});
	assert.equal(parse({ ...service, settings: { previewLinks: false } }).previewLinks, false);
	assert.equal(parse({ ...service, serviceConnection: "" }).serviceConnection, "https://api.telegram.org");
});

test("a token, a secret and an address that Telegram would not take are said to be wrong where they stand", () => {
	assert.deepEqual(problemsOf({}), []);
	const bot = (authenticationId: string, secret: string) => ({
		authentications: [{ authenticationId, secrets: [secret] }],
	});
	const password = ["/authentications/0/password"];
	for (const secret of ["8123456789", `${token} `, `bot${token}`, "8123456789:short", `:${"x".repeat(35)}`]) {
		assert.deepEqual(problemsOf(bot("acme_bot", secret)), password, secret);
	}
	assert.deepEqual(problemsOf(bot("8123456790", token)), password, "of another bot");
	assert.deepEqual(problemsOf(bot("8123456789", token)), []);
	assert.deepEqual(problemsOf(bot("webhook", "two words")), password);
	assert.deepEqual(problemsOf(bot("webhook", "x".repeat(257))), password);
	const places = [
		"api.telegram.org",
		"ftp://x",
		`https://api.telegram.org/bot${token}`,
		"https://x/?a",
		"https://u@x/",
	];
	for (const serviceConnection of [...places, "https://api.telegram.org/bot8123456789%3AAAE/"]) {
		assert.deepEqual(problemsOf({ serviceConnection }), ["/serviceConnection"], serviceConnection);
	}
	const messages = check({
		...service,
		serviceConnection: `https://api.telegram.org/bot${token}`,
		...bot("1234567", token),
	});
	assert.doesNotMatch(JSON.stringify(messages), /AAE/);
});

test("without a bot or its token nothing can be sent, and it says what to add", () => {
	assert.equal(cannotSend(config), undefined);
	assert.match(cannotSend({ ...config, bot: undefined }) ?? "", /user name/);
	assert.match(cannotSend({ ...config, bot: { name: "acme_bot", token: undefined } }) ?? "", /token/);
});

test("a chat is addressed by its number, a sender by any name of the bot", () => {
	const to = "7010000001";
	const good = { ok: true, channel: "telegram", ourAddress: "Acme_Support_Bot", contactAddress: to };
	for (const from of [undefined, "", "acme_support_bot", "@ACME_SUPPORT_BOT", "8123456789"]) {
		assert.deepEqual(addressing({ to, ...(from === undefined ? {} : { from }) }, config), good);
	}
	assert.deepEqual(addressing({ to: " -1001234567890 ", channel: "Telegram" }, config), {
		...good,
		contactAddress: "-1001234567890",
	});
	const refused = (input: Parameters<typeof addressing>[0], changed = config) => {
		const found = addressing(input, changed);
		return found.ok ? "none" : found.field;
	};
	assert.equal(refused({ to, channel: "sms" }), "channel");
	assert.equal(refused({ to, from: "other_bot" }), "from");
	assert.equal(refused({ to }, { ...config, bot: undefined }), "from");
	for (const strange of ["+4915112345678", "@ana_lima", "", "0", "7 010", "9007199254740993", "1e5"]) {
		assert.equal(refused({ to: strange }), "to", strange);
	}
});
