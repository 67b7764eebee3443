import assert from "node:assert/strict";
import test from "node:test";

import type { StoredService } from "../contract.ts";
import { addressing, cannotSend, check, form, parse } from "./form.ts";

const service: StoredService = {
	id: "018F3A2B4C5D7E6F80910000000000F1" as StoredService["id"],
	serviceConnection: "https://graph.facebook.com/v25.0/",
	authenticationUrl: null,
	authenticationScope: null,
	settings: {},
	authentications: [
		{ authenticationId: "webhook", secrets: ["app-secret", "old-app-secret"] },
		{ authenticationId: "verify", secrets: ["verify-token"] },
		{ authenticationId: "111", secrets: ["page-token", "old-page-token"] },
		{ authenticationId: "222", secrets: [] },
	],
};

function ruleOf(authenticationId: string): string | undefined {
	return form.authentications.find((rule) => new RegExp(rule.idPattern).test(authenticationId))?.role;
}

test("the Authentication ID tells the three kinds of entries apart", () => {
	assert.equal(ruleOf("webhook"), "webhook");
	assert.equal(ruleOf("verify"), "verify");
	assert.equal(ruleOf("104857600000001"), "page");
	for (const strange of ["", "Webhook", "my page", "12a", "1".repeat(33), "111\n"]) {
		assert.equal(ruleOf(strange), undefined, JSON.stringify(strange));
	}
});

test("every rule's own example fits it, and no other", () => {
	for (const rule of form.authentications) {
		assert.equal(ruleOf(rule.idExample), rule.role);
	}
});

test("obvious slips in an Authentication ID are mended with a note, anything else is left alone", () => {
	const mend = (role: string, id: string) => form.authentications.find((rule) => rule.role === role)?.normalise?.(id);
	assert.equal(mend("webhook", " Webhook ")?.authenticationId, "webhook");
	assert.match(mend("webhook", " Webhook ")?.note ?? "", /small letters/);
	assert.equal(mend("verify", "VERIFY")?.authenticationId, "verify");
	assert.equal(mend("page", " 10 4857 ")?.authenticationId, "104857");
	assert.deepEqual(mend("webhook", "webhook"), { authenticationId: "webhook" });
	assert.deepEqual(mend("webhook", "111"), { authenticationId: "111" });
	assert.deepEqual(mend("page", "111"), { authenticationId: "111" });
});

test("the settings are a closed object whose every property explains itself", () => {
	assert.equal(form.settings["additionalProperties"], false);
	const properties = form.settings["properties"] as Record<string, Record<string, unknown>>;
	assert.deepEqual(Object.keys(properties), ["humanAgentTag"]);
	for (const property of Object.values(properties)) {
		assert.ok(property["title"] && property["description"]);
		assert.notEqual(property["default"], undefined);
	}
});

test("a stored service becomes pages with their current token, app secrets and verify tokens", () => {
	assert.deepEqual(parse(service), {
		serviceConnection: "https://graph.facebook.com/v25.0",
		pages: [
			{ pageId: "111", token: "page-token" },
			{ pageId: "222", token: undefined },
		],
		appSecrets: ["app-secret", "old-app-secret"],
		verifyTokens: ["verify-token"],
		humanAgentTag: false,
	});
	assert.equal(parse({ ...service, settings: { humanAgentTag: true } }).humanAgentTag, true);
	assert.equal(parse({ ...service, settings: { humanAgentTag: "true" } }).humanAgentTag, false);
	assert.equal(parse({ ...service, serviceConnection: "" }).serviceConnection, "https://graph.facebook.com/v25.0");
});

test("a sound service has no problems, whether at Meta or at a simulator", () => {
	assert.deepEqual(check(service), []);
	assert.deepEqual(check({ ...service, serviceConnection: "http://127.0.0.1:9123/v25.0" }), []);
	assert.deepEqual(check({ ...service, serviceConnection: "" }), []);
});

test("a Service Connection that is no plain web address is explained at its field", () => {
	const addresses = [
		"graph.facebook.com",
		"ftp://graph.facebook.com",
		"https://graph.facebook.com/?access_token=x",
		"https://user:secret@graph.facebook.com/",
		"https://graph.facebook.com/#v25",
	];
	for (const serviceConnection of addresses) {
		const [problem, ...others] = check({ ...service, serviceConnection });
		assert.equal(problem?.pointer, "/serviceConnection", serviceConnection);
		assert.doesNotMatch(problem?.message ?? "", /secret|access_token/);
		assert.deepEqual(others, []);
	}
});

test("a secret with spaces, line breaks or letters beyond ASCII is named by its place, not by its value", () => {
	for (const secret of ["page token", "page-token\n", "pagé-token"]) {
		const authentications = [
			{ authenticationId: "webhook", secrets: ["fine"] },
			{ authenticationId: "111", secrets: [secret] },
		];
		const problems = check({ ...service, authentications });
		assert.deepEqual(
			problems.map((problem) => problem.pointer),
			["/authentications/1/password"],
		);
		assert.ok(!problems[0]?.message.includes(secret));
	}
});

test("a service without a page or without any page token says what to add", () => {
	assert.equal(cannotSend(parse(service)), undefined);
	const onlyDoors = service.authentications.slice(0, 2);
	assert.match(
		cannotSend(parse({ ...service, authentications: onlyDoors })) ?? "",
		/^Add an authentication named after the Page ID/,
	);
	const tokenless = [{ authenticationId: "222", secrets: [] }];
	assert.match(cannotSend(parse({ ...service, authentications: tokenless })) ?? "", /^Add the page access token/);
});

test("an address is a page-scoped user id, scoped by the page that sends", () => {
	assert.deepEqual(addressing({ from: "111", to: " 7010000000000001 " }, parse(service)), {
		ok: true,
		channel: "messenger",
		ourAddress: "111",
		contactAddress: "7010000000000001",
		scope: "111",
	});
	assert.equal(addressing({ from: "111", to: "user_ref:ref-81", channel: "Messenger" }, parse(service)).ok, true);
});

test("the page may be left out when there is only one, and must be one of the service's own", () => {
	const single = parse({ ...service, authentications: service.authentications.slice(0, 3) });
	const chosen = addressing({ to: "7010000000000001" }, single);
	assert.equal(chosen.ok && chosen.ourAddress, "111");
	const fieldOf = (input: Parameters<typeof addressing>[0], config = parse(service)) => {
		const answer = addressing(input, config);
		return answer.ok ? "" : answer.field;
	};
	assert.equal(fieldOf({ to: "7010000000000001" }), "from");
	assert.equal(fieldOf({ from: "333", to: "7010000000000001" }), "from");
	assert.equal(fieldOf({ to: "7010000000000001" }, parse({ ...service, authentications: [] })), "from");
	assert.equal(fieldOf({ from: "111", to: "7010000000000001", channel: "sms" }), "channel");
	for (const to of ["", "+49 170", "a/../b", "x".repeat(101)]) {
		assert.equal(fieldOf({ from: "111", to }), "to", to);
	}
});
