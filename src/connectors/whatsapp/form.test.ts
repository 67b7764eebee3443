import assert from "node:assert/strict";
import test from "node:test";

import type { StoredService } from "../contract.ts";
import { settingsProblems } from "../kit/settings-rules.ts";
import { addressing, cannotSend, check, form, parse } from "./form.ts";

const service: StoredService = {
	id: "018F3A2B4C5D7E6F80910000000000A7" as StoredService["id"],
	serviceConnection: "https://graph.facebook.com/v25.0/",
	authenticationUrl: null,
	authenticationScope: null,
	settings: {},
	authentications: [
		{ authenticationId: "webhook", secrets: ["app-secret", "old-app-secret"] },
		{ authenticationId: "verify", secrets: ["verify-token", ""] },
		{ authenticationId: "106540352242922", secrets: ["number-token", "old-number-token"] },
		{ authenticationId: "106540352242923", secrets: [] },
	],
};

function ruleOf(authenticationId: string): string | undefined {
	return form.authentications.find((rule) => new RegExp(rule.idPattern).test(authenticationId))?.role;
}

test("the Authentication ID tells the three kinds of entries apart", () => {
	assert.deepEqual(["webhook", "verify", "106540352242922"].map(ruleOf), ["webhook", "verify", "number"]);
	for (const strange of ["", "Webhook", "+16505551234", "12a", "1".repeat(33), "111\n"]) {
		assert.equal(ruleOf(strange), undefined, JSON.stringify(strange));
	}
	for (const rule of form.authentications) {
		assert.equal(ruleOf(rule.idExample), rule.role);
	}
});

test("obvious slips in an Authentication ID are mended with a note, anything else is left alone", () => {
	const mend = (role: string, id: string) => form.authentications.find((rule) => rule.role === role)?.normalise?.(id);
	assert.equal(mend("webhook", " Webhook ")?.authenticationId, "webhook");
	assert.equal(mend("verify", "VERIFY")?.authenticationId, "verify");
	assert.deepEqual(mend("number", " 10 6540 "), {
		authenticationId: "106540",
		note: "Spaces were removed from the Phone number ID.",
	});
	assert.deepEqual(mend("number", "106540"), { authenticationId: "106540" });
});

test("a stored service becomes numbers with their current token, app secrets, verify tokens and settings", () => {
	assert.deepEqual(parse(service), {
		serviceConnection: "https://graph.facebook.com/v25.0",
		numbers: [
			{ phoneNumberId: "106540352242922", token: "number-token" },
			{ phoneNumberId: "106540352242923", token: undefined },
		],
		appSecrets: ["app-secret", "old-app-secret"],
		verifyTokens: ["verify-token"],
		tokens: ["number-token", "old-number-token"],
		proveAppSecret: false,
		previewLinks: false,
		templateLanguage: undefined,
	});
	const settings = { proveAppSecret: true, previewLinks: true, templateLanguage: "de" };
	const { proveAppSecret, previewLinks, templateLanguage } = parse({ ...service, settings });
	assert.deepEqual({ proveAppSecret, previewLinks, templateLanguage }, settings);
	assert.equal(parse({ ...service, serviceConnection: "" }).serviceConnection, "https://graph.facebook.com/v25.0");
});

test("a template's language is spelt as WhatsApp does, or left empty", () => {
	for (const templateLanguage of ["", "en", "en_US", "pt-BR", "fil"]) {
		assert.deepEqual(settingsProblems(form, { templateLanguage }), []);
	}
	for (const templateLanguage of ["English", "e", "en_US_POSIX", "EN", 1]) {
		assert.equal(settingsProblems(form, { templateLanguage }).length, 1, String(templateLanguage));
	}
});

test("a Service Connection with a token in it and a secret with spaces are explained at their fields", () => {
	assert.deepEqual(check(service), []);
	assert.deepEqual(check({ ...service, serviceConnection: "" }), []);
	for (const serviceConnection of [
		"graph.facebook.com",
		"https://graph.facebook.com/?access_token=x",
		"https://u:p@g/",
	]) {
		const [problem, ...others] = check({ ...service, serviceConnection });
		assert.equal(problem?.pointer, "/serviceConnection", serviceConnection);
		assert.doesNotMatch(problem?.message ?? "", /access_token|u:p/);
		assert.deepEqual(others, []);
	}
	const authentications = [{ authenticationId: "106540352242922", secrets: ["number token"] }];
	assert.deepEqual(
		check({ ...service, authentications }).map(({ pointer }) => pointer),
		["/authentications/0/password"],
	);
});

test("a service without a number or without any token says what to add", () => {
	assert.equal(cannotSend(parse(service)), undefined);
	const doors = service.authentications.slice(0, 2);
	assert.match(cannotSend(parse({ ...service, authentications: doors })) ?? "", /^Add an authentication named after/);
	const tokenless = [{ authenticationId: "106540352242923", secrets: [] }];
	assert.match(cannotSend(parse({ ...service, authentications: tokenless })) ?? "", /^Add the access token/);
});

const from = "106540352242922";

function addressOf(to: string): string | undefined {
	const answer = addressing({ from, to }, parse(service));
	return answer.ok ? answer.contactAddress : undefined;
}

test("a contact is a number in one spelling, or a user id as it is", () => {
	for (const written of ["+16505551234", "16505551234", "+1 (650) 555-1234", "001 650 555 1234", " 16505551234 "]) {
		assert.equal(addressOf(written), "+16505551234", written);
	}
	assert.equal(addressOf("5215512345678"), "+5215512345678");
	for (const userId of ["US.13491208655302741918", "US.ENT.11815799212886844830"]) {
		assert.equal(addressOf(userId), userId);
	}
	for (const wrong of ["", "0151 2345", "nobody", "us.1349", "US.", "+", "US.1349/../x", "1".repeat(16)]) {
		assert.equal(addressOf(wrong), undefined, wrong);
	}
});

test("the number may be left out when there is only one, and must be one of the service's own", () => {
	const single = parse({ ...service, authentications: service.authentications.slice(0, 3) });
	assert.deepEqual(addressing({ to: "16505551234", channel: "WhatsApp" }, single), {
		ok: true,
		channel: "whatsapp",
		ourAddress: from,
		contactAddress: "+16505551234",
	});
	const fieldOf = (input: Parameters<typeof addressing>[0], config = parse(service)) => {
		const answer = addressing(input, config);
		return answer.ok ? "" : answer.field;
	};
	assert.equal(fieldOf({ to: "16505551234" }), "from");
	assert.equal(fieldOf({ from: "+15550783881", to: "16505551234" }), "from");
	assert.equal(fieldOf({ to: "16505551234" }, parse({ ...service, authentications: [] })), "from");
	assert.equal(fieldOf({ from, to: "16505551234", channel: "sms" }), "channel");
	assert.equal(fieldOf({ from, to: "x" }), "to");
});
