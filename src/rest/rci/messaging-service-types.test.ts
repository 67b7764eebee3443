import assert from "node:assert/strict";
import test from "node:test";
import { connectorOf, serviceTypes } from "#connectors/registry.ts";
import { openRciStage } from "#test/rci-stage.ts";
import { Compile } from "typebox/compile";
import { messagingServiceTypeRoutes, type toTypeView } from "./messaging-service-types.ts";

type TypeView = ReturnType<typeof toTypeView>;

test("every registered type is described, also to somebody without any right", async (t) => {
	const stage = await openRciStage(t, messagingServiceTypeRoutes);
	await stage.grant();
	const { status, body } = await stage.call<TypeView[]>("GET", "/messagingServiceTypes");
	assert.equal(status, 200);
	assert.deepEqual(
		body.map(({ type }) => type),
		serviceTypes(),
	);
	for (const view of body) {
		const one = await stage.call<TypeView>("GET", `/messagingServiceTypes/${view.type}`);
		assert.deepEqual(one.body, view);
	}
	assert.equal((await stage.call("GET", "/messagingServiceTypes/pigeon")).problem.code, "not_found");
});

for (const type of serviceTypes()) {
	test(`${type}: the description is complete and its examples keep its own rules`, async (t) => {
		const stage = await openRciStage(t, messagingServiceTypeRoutes);
		const { body } = await stage.call<TypeView>("GET", `/messagingServiceTypes/${type}`);
		const form = connectorOf(type)?.config.form;
		assert.ok(form !== undefined);
		const properties = body.fields.settings["properties"] as Record<string, { title?: string; description?: string }>;
		for (const [name, property] of Object.entries(properties)) {
			assert.ok(property.title !== undefined && property.description !== undefined, `${name} is explained`);
			assert.ok("default" in property, `${name} has a default`);
		}
		assert.ok(Object.hasOwn(properties, "timeToLiveMinutes"), "common settings are among them");
		assert.ok(body.ownSettings.every((name) => Object.hasOwn(properties, name)));
		for (const [index, rule] of form.authentications.entries()) {
			const view = body.authentications[index];
			assert.ok(view !== undefined);
			assert.deepEqual([view.role, view.min, view.max], [rule.role, rule.min, rule.max]);
			const entry = Compile({ ...view.schema });
			assert.ok(entry.Check({ authenticationId: rule.idExample, password: "x" }), rule.idExample);
			assert.ok(!entry.Check({ authenticationId: "\n" }));
			assert.equal(view.schema.properties.password.writeOnly, true, "the secret is marked");
		}
		assert.equal(body.webhook.urlPattern, `https://parley.example/acme/sms/${type}/{id}`);
		const isCalled = connectorOf(type)?.line === undefined;
		assert.equal(
			body.webhook.steps.some((step) => step.includes(body.webhook.urlPattern)),
			isCalled,
		);
		assert.equal(body.inboundProof === "line", !isCalled);
		assert.equal(body.webhook.calls.length > 0, isCalled);
		for (const { url, when } of body.webhook.calls) {
			assert.ok(url.startsWith(body.webhook.urlPattern), url);
			assert.ok(when.every(({ setting, is }) => body.ownSettings.includes(setting) && is.length > 0));
		}
		assert.doesNotMatch(JSON.stringify(body), /\{webhookUrl\}/);
		assert.equal(body.fields.authenticationUrl === null, !form.usesAuthenticationUrl);
		assert.deepEqual(Object.keys(body.capabilities).sort(), ["media", "receipts", "templates", "text"]);
	});
}

test("a type tells of its calls in every mode, and when each header is demanded", async (t) => {
	const stage = await openRciStage(t, messagingServiceTypeRoutes);
	const callsOf = async (type: string) =>
		(await stage.call<TypeView>("GET", `/messagingServiceTypes/${type}`)).body.webhook.calls;
	const [messages, reports, , ofBasic] = await callsOf("sinchsms");
	assert.deepEqual(messages?.when, [{ setting: "mode", title: "API", is: ["xms"] }]);
	assert.deepEqual(reports?.when[1], {
		setting: "namesCallbackUrl",
		title: "Name the callback address with each message",
		is: [true],
	});
	assert.deepEqual(
		messages.headers.map(({ onlyIf }) => onlyIf),
		[...Array<string>(4).fill("the Webhook secret is set"), "Use Local Http Authentication is on"],
	);
	assert.deepEqual([ofBasic?.method, ofBasic?.headers.length], ["GET", 1]);
	const [notification] = await callsOf("c4semail");
	assert.equal(notification?.headers[0]?.onlyIf, "the service demands an HTTP user");
	assert.match(notification?.proposed ?? "", /not documented/);
	const shared = async (type: string) =>
		(await stage.call<TypeView>("GET", `/messagingServiceTypes/${type}`)).body.authentications
			.filter(({ enteredAtProvider }) => enteredAtProvider)
			.map(({ secretLabel }) => secretLabel);
	assert.deepEqual(await shared("whatsapp"), ["Verify Token"]);
	assert.deepEqual(await shared("telegram"), ["secret_token"]);
	assert.deepEqual(await shared("sinchconversation"), ["Secret token"]);
	assert.deepEqual(await shared("teams"), [], "Parley itself hands the client state on");
});

test("a form is drawn from the reply alone: groups, titles of choices, conditions, parts of an id", async (t) => {
	const stage = await openRciStage(t, messagingServiceTypeRoutes);
	const view = async (type: string) => (await stage.call<TypeView>("GET", `/messagingServiceTypes/${type}`)).body;
	const sinch = await view("sinchconversation");
	const app = sinch.authentications.find(({ role }) => role === "app");
	assert.deepEqual(
		app?.idParts?.map(({ key, label, transform }) => [key, label, transform]),
		[
			["keyId", "Key ID", undefined],
			["appId", "App ID", "upperCase"],
		],
	);
	assert.deepEqual([app?.joinedBy, sinch.authentications[0]?.idParts], ["@", null]);
	assert.deepEqual([sinch.experimental, sinch.channels.slice(0, 2), sinch.hasPreview], [false, ["sms", "mms"], true]);
	const smshttp = await view("smshttp");
	const settings = smshttp.fields.settings["properties"] as Record<string, Record<string, unknown>>;
	assert.deepEqual(settings["body"]?.["x-showIf"], {
		method: ["POST", "PUT"],
		bodyFormat: ["form", "json", "xml", "text"],
	});
	const { body, method, unknownOutcome, timeToLiveMinutes } = settings;
	assert.deepEqual([body?.["x-group"], body?.["x-multiline"], body?.["x-template"]], ["sending", true, true]);
	const choices = [method, unknownOutcome].map((setting) => JSON.stringify(setting?.["oneOf"]));
	assert.match(choices[0] ?? "", /\{"const":"GET","title":"GET \(no body\)"\}/);
	assert.match(choices[1] ?? "", /^\[\{"const":"hold","title":"Hold it for a person"\}/);
	assert.deepEqual([method?.["anyOf"], timeToLiveMinutes?.["x-unit"]], [undefined, "minutes"]);
	const { experimental, sampleAddresses, summary } = await view("social365");
	assert.deepEqual(
		[experimental, sampleAddresses],
		[true, { contact: "+447700900123", ours: "whatsapp:+447700900100", channel: null }],
	);
	assert.match(summary, /hub accounts/);
	assert.equal((await view("smpp")).hasPreview, false);
});
