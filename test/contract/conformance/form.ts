// What an administrator sees of a type: rules that accept their own examples, settings that are closed and explained, a
// service without credentials that says what it lacks, and a README that says where its facts come from.

import { isDeepStrictEqual } from "node:util";
import type { AuthenticationRule, ConnectorForm, JsonSchema, StoredService } from "#connectors/contract.ts";
import { brokenRules, ownSettingsOf, ruleFor, whyCannotSend } from "#connectors/kit/rules.ts";
import { commonSettingsDefaults } from "#domain/service-settings.ts";
import { systemClock } from "#platform/clock.ts";
import { systemRandom } from "#platform/random.ts";
import { steadyClock, storedOf } from "./stand.ts";
import { type Findings, noSimulator, type Subject } from "./subject.ts";

export function formIsComplete({ connector }: Subject): Findings {
	const { form } = connector.config;
	const { serviceConnection } = form;
	const texts = [form.label, form.help, serviceConnection.title, serviceConnection.description, ...form.webhookSteps];
	return [
		...(texts.every((words) => words.trim() !== "") ? [] : ["a text of the form is empty"]),
		...(form.webhookSteps.some((step) => step.includes("{webhookUrl}")) !== (connector.line === undefined)
			? [connector.line === undefined ? "no step names {webhookUrl}" : "a step names a {webhookUrl} that nobody calls"]
			: []),
		...form.authentications.flatMap((rule) => wrongRule(form, rule)),
		...openSettings(form),
		...unsoundCapabilities(connector.capabilities.text.max),
		...examplesAreTaken(connector.config, serviceConnection.example),
	];
}

function wrongRule(form: ConnectorForm, rule: AuthenticationRule): Findings {
	const mended = rule.normalise?.(rule.idExample).authenticationId ?? rule.idExample;
	const texts = [rule.role, rule.idLabel, rule.secretLabel, rule.description, rule.idShape];
	return [
		...(/^\^.*\$$/.test(rule.idPattern) ? [] : [`the pattern of ${rule.role} is not anchored`]),
		...(new RegExp(rule.idPattern, "u").test(mended) ? [] : [`${rule.role} refuses its own example ${mended}`]),
		...(ruleFor(form, mended)?.role === rule.role ? [] : [`another rule takes the example of ${rule.role}`]),
		...(rule.min >= 0 && rule.min <= rule.max && rule.max >= 1
			? []
			: [`${rule.role} wants ${rule.min} to ${rule.max}`]),
		...(texts.every((words) => words.trim() !== "") ? [] : [`a text of the rule ${rule.role} is empty`]),
	];
}

function openSettings(form: ConnectorForm): Findings {
	const { settings } = form;
	const isClosed = settings["type"] === "object" && settings["additionalProperties"] === false;
	return [
		...(isClosed ? [] : ["the settings take what is not described"]),
		...Object.entries(ownSettingsOf(form)).flatMap(([name, schema]) => unexplained(name, schema)),
	];
}

function unexplained(name: string, schema: JsonSchema): Findings {
	const isTold = (key: string): boolean => typeof schema[key] === "string" && schema[key] !== "";
	return [
		...["title", "description"].filter((key) => !isTold(key)).map((key) => `the setting ${name} has no ${key}`),
		...("default" in schema ? [] : [`the setting ${name} has no default`]),
	];
}

function unsoundCapabilities(textMax: number): Findings {
	return Number.isInteger(textMax) && textMax > 0 ? [] : ["the greatest length of a text is no number of letters"];
}

/** A service made of the examples that the form shows breaks none of its own rules. */
function examplesAreTaken(config: Subject["connector"]["config"], serviceConnection: string): Findings {
	const { form } = config;
	const settings = Object.fromEntries(
		Object.entries(ownSettingsOf(form)).map(([name, schema]) => [name, schema["default"]]),
	);
	return brokenRules(config, { ...emptyService, serviceConnection, settings }).map(
		({ pointer, message }) => `the form's own examples and defaults break a rule: ${pointer} ${message}`,
	);
}

const emptyService: StoredService = storedOf({
	serviceConnection: "",
	authentications: [],
	settings: {},
	ourAddress: "",
});

/** Without any authentication a service is a draft: read without an error, and it says what to do next. */
export function draftIsBorne({ connector }: Subject): Findings {
	const drafts = [
		emptyService,
		{ ...emptyService, serviceConnection: connector.config.form.serviceConnection.example },
	];
	return drafts.flatMap((draft) => {
		try {
			const config = connector.config.parse(draft);
			const why = connector.cannotSend(config);
			const isSentence = why !== undefined && /^\p{Lu}.{10,}\.$/u.test(why);
			return isSentence ? [] : [`a service without authentications says about sending: ${String(why)}`];
		} catch (error) {
			return [`a service without authentications is not read: ${String(error)}`];
		}
	});
}

/** What the connector reads of a service is in its form, and what is in its form makes a difference. */
export async function formCoversConfig(subject: Subject): Promise<Findings> {
	const { startSimulator } = subject;
	const simulator = await startSimulator?.({ clock: steadyClock, random: systemRandom });
	if (simulator === undefined) {
		return [noSimulator(subject)];
	}
	const service = storedOf(simulator.account);
	await simulator.close();
	return [...undescribed(subject, service), ...idleRules(subject, service), ...idleSettings(subject, service)];
}

function undescribed({ connector: { config } }: Subject, service: StoredService): Findings {
	const { form } = config;
	const described = new Set([...Object.keys(ownSettingsOf(form)), ...Object.keys(commonSettingsDefaults)]);
	const readSettings = new Set<string>();
	const readFields = new Set<string>();
	const settings = watched(service.settings, readSettings);
	const seen = watched({ ...service, settings }, readFields);
	config.parse(seen);
	config.check?.(seen);
	const ofOauth = ["authenticationUrl", "authenticationScope"].filter((name) => readFields.has(name));
	return [
		...[...readSettings]
			.filter((name) => !described.has(name))
			.map((name) => `the setting ${name} is read, and the form does not describe it`),
		...(form.usesAuthenticationUrl ? [] : ofOauth.map((name) => `${name} is read, and the form does not ask for it`)),
	];
}

function watched<T extends object>(target: T, read: Set<string>): T {
	return new Proxy(target, {
		get(inner, name): unknown {
			read.add(String(name));
			return Reflect.get(inner, name);
		},
	});
}

function idleRules({ connector: { config } }: Subject, service: StoredService): Findings {
	const { form } = config;
	return form.authentications.flatMap((rule) => {
		const others = service.authentications.filter(
			({ authenticationId }) => ruleFor(form, authenticationId)?.role !== rule.role,
		);
		const authenticationId = rule.normalise?.(rule.idExample).authenticationId ?? rule.idExample;
		const entry = { authenticationId, secrets: ["a-secret-of-its-own"] };
		const isNoticed = [others, []].some((beside) =>
			differ(config, { ...service, authentications: beside }, { ...service, authentications: [...beside, entry] }),
		);
		return isNoticed ? [] : [`an authentication of the rule ${rule.role} changes nothing`];
	});
}

/** Asked of the settings whose values the form lists: yes or no, and one of several. */
function idleSettings({ connector: { config } }: Subject, service: StoredService): Findings {
	return Object.entries(ownSettingsOf(config.form)).flatMap(([name, schema]) => {
		const [first, ...others] = valuesOf(schema).map((value) => ({
			...service,
			settings: { ...service.settings, [name]: value },
		}));
		return first === undefined || others.every((other) => differ(config, first, other))
			? []
			: [`the setting ${name} changes nothing`];
	});
}

function valuesOf(schema: JsonSchema): readonly unknown[] {
	const choices = Array.isArray(schema["anyOf"]) ? (schema["anyOf"] as readonly JsonSchema[]) : [];
	const listed: readonly unknown[] = Array.isArray(schema["enum"]) ? schema["enum"] : [];
	return schema["type"] === "boolean"
		? [true, false]
		: [...listed, ...choices.filter((choice) => "const" in choice).map((choice) => choice["const"])];
}

function differ({ parse }: Subject["connector"]["config"], one: StoredService, other: StoredService): boolean {
	return !isDeepStrictEqual(parse(one), parse(other));
}

/** What the simulator hands out as its account is a service without fault that can send. */
export async function simulatedAccountFits(subject: Subject): Promise<Findings> {
	const { connector, startSimulator } = subject;
	const simulator = await startSimulator?.({ clock: steadyClock, random: systemRandom });
	if (simulator === undefined) {
		return [noSimulator(subject)];
	}
	const service = storedOf(simulator.account);
	await simulator.close();
	const why = whyCannotSend(connector, service);
	return [
		...brokenRules(connector.config, service).map(
			({ pointer, message }) => `the simulated account: ${pointer} ${message}`,
		),
		...(why === undefined ? [] : [`the simulated account cannot send: ${why}`]),
		...(simulator.type === connector.type ? [] : [`the simulator says it is ${simulator.type}`]),
	];
}

const links = /https:\/\/\S+/g;
const day = /\b20\d\d-[01]\d-[0-3]\d\b/g;

/** A link without a day is no source: the two stand in one paragraph. */
export function readmeTellsItsSources({ readme }: Subject): Findings {
	const sources = readme.split(/\n\s*\n/).filter((paragraph) => paragraph.match(links) !== null);
	// A link may have a version in it that looks like a day.
	const days = sources.flatMap((paragraph) => paragraph.replaceAll(links, "").match(day) ?? []);
	const tomorrow = systemClock.now().getTime() + 86_400_000;
	const isDay = (text: string): boolean => Date.parse(text) < tomorrow;
	return [
		...(sources.length > 0 ? [] : ["the README links to no page of the provider"]),
		...(days.length > 0 ? [] : ["the README does not say when its facts were checked, in the paragraph of the links"]),
		...days.filter((text) => !isDay(text)).map((text) => `the README has sources of ${text}, which is no day so far`),
		...(/attempt id/i.test(readme) ? [] : ["the README does not say where our attempt id travels"]),
	];
}
