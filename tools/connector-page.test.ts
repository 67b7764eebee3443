import assert from "node:assert/strict";
import test from "node:test";
import { connectorOf, serviceTypes } from "#connectors/registry.ts";
import { settingsSchemaOf } from "#connectors/kit/rules.ts";
import { renewedPage } from "./connector-page.ts";

function connectorNamed(type: string) {
	const connector = connectorOf(type);
	assert.ok(connector !== undefined);
	return connector;
}

for (const type of serviceTypes()) {
	test(`the page of ${type} names every setting, authentication, step and call`, () => {
		const connector = connectorNamed(type);
		const { form } = connector.config;
		const page = renewedPage(undefined, connector);
		for (const name of Object.keys(settingsSchemaOf(form).properties)) {
			assert.ok(page.includes(`\`${name}\``), name);
		}
		for (const rule of form.authentications) {
			assert.ok(page.includes(`\`${rule.idExample}\``), rule.idLabel);
		}
		assert.equal(page.match(/^\d+\. /gm)?.length, form.webhookSteps.length);
		for (const { url, headers } of form.webhookCalls) {
			assert.ok(page.includes(`\`${url.replace("{webhookUrl}", "<webhook URL>")}\``), url);
			assert.ok(headers.every(({ name, value }) => page.includes(`- \`${name}\`: ${value}`)));
		}
		assert.doesNotMatch(page, /\{webhookUrl\}|undefined/);
	});
}

test("what people wrote around the generated part stays, and renewing twice changes nothing", () => {
	const connector = connectorNamed("twilio");
	const page = renewedPage(undefined, connector);
	const written = `Before.\n${page.replace(/\| Setting [\s\S]*?<!--/, "stale\n<!--")}After.\n`;
	const renewed = renewedPage(written, connector);
	assert.equal(renewed, `Before.\n${page}After.\n`);
	assert.equal(renewedPage(renewed, connector), renewed);
});

test("a page without its marks is not overwritten", () => {
	assert.throws(() => renewedPage("# Twilio\n", connectorNamed("twilio")), /has lost its marks/);
});
