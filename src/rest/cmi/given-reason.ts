// Who has something tried again or released, and why: the same for the ledger of the message and for the audit log.

import type { PersonsAct } from "#storage/events.ts";
import type { AnyContext } from "../route.ts";

export function actOf({ principal }: Pick<AnyContext, "principal">, because: string | undefined): PersonsAct {
	return {
		...(principal === undefined ? {} : { user: principal.login }),
		...(because === undefined ? {} : { because }),
	};
}

/** Of an audited change. Not called reason: so is called why the object waits. */
export function givenBecause(because: string | undefined): { after?: { because: string } } {
	return because === undefined ? {} : { after: { because } };
}
