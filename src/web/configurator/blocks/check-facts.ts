// A check as words: how each step ended, what to do next, and the text that is sent to support. Pure.

import type { ServiceCheck } from "#web/api/objects.ts";

export type Step = ServiceCheck["steps"][number];
/** `noted`: it is well, but something should be looked at. */
export type StepResult = "passed" | "noted" | "failed";

export function resultOf({ ok, advice }: Pick<Step, "ok" | "advice">): StepResult {
	if (!ok) {
		return "failed";
	}
	return advice === null ? "passed" : "noted";
}

/** The one thing to do next: what the first failed step advises, or else the first note. */
export function nextOf(steps: readonly Step[]): Step | undefined {
	return steps.find(({ ok }) => !ok) ?? steps.find(({ advice }) => advice !== null);
}

const knownSteps = [
	"address",
	"dns",
	"tls",
	"clock",
	"region",
	"credentials",
	"scope",
	"sender",
	"webhook",
	"publicUrl",
] as const;
type KnownStep = (typeof knownSteps)[number];

export function knownStep(step: string): KnownStep | undefined {
	return knownSteps.find((one) => one === step);
}

/** In English whatever the page speaks, since support reads it. The evidence holds no secrets. */
export function reportOf(check: ServiceCheck, service: { type: string; name: string }): string {
	const lines = [
		`Parley check ${check.id}`,
		`Messaging service ${check.service} (${service.type}) "${service.name}"`,
		`Asked ${check.askedAt}, ${check.finishedAt === null ? "not finished" : `finished ${check.finishedAt}`}: ${check.ok ? "passed" : "not passed"}`,
		...check.steps.flatMap((step) => [
			`${{ passed: "[ok]  ", noted: "[note]", failed: "[FAIL]" }[resultOf(step)]} ${step.step} (${step.code}): ${step.evidence}`,
			...(step.advice === null ? [] : [`       ${step.advice}`]),
		]),
	];
	return lines.join("\n");
}
