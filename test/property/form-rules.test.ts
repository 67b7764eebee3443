// Goal: the forms of the service types. What may be stored may be stored again after a round trip, whatever comes as JSON
// is judged without a throw, and every broken rule names its field and says what must be.
// Method: laws over each connector's own form; valid settings are made from its JSON schema, the rest from random JSON.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { Connector, ConnectorForm, JsonSchema, StoredService } from "#connectors/contract.ts";
import { inWords, settingsProblems } from "#connectors/kit/settings-rules.ts";
import {
	brokenRules,
	filledSettings,
	mendAuthenticationId,
	missingProofs,
	ruleFor,
	settingsSchemaOf,
	whyCannotSend,
} from "#connectors/kit/rules.ts";
import { connectorOf, serviceTypes } from "#connectors/registry.ts";
import { commonSettings } from "#domain/service-settings.ts";
import type { ServiceId } from "#domain/ids.ts";
import { runs, seed } from "./runs.ts";

/** Values a schema takes. A keyword that is not known here must not be passed over: the law would lose its meaning. */
function valuesOf(schema: JsonSchema): fc.Arbitrary<unknown> {
	const choices = [...list(schema["enum"]).map((value) => fc.constant(value)), ...list(schema["anyOf"]).map(inner)];
	if (choices.length > 0) {
		return fc.oneof(...choices);
	}
	if ("const" in schema) {
		return fc.constant(schema["const"]);
	}
	switch (schema["type"]) {
		case "boolean":
			return fc.boolean();
		case "integer":
			return fc.integer(bounds(schema, "minimum", "maximum"));
		case "number":
			return fc.double({ ...bounds(schema, "minimum", "maximum"), noNaN: true });
		case "string":
			return typeof schema["pattern"] === "string"
				? fc.stringMatching(new RegExp(schema["pattern"]))
				: fc.string(lengths(schema, "minLength", "maxLength"));
		case "array":
			return fc.array(inner(schema["items"]), lengths(schema, "minItems", "maxItems"));
		default:
			throw new Error(`A setting of a shape that this test does not know: ${JSON.stringify(schema)}`);
	}
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const inner = (schema: unknown) => valuesOf(schema as JsonSchema);

function bounds(schema: JsonSchema, least: string, most: string): { min?: number; max?: number } {
	const [min, max] = [schema[least], schema[most]];
	return { ...(typeof min === "number" ? { min } : {}), ...(typeof max === "number" ? { max } : {}) };
}

function lengths(schema: JsonSchema, least: string, most: string): { minLength?: number; maxLength?: number } {
	const { min, max } = bounds(schema, least, most);
	return { ...(min === undefined ? {} : { minLength: min }), maxLength: Math.min(max ?? 20, 300) };
}

const json = fc.jsonValue({ maxDepth: 3, stringUnit: "grapheme" });

function validSettings(form: ConnectorForm): fc.Arbitrary<Record<string, unknown>> {
	const { properties } = settingsSchemaOf(form);
	const entries = Object.entries(properties).map(([name, schema]) => [name, valuesOf(schema)] as const);
	return fc.record(Object.fromEntries(entries), { requiredKeys: [], noNullPrototype: true });
}

/** Names of the form beside names of nobody, values it takes beside any. */
function anySettings(form: ConnectorForm): fc.Arbitrary<Record<string, unknown>> {
	const names = Object.keys(settingsSchemaOf(form).properties);
	const name = fc.oneof(
		fc.constantFrom(...names),
		fc.string({ maxLength: 6 }),
		fc.constantFrom("a/b", "a~b", "__proto__"),
	);
	return fc.tuple(validSettings(form), fc.array(fc.tuple(name, json), { maxLength: 4 })).map(([valid, more]) => ({
		...valid,
		...Object.fromEntries(more),
	}));
}

function anyService(form: ConnectorForm): fc.Arbitrary<StoredService> {
	const examples = form.authentications.map(({ idExample }) => idExample);
	const id = fc.oneof(fc.constantFrom(...examples, ...examples.map((text) => ` ${text.toLowerCase()}`)), fc.string());
	const address = fc.oneof(
		fc.constantFrom("", form.serviceConnection.example, "http://127.0.0.1:1/x", "https://u:p@h", "HTTPS://", "x#y"),
		fc.webUrl(),
		fc.string(),
	);
	return fc.record({
		id: fc.constant("S" as ServiceId),
		serviceConnection: address,
		authenticationUrl: fc.option(address, { nil: null }),
		authenticationScope: fc.option(fc.string(), { nil: null }),
		settings: anySettings(form),
		authentications: fc.array(fc.record({ authenticationId: id, secrets: fc.array(fc.string(), { maxLength: 2 }) }), {
			maxLength: 4,
		}),
	});
}

/** What stands at a JSON pointer (RFC 6901); undefined: nothing does. */
function at(value: unknown, pointer: string): unknown {
	return pointer
		.split("/")
		.slice(1)
		.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
		.reduce<unknown>(
			(found, step) =>
				typeof found === "object" && found !== null && Object.hasOwn(found, step)
					? (found as Record<string, unknown>)[step]
					: undefined,
			value,
		);
}

for (const type of serviceTypes()) {
	const connector = connectorOf(type) as Connector<unknown>;
	const { form } = connector.config;

	test(`${type}: settings that are valid stay valid and the same when printed, parsed and filled in (seed ${seed})`, () => {
		fc.assert(
			fc.property(validSettings(form), (settings) => {
				assert.deepEqual(settingsProblems(form, settings), []);
				const read = JSON.parse(JSON.stringify(settings)) as Record<string, unknown>;
				assert.deepEqual(settingsProblems(form, read), []);
				const filled = filledSettings(form, read);
				assert.deepEqual(settingsProblems(form, filled), []);
				assert.deepEqual(filledSettings(form, filled), filled);
				assert.deepEqual({ ...filled, ...read }, filled, "a default never takes the place of a value");
				const common = commonSettings(read);
				assert.deepEqual({ ...filled, ...common }, filled, "the gateway and the form mean the same by a default");
			}),
			runs(200),
		);
	});

	test(`${type}: a setting out of its bounds is a problem of that field and of no other (seed ${seed})`, () => {
		const { properties } = settingsSchemaOf(form);
		fc.assert(
			fc.property(validSettings(form), fc.constantFrom(...Object.keys(properties)), json, (settings, name, value) => {
				const rule = properties[name] ?? {};
				const problems = settingsProblems(form, { ...settings, [name]: value });
				assert.ok(problems.every(({ pointer }) => pointer === `/settings/${name}`));
				assert.ok(problems.every(({ message }) => message.includes(inWords(rule))));
				const isNumeric = rule["type"] === "integer" || rule["type"] === "number";
				assert.ok(problems.length === 1 || !isNumeric || typeof value === "number");
			}),
			runs(300),
		);
	});

	test(`${type}: any service is judged without a throw; each broken rule has one sentence at its field (seed ${seed})`, () => {
		let broken = 0;
		fc.assert(
			fc.property(anyService(form), (service) => {
				const problems = brokenRules(connector.config, service);
				broken += problems.length;
				for (const { pointer, message } of problems) {
					assert.match(
						pointer,
						/^\/(serviceConnection|authenticationUrl|authenticationScope|settings|authentications)/,
					);
					assert.match(message, /^[\p{L}].{8,}\.$/su, `${pointer} ${message}`);
					const field = pointer.startsWith("/settings/")
						? pointer
						: pointer.replace(/\/(?:authenticationId|password)$/, "");
					const isNamed = at(service, field) !== undefined;
					assert.ok(isNamed || pointer in mayBeMissing, `${pointer} is nothing the service has`);
				}
				assert.equal(new Set(problems.map(({ pointer }) => pointer)).size, problems.length);
				assert.ok(missingProofs(form, service).every((sentence) => sentence.endsWith(".")));
				if (problems.length === 0) {
					const obstacle = whyCannotSend(connector, service);
					assert.ok(obstacle === undefined || obstacle.length > 10);
				}
			}),
			runs(400),
		);
		assert.ok(broken > 100, "most of these services break rules");
	});

	test(`${type}: an Authentication ID that was mended fits a rule and needs no more mending (seed ${seed})`, () => {
		const examples = form.authentications.map(({ idExample }) => idExample);
		const written = fc
			.tuple(fc.constantFrom(...examples), fc.constantFrom("", " ", "\n"), fc.integer({ min: 0, max: 2 }))
			.map(([id, space, spelling]) => space + ([id, id.toLowerCase(), id.toUpperCase()][spelling] ?? id) + space);
		fc.assert(
			fc.property(fc.oneof(written, fc.string()), (entered) => {
				const mended = mendAuthenticationId(form, entered);
				assert.deepEqual(mendAuthenticationId(form, mended.authenticationId), {
					authenticationId: mended.authenticationId,
				});
				const isMended = mended.authenticationId !== entered;
				assert.ok(!isMended || (ruleFor(form, mended.authenticationId) !== undefined && mended.note !== undefined));
			}),
			runs(300),
		);
	});
}

/** Fields that a rule may ask for although the service lacks them. */
const mayBeMissing: Readonly<Record<string, true>> = { "/settings/accountSid": true };
