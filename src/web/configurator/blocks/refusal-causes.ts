// Refusals of a service by cause: what was refused, and what enforcing would have refused. Pure.

import type { ServiceHealth } from "#web/api/objects.ts";

export type Refusal = ServiceHealth["refusals"][number];
type Fate = "refused" | "wouldBe";
export type Cause = { reason: string; refused: number; wouldBe: number; total: number; lastAt: string };

function fateOf({ mode }: Pick<Refusal, "mode">): Fate {
	return mode === "enforce" ? "refused" : "wouldBe";
}

export function countOf(refusals: readonly Refusal[], fate: Fate): number {
	return refusals.filter((one) => fateOf(one) === fate).reduce((sum, { count }) => sum + count, 0);
}

/** The most frequent first. */
export function causesOf(refusals: readonly Refusal[]): readonly Cause[] {
	const reasons = [...new Set(refusals.map(({ reason }) => reason))];
	return reasons
		.map((reason) => {
			const same = refusals.filter((one) => one.reason === reason);
			const [refused, wouldBe] = [countOf(same, "refused"), countOf(same, "wouldBe")];
			const lastAt =
				same
					.map((one) => one.lastAt)
					.toSorted()
					.at(-1) ?? "";
			return { reason, refused, wouldBe, total: refused + wouldBe, lastAt };
		})
		.toSorted((one, other) => other.total - one.total);
}

const knownReasons = [
	"http_credentials_missing",
	"http_credentials_wrong",
	"logon_throttled",
	"no_right_to_use",
	"signature_missing",
	"signature_mismatch",
	"clock_skew",
	"key_unknown",
	"secrets_locked",
	"no_lock",
	"foreign_account",
	"verify_token_wrong",
	"handshake_incomplete",
	"replay",
	"busy",
	"unknown_service",
] as const;
type KnownReason = (typeof knownReasons)[number];

/** Undefined: a newer server's, shown as the code it is. */
export function knownReason(reason: string): KnownReason | undefined {
	return knownReasons.find((one) => one === reason);
}
