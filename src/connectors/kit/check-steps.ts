// What connectors share about checks: findings, questions in order, what an answer says whatever the provider, and
// whether an address that is registered at the provider leads to us.

import { type CheckStep, type CheckStepName, checkSteps, type HttpAnswer } from "../contract.ts";
import { cut } from "./facts.ts";
import { asObject, readJson } from "./http.ts";

export function passed(step: CheckStepName, evidence: string): CheckStep {
	return { step, ok: true, code: "ok", evidence, advice: null };
}

/** Nothing that stops messages, yet something to know: shown with its code and advice, and the check goes on. */
export function noted(step: CheckStepName, code: string, evidence: string, advice: string): CheckStep {
	return { step, ok: true, code, evidence, advice };
}

export function failed(step: CheckStepName, code: string, evidence: string, advice: string): CheckStep {
	return { step, ok: false, code, evidence, advice };
}

export type Question = () => Promise<readonly CheckStep[]> | readonly CheckStep[];

/** One question after the other; the first that finds something wrong is the last. */
export async function askInOrder(questions: readonly Question[]): Promise<readonly CheckStep[]> {
	const steps: CheckStep[] = [];
	for (const question of questions) {
		const found = await question();
		steps.push(...found);
		if (found.some(({ ok }) => !ok)) {
			break;
		}
	}
	return steps;
}

const shownMax = 20; // Of one kind: a service may have a thousand senders, and nobody reads a thousand lines.

/** The same question about each of several senders. What is wrong comes first; what is too much to read is left out. */
export async function askEach<Subject>(
	subjects: readonly Subject[],
	ask: (subject: Subject) => Promise<readonly CheckStep[]>,
): Promise<readonly CheckStep[]> {
	const found = (await Promise.all(subjects.map(ask))).flat();
	return found.toSorted((one, other) => Number(one.ok) - Number(other.ok)).slice(0, shownMax);
}

/** Of what was found side by side, the findings about the step that comes first: the others build on it. */
export function foremost(found: readonly CheckStep[]): readonly CheckStep[] {
	const first = checkSteps.find((name) => found.some(({ step }) => step === name));
	return found.filter(({ step }) => step === first).slice(0, shownMax);
}

type Fields = Readonly<Record<string, unknown>>;
/** `fields` is empty where a refusal brought no JSON object. */
export type Told = { ok: true; status: number; fields: Fields } | { ok: false; step: CheckStep };

/** An answer as far as it can be read without knowing the provider: a JSON object, or a refusal with or without one. */
export function toldBy(provider: string, step: CheckStepName, answer: HttpAnswer): Told {
	if (answer.kind !== "answered") {
		const evidence = `${provider} did not answer the question (${answer.why}).`;
		const advice = "Try again; then look for a proxy or firewall that lets some calls pass and others not.";
		return { ok: false, step: failed(step, "provider_silent", evidence, advice) };
	}
	const { status } = answer;
	const fields = asObject(readJson(answer.body));
	const trouble = troubleOf(status, fields !== undefined);
	if (trouble === undefined) {
		return { ok: true, status, fields: fields ?? {} };
	}
	const [code, says, advice] = trouble;
	return { ok: false, step: failed(step, code, `${provider} ${says} (HTTP ${status}).`, advice) };
}

function troubleOf(status: number, isReadable: boolean): [code: string, says: string, advice: string] | undefined {
	if (status >= 500) {
		return ["provider_in_trouble", "has trouble of its own", "Wait, and look at the provider's status page."];
	}
	if (status === 429) {
		return ["throttled", "asks for fewer calls", "Wait some minutes; see which other program uses the same account."];
	}
	if (status >= 300 && status < 400) {
		return ["api_elsewhere", "points to another address", "Enter the address of the API itself as Service Connection."];
	}
	return status < 300 && !isReadable
		? ["not_the_api", "answers with something that is not its API", "Correct Service Connection, or see to the proxy."]
		: undefined;
}

/** A refusal that names nothing we know. `said`: the provider's own words, without secrets. */
export function refusal(provider: string, step: CheckStepName, status: number, said = ""): CheckStep {
	const words = said === "" ? "" : `: ${cut(said, 200)}`;
	const evidence = `${provider} refuses the question (HTTP ${status})${words}.`;
	return failed(step, "refused", evidence, "Correct Service Connection and the authentications, then check again.");
}

/** Whether an address entered at the provider leads to this service: by its own address, or by that of its whole type. */
export function leadsTo(webhookUrl: string, registered: string): boolean {
	const ours = URL.parse(webhookUrl);
	const theirs = URL.parse(registered);
	if (ours === null || theirs === null) {
		return false;
	}
	const places = [ours.pathname, ours.pathname.replace(/[^/]+$/, "all")];
	return theirs.origin === ours.origin && places.includes(theirs.pathname);
}

/** An address registered at the provider for people's eyes: without query, fragment and credentials. */
export function shownUrl(registered: string): string {
	const url = URL.parse(registered);
	return url === null ? "an address that cannot be read" : cut(`${url.origin}${url.pathname}`, 200);
}
