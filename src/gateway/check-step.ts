// What a step of a check tells, of the questions that the gateway asks by itself.

import type { CheckStep, CheckStepName } from "#connectors/contract.ts";

export function passed(step: CheckStepName, evidence: string): CheckStep {
	return { step, ok: true, code: "ok", evidence, advice: null };
}

export function failed(step: CheckStepName, code: string, evidence: string, advice: string): CheckStep {
	return { step, ok: false, code, evidence, advice };
}
