// What an administrator sees of a type: rules that accept their own examples, settings that are closed and explained, a
// service without credentials that says what it lacks, and a README that says where its facts come from.

import type { AuthenticationRule, ConnectorForm, JsonSchema, StoredService } from "#connectors/contract.ts";
import { brokenRules, ownSettingsOf, ruleFor, whyCannotSend } from "#connectors/kit/rules.ts";
import { systemRandom } from "#platform/random.ts";
import { steadyClock, storedOf } from "./stand.ts";
import type { Findings, Subject } from "./subject.ts";

export function formIsComplete({ connector }: Subject): Findings {
	const { form } = connector.config;
	const { serviceConnection } = form;
	const texts = [form.label, form.help, serviceConnection.title, serviceConnection.description, ...form.webhookSteps];
	return [
		...(texts.every((words) => words.trim() !== "") ? [] : ["a text of the form is empty"]),
		...(form.webhookSteps.some((step) => step.includes("{webhookUrl}")) ? [] : ["no step names {webhookUrl}"]),
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

/** What the simulator hands out as its account is a service without fault that can send. */
export async function simulatedAccountFits({ connector, startSimulator }: Subject): Promise<Findings> {
	const simulator = await startSimulator?.({ clock: steadyClock, random: systemRandom });
	if (simulator === undefined) {
		return [`there is no simulator for ${connector.type}`];
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

export function readmeTellsItsSources({ readme }: Subject): Findings {
	return [
		...(/https:\/\/\S+/.test(readme) ? [] : ["the README links to no page of the provider"]),
		...(/\b20\d\d-[01]\d-[0-3]\d\b/.test(readme) ? [] : ["the README does not say when its facts were checked"]),
		...(/attempt id/i.test(readme) ? [] : ["the README does not say where our attempt id travels"]),
	];
}
