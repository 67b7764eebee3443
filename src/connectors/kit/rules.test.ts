// Rules on a made-up type that has every kind of entry: several outgoing ones, one incoming word, one used both ways.

import assert from "node:assert/strict";
import test from "node:test";
import type { ServiceId } from "#domain/ids.ts";
import { customaryOptInWords, customaryOptOutWords } from "#domain/opt-out-words.ts";
import fc from "fast-check";
import { Type } from "typebox";
import type { Connector, ConnectorForm, StoredAuthentication, StoredService } from "../contract.ts";
import {
	addressProblem,
	brokenRules,
	filledSettings,
	mendAuthenticationId,
	missingProofs,
	ruleFor,
	settingsSchemaOf,
	whyCannotSend,
} from "./rules.ts";

const form: ConnectorForm = {
	label: "Pigeon post",
	help: "",
	serviceConnection: { title: "Service Connection", description: "", example: "https://pigeon.example/send" },
	card: { summary: "A type", channels: ["sms"] },
	layout: { groups: {} },
	sampleAddresses: { contact: "1" },
	usesAuthenticationUrl: false,
	authentications: [
		{
			role: "webhook",
			direction: "incoming",
			idLabel: "Entry name",
			secretLabel: "Webhook secret",
			description: "Proves the provider's calls.",
			idPattern: "^webhook$",
			idShape: "the word webhook",
			idExample: "webhook",
			min: 0,
			max: 1,
		},
		{
			role: "app",
			direction: "outgoing",
			idLabel: "Key ID and App ID",
			secretLabel: "Key secret",
			description: "",
			idPattern: "^[a-z0-9]+@[A-Z0-9]+$",
			idShape: "the Key ID, an @ and the App ID in capitals",
			idExample: "key1@APP1",
			min: 1,
			max: 3,
			normalise(given) {
				const [key = "", ...app] = given.split("@");
				const authenticationId = `${key}@${app.join("@").toUpperCase()}`;
				return authenticationId === given
					? { authenticationId }
					: { authenticationId, note: "App ID written in capitals." };
			},
		},
	],
	settings: {
		...Type.Object({
			lofts: Type.Integer({ title: "Lofts", minimum: 1, maximum: 9, default: 2 }),
			ring: Type.Union([Type.Literal("steel"), Type.Literal("brass")], { default: "steel" }),
			letter: Type.String({ maxLength: 5, default: "" }),
			route: Type.Array(Type.String(), { maxItems: 2, default: [] }),
		}),
	},
	webhookSteps: [],
	webhookCalls: [],
};

const service = (changes: Partial<StoredService> = {}): StoredService => ({
	id: "0190D6E2A7E37C8D9B0A1B2C3D4E5F60" as ServiceId,
	serviceConnection: "https://pigeon.example/send",
	authenticationUrl: null,
	authenticationScope: null,
	settings: {},
	authentications: [entry("key1@APP1")],
	...changes,
});
const entry = (authenticationId: string, ...secrets: string[]): StoredAuthentication => ({ authenticationId, secrets });
const broken = (changes: Partial<StoredService>) =>
	brokenRules({ form }, service(changes)).map(({ pointer, message }) => `${pointer} ${message}`);

test("a service that keeps the form breaks no rule, and neither does an empty draft", () => {
	assert.deepEqual(broken({}), []);
	assert.deepEqual(broken({ serviceConnection: "", authentications: [] }), []);
	const settings = { lofts: 9, ring: "brass", letter: "abcde", route: ["a", "b"], timeToLiveMinutes: 5 };
	assert.deepEqual(broken({ settings }), []);
});

const addresses: readonly [string, RegExp | undefined][] = [
	["https://pigeon.example", undefined],
	["http://127.0.0.1:9000/a?b=c", undefined],
	["HTTPS://PIGEON.example/x", undefined],
	["https://[::1]/x", undefined],
	["pigeon.example/send", /complete web address/],
	["/send", /complete web address/],
	["https:pigeon.example", /complete web address/],
	["https://", /complete web address/],
	["https://pigeon.example:99999", /complete web address/],
	["ftp://pigeon.example", /complete web address/],
	["javascript:alert(1)", /complete web address/],
	["file:///etc/passwd", /complete web address/],
	["https://user:secret@pigeon.example", /user name or password/],
	["https://user@pigeon.example", /user name or password/],
	["https://pigeon.example/#x", /#/],
	["https://pigeon.example/#", /#/],
	["https://pigeon.example/a b", /spaces/],
	["https://pigeon.example/\n", /spaces/],
	["https://pigeon.example\\@evil.example", /backslashes/],
	["https://pigeon.example/\u0000", /spaces/],
];
for (const [address, expected] of addresses) {
	test(`${JSON.stringify(address)} is ${expected === undefined ? "an" : "no"} address to send to`, () => {
		const said = addressProblem(address, "https://pigeon.example");
		if (expected === undefined) {
			assert.equal(said, undefined);
		} else {
			assert.match(said ?? "", expected);
		}
	});
}

test("both addresses of a service are checked", () => {
	assert.match(broken({ serviceConnection: "x" }).join(), /^\/serviceConnection must be a complete web address/);
	assert.match(
		broken({ authenticationUrl: "https://a@b.example" }).join(),
		/^\/authenticationUrl must not contain a user/,
	);
});

const lists: readonly [string, readonly string[], readonly RegExp[]][] = [
	[
		"an unknown shape names every shape",
		["key 1"],
		[/^\/authentications\/0\/authenticationId must be the word webhook .*, or the Key ID/],
	],
	["small letters in the App ID", ["key1@App1"], [/^\/authentications\/0\/authenticationId must be/]],
	["a second webhook", ["webhook", "webhook"], [/^\/authentications\/1\/authenticationId is there already/]],
	["the same app twice", ["a@A", "b@B", "a@A"], [/^\/authentications\/2\/authenticationId is there already/]],
	[
		"one app too many",
		["a@A", "b@B", "c@C", "d@D"],
		[/^\/authentications\/3\/authenticationId is one too many: .* at most 3 entries/],
	],
	[
		"two faults of one entry are one sentence",
		["a@A", "b@B", "c@C", "a@A"],
		[/^\/authentications\/3\/authenticationId is there already/],
	],
	["faults of two entries are two", ["", "webhook", "webhook "], [/\/0\//, /\/2\//]],
];
for (const [what, ids, expected] of lists) {
	test(`authentications: ${what}`, () => {
		const said = broken({ authentications: ids.map((id) => entry(id)) });
		assert.equal(said.length, expected.length, said.join("\n"));
		expected.forEach((pattern, index) => assert.match(said[index] ?? "", pattern));
	});
}

const settings: readonly [string, unknown, RegExp][] = [
	["lofts", 0, /must be a whole number from 1 to 9; leave it out for the default/],
	["lofts", 1.5, /a whole number/],
	["lofts", "2", /a whole number/],
	["lofts", null, /a whole number/],
	["ring", "gold", /must be one of "steel", "brass"/],
	["letter", "abcdef", /must be a text of at most 5 characters/],
	["letter", {}, /must be a text/],
	["route", ["a", 1], /must be a list of at most 2 entries, each a text/],
	["route", "a", /must be a list/],
	["timeToLiveMinutes", 0, /a whole number from 1 to 10080/],
	["unknownOutcome", "guess", /one of "hold", "resend"/],
	["loft", 2, /is not a setting of this type; remove it, or use one of unknownOutcome, .*lofts/],
	["a/b~c", 2, /is not a setting/],
	["__proto__x", 2, /is not a setting/],
];
for (const [name, value, expected] of settings) {
	test(`setting ${name} = ${JSON.stringify(value)} is explained at its pointer`, () => {
		const said = brokenRules({ form }, service({ settings: { [name]: value } }));
		assert.equal(said.length, 1);
		assert.equal(said[0]?.pointer, `/settings/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
		assert.match(said[0]?.message ?? "", expected);
	});
}

test("a connector's own rule is heard, but not at a field that has a fault already", () => {
	const check = () => [
		{ pointer: "/serviceConnection", message: "must name a loft." },
		{ pointer: "/settings/lofts", message: "must be odd." },
	];
	const own = brokenRules({ form, check }, service({ serviceConnection: "nowhere" }));
	assert.deepEqual(
		own.map(({ pointer }) => pointer),
		["/serviceConnection", "/settings/lofts"],
	);
	assert.match(own[0]?.message ?? "", /complete web address/);
});

test("what is obviously meant is mended with a note", () => {
	assert.deepEqual(mendAuthenticationId(form, "key1@app1"), {
		authenticationId: "key1@APP1",
		note: "App ID written in capitals.",
	});
	assert.deepEqual(mendAuthenticationId(form, "key1@APP1"), { authenticationId: "key1@APP1" });
	assert.deepEqual(mendAuthenticationId(form, " webhook\n"), {
		authenticationId: "webhook",
		note: "Spaces around the Authentication ID webhook were removed.",
	});
	assert.deepEqual(mendAuthenticationId(form, "quite something else"), { authenticationId: "quite something else" });
});

test("mending gives a fitting id or the entered one, and mending twice changes nothing", () => {
	const ids = fc.oneof(fc.string(), fc.stringMatching(/^ ?[a-z0-9]{1,4}@[A-Za-z0-9]{1,4} ?$/), fc.constant("webhook "));
	fc.assert(
		fc.property(ids, (entered) => {
			const { authenticationId } = mendAuthenticationId(form, entered);
			assert.ok(authenticationId === entered || ruleFor(form, authenticationId) !== undefined);
			assert.deepEqual(mendAuthenticationId(form, authenticationId), { authenticationId });
		}),
	);
});

test("any service at all is judged without an exception, and one field has at most one problem", () => {
	const anyService = fc.record({
		serviceConnection: fc.oneof(fc.string(), fc.webUrl()),
		authenticationUrl: fc.option(fc.string()),
		settings: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("lofts", "ring", "route")), fc.jsonValue()),
		authentications: fc.array(
			fc.record({
				authenticationId: fc.oneof(fc.string(), fc.constantFrom("webhook", "a@A")),
				secrets: fc.array(fc.string()),
			}),
		),
	});
	fc.assert(
		fc.property(anyService, (given) => {
			const problems = brokenRules({ form }, service(given));
			const pointers = problems.map(({ pointer }) => pointer);
			assert.equal(new Set(pointers).size, pointers.length);
			assert.ok(problems.every(({ message }) => /^(?:must|is) .*\.$/s.test(message)));
		}),
	);
});

test("every setting that is not stored has its default", () => {
	assert.deepEqual(filledSettings(form, { lofts: 7, timeToLiveMinutes: 5 }), {
		unknownOutcome: "hold",
		unknownWaitSeconds: 60,
		timeToLiveMinutes: 5,
		sendsPerSecond: 50,
		sendsAtOnce: 20,
		reopenWindowMinutes: 1440,
		keepReplyWindow: true,
		optOutWords: customaryOptOutWords,
		optInWords: customaryOptInWords,
		optWordChannels: "sms",
		mediaHosts: "",
		lofts: 7,
		ring: "steel",
		letter: "",
		route: [],
	});
	assert.equal(settingsSchemaOf(form)["additionalProperties"], false);
});

const connector = (cannotSend: string | undefined) =>
	({ config: { form, parse: () => ({}) }, cannotSend: () => cannotSend }) as unknown as Connector<unknown>;

test("why a service cannot send: the address first, then the connector's word, then what is missing", () => {
	assert.equal(
		whyCannotSend(connector("Add a pigeon."), service({ serviceConnection: "" })),
		"Enter the Service Connection, for example https://pigeon.example/send",
	);
	assert.equal(whyCannotSend(connector("Add a pigeon."), service()), "Add a pigeon.");
	assert.equal(
		whyCannotSend(connector(undefined), service()),
		"Add an authentication (the Key ID, an @ and the App ID in capitals) with its Key secret.",
	);
	const ready = service({ authentications: [entry("key1@APP1", "s")] });
	assert.equal(whyCannotSend(connector(undefined), ready), undefined);
});

test("a missing proof of the provider is told until its secret is set", () => {
	const told = ["No Webhook secret is set; add an authentication (the word webhook). Proves the provider's calls."];
	assert.deepEqual(missingProofs(form, service()), told);
	assert.deepEqual(missingProofs(form, service({ authentications: [entry("webhook")] })), told);
	assert.deepEqual(missingProofs(form, service({ authentications: [entry("webhook", "s")] })), []);
});

test("an entry that serves both ways proves the provider too", () => {
	const [webhook, app] = form.authentications;
	assert.ok(webhook !== undefined && app !== undefined);
	const twoWays = { ...form, authentications: [webhook, { ...app, direction: "both" as const }] };
	const proven = service({ authentications: [entry("key1@APP1", "s")] });
	assert.deepEqual(missingProofs(twoWays, proven), []);
	assert.equal(missingProofs(twoWays, service()).length, 1);
	const demanded = { ...twoWays, authentications: [{ ...webhook, min: 1 }, ...twoWays.authentications.slice(1)] };
	assert.equal(missingProofs(demanded, proven).length, 1);
});
