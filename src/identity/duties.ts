// What a person must do before anything else, by the authentication policy: pure. Providers' external users have no
// duties, because nobody sits there who could do them.

import type { Grant } from "#domain/rights.ts";
import { isAdministrative } from "#rights/hand-out.ts";
import type { AuthenticationPolicy } from "#storage/authentication-policy.ts";
import type { Credentials } from "#storage/people.ts";

export type Duty = "changePassword" | "enrolSecondFactor";

const dayMs = 24 * 3_600_000;

export function dutyOf(
	user: Credentials,
	grants: readonly Grant[],
	policy: AuthenticationPolicy,
	now: Date,
): Duty | null {
	if (user.externalUser) {
		return null;
	}
	const isOthers = policy.initialPasswordMustBeChanged && user.passwordIsInitial;
	if (isOthers || isExpired(user, policy, now)) {
		return "changePassword";
	}
	return !user.hasSecondFactor && needsSecondFactor(grants, policy) ? "enrolSecondFactor" : null;
}

function isExpired({ passwordChangedAt }: Credentials, { passwordExpiryDays }: AuthenticationPolicy, now: Date) {
	if (passwordExpiryDays === 0 || passwordChangedAt === null) {
		return false;
	}
	return now.getTime() - passwordChangedAt.getTime() >= passwordExpiryDays * dayMs;
}

function needsSecondFactor(grants: readonly Grant[], { secondFactorRequired }: AuthenticationPolicy): boolean {
	switch (secondFactorRequired) {
		case "nobody":
			return false;
		case "administrators":
			return isAdministrative(grants);
		case "everybody":
			return true;
	}
}
