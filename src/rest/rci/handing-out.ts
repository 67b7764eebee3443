// Two rules that guard every change of who holds what: nobody hands out what they do not hold, and somebody must stay
// who holds every right.

import type { Grant } from "#domain/rights.ts";
import { Problem } from "#platform/problems.ts";
import { holdsEveryRight, notHeld } from "#rights/hand-out.ts";
import { effectiveGrants, usersHolding } from "#storage/grants.ts";
import { lockUntilCommit } from "#storage/lock.ts";
import type { Db, Tx } from "#storage/storage.ts";
import type { AnyContext } from "../route.ts";

type Caller = Pick<AnyContext, "caller">;

export function demandHeld(ctx: Caller, grants: readonly Grant[]): void {
	const missing = notHeld(ctx.caller().grants, grants);
	if (missing !== undefined) {
		const object = missing.objectId === null ? `every ${missing.objectType}` : `one ${missing.objectType}`;
		throw new Problem(
			"forbidden",
			`You cannot hand out what you do not hold: ${missing.access.join(", ")} on ${object}.`,
		);
	}
}

/** Who sets another user's password, or makes a token for them, can act as them: so must hold all that they hold. */
export async function demandNotAbove(ctx: Caller, db: Db, userId: string): Promise<void> {
	if (ctx.caller().userId !== userId) {
		demandHeld(ctx, await effectiveGrants(db, userId));
	}
}

/** Runs the change; takes all of it back when it would leave nobody with every right where there was somebody. */
export async function keepingAnAdministrator<T>(tx: Tx, change: () => Promise<T>): Promise<T> {
	await lockUntilCommit(tx, "rights");
	const wasThere = await hasAdministrator(tx);
	const result = await change();
	if (wasThere && !(await hasAdministrator(tx))) {
		throw new Problem(
			"conflict",
			"This would leave nobody with every right. Make another administrator first, who can sign in.",
		);
	}
	return result;
}

async function hasAdministrator(db: Db): Promise<boolean> {
	const possible = await usersHolding(db, { objectType: "role", access: "manageRights" });
	for (const user of possible.filter(({ externalUser, hasPersonPassword }) => !externalUser && hasPersonPassword)) {
		if (holdsEveryRight(await effectiveGrants(db, user.id))) {
			return true;
		}
	}
	return false;
}
