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
		assert.doesNotMatch(JSON.stringify(body), /\{webhookUrl\}/);
		assert.equal(body.fields.authenticationUrl === null, !form.usesAuthenticationUrl);
		assert.deepEqual(Object.keys(body.capabilities).sort(), ["media", "receipts", "templates", "text"]);
	});
}
