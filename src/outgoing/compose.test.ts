import assert from "node:assert/strict";
import test from "node:test";
import { connectors } from "#test/cmi-stage.ts";
import { compose, type ComposeInput, type Wanted } from "./compose.ts";

const now = new Date("2026-01-02T12:00:00.000Z");

function input(body: Partial<Wanted>, over: Partial<ComposeInput> & { type?: string } = {}): ComposeInput {
	const { type = "twilio", ...rest } = over;
	const connector = connectors[type];
	assert.ok(connector);
	const whole = { to: "+49151", ...body };
	return {
		body: whole,
		connector,
		config: {},
		conversation: undefined,
		files: new Map(),
		timeToLiveMinutes: 60,
		now,
		...rest,
	};
}

function pointers(body: Partial<Wanted>, over: Parameters<typeof input>[1] = {}): string[] {
	const result = compose(input(body, over));
	return result.ok || result.why === "noTemplates" ? [] : result.problems.map(({ pointer }) => pointer);
}

const image = { url: "https://files.example/a.jpg", contentType: "image/jpeg" };
const conversation = { channel: "whatsapp", ourAddress: "+1", contactAddress: "+2" };

const wrong: readonly [name: string, body: Partial<Wanted>, over: Parameters<typeof input>[1], pointers: string[]][] = [
	["nothing to say", {}, {}, ["/text"]],
	["a text and a template", { text: "a", template: { id: "t" } }, {}, ["/template"]],
	["attachments and a template", { attachments: [image], template: { id: "t" } }, {}, ["/template"]],
	["only white space", { text: " \n" }, {}, ["/text"]],
	["half a surrogate pair", { text: "a\ud800" }, {}, ["/text"]],
	["half a surrogate pair in an answer's target", { text: "a", replyTo: "a\udc00" }, {}, ["/replyTo"]],
	["attachments where there are none", { attachments: [image] }, { type: "plain" }, ["/attachments"]],
	[
		"a type the channel does not take",
		{ attachments: [{ ...image, contentType: "video/mp4" }] },
		{},
		["/attachments/0/contentType"],
	],
	[
		"a type that only begins alike",
		{ attachments: [{ ...image, contentType: "imagex/png" }] },
		{},
		["/attachments/0/contentType"],
	],
	[
		"credentials in a link",
		{ attachments: [image, { url: "https://a:b@files.example/" }] },
		{},
		["/attachments/1/url"],
	],
	["a link that is none", { attachments: [{ url: "https://" }] }, {}, ["/attachments/0/url"]],
	["an address of another kind", { text: "a", to: "Ann" }, {}, ["/to"]],
	["a sender of another kind", { text: "a", from: "Ann" }, {}, ["/from"]],
	["an unknown channel", { text: "a", channel: "fax" }, {}, ["/channel"]],
	["a time that is over", { text: "a", validUntil: now.toISOString() }, {}, ["/validUntil"]],
	["a time too far ahead", { text: "a", validUntil: "2026-01-09T12:00:00.001Z" }, {}, ["/validUntil"]],
	["a time no calendar has", { text: "a", validUntil: "2026-01-02T23:59:60Z" }, {}, ["/validUntil"]],
	["everything at once", { to: "Ann", validUntil: now.toISOString() }, {}, ["/text", "/to", "/validUntil"]],
	["another contact than the conversation's", { text: "a", to: "+3" }, { conversation }, ["/to"]],
	["another sender than the conversation's", { text: "a", to: "+2", from: "+3" }, { conversation }, ["/from"]],
	["another channel than the conversation's", { text: "a", to: "+2", channel: "sms" }, { conversation }, ["/channel"]],
];

for (const [name, body, over, expected] of wrong) {
	test(`refused, with its field: ${name}`, () => {
		assert.deepEqual(pointers(body, over), expected);
	});
}

test("without a conversation the receiver must be named", () => {
	const { to, ...body } = input({ text: "a" }).body;
	assert.equal(to, "+49151");
	const result = compose({ ...input({}), body });
	assert.ok(!result.ok && result.why === "fields");
	assert.deepEqual(
		result.problems.map(({ pointer }) => pointer),
		["/to"],
	);
	const given = compose({ ...input({}), body, conversation });
	assert.ok(given.ok);
	assert.deepEqual({ ...conversation, ...given.message }, given.message, "the addresses are the conversation's");
});

test("a long text becomes parts that fit, and attachments go with the last", () => {
	const result = compose(input({ text: "one two three four five six", attachments: [image] }));
	assert.ok(result.ok);
	assert.deepEqual(result.message.parts, [
		{ text: "one two three four ", attachments: [] },
		{ text: "five six", attachments: [image] },
	]);
});

test("a template is one empty part", () => {
	const result = compose(input({ template: { id: "t" } }));
	assert.ok(result.ok);
	assert.deepEqual(result.message.parts, [{ text: "", attachments: [] }]);
});

test("a type without templates refuses them, one with some channels' templates on the others; what it can tell, it tells", () => {
	const template = { id: "t" };
	const refusal = (channel: string, type: string) => {
		const result = compose(input({ template, channel }, { type }));
		if (result.ok) {
			return "ok";
		}
		return result.why === "noTemplates" ? result.channel : result.problems.map(({ pointer }) => pointer);
	};
	assert.equal(refusal("sms", "plain"), undefined);
	assert.deepEqual([refusal("sms", "windowed"), refusal("whatsapp", "windowed")], ["sms", "ok"]);
	template.id = "wrong";
	assert.deepEqual(refusal("whatsapp", "windowed"), ["/template"]);
});

test("the service's time to live counts unless the caller says when, at most 7 days", () => {
	const until = (body: Partial<Wanted>, timeToLiveMinutes: number) => {
		const result = compose(input({ text: "a", ...body }, { timeToLiveMinutes }));
		return result.ok ? result.message.validUntil.toISOString() : undefined;
	};
	assert.equal(until({}, 60), "2026-01-02T13:00:00.000Z");
	assert.equal(until({}, 999_999), "2026-01-09T12:00:00.000Z");
	assert.equal(until({ validUntil: "2026-01-09T14:00:00+02:00" }, 60), "2026-01-09T12:00:00.000Z");
});
