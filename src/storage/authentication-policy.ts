// The authentication policy of the installation: what an administrator set, over the defaults. It is remembered under the
// revision of the configuration, so every node keeps a change with its next call.

import type { Db, Storage, Tx } from "./storage.ts";

export type AuthenticationPolicy = {
	minimumPasswordLength: number;
	/** 0: never. */
	passwordExpiryDays: number;
	/** A password that somebody else chose. */
	initialPasswordMustBeChanged: boolean;
	secondFactorRequired: "nobody" | "administrators" | "everybody";
	sessionIdleMinutes: number;
	sessionAbsoluteHours: number;
};

export type SessionSettings = { idleMinutes: number; absoluteHours: number };

export type PolicyRead = {
	policy: AuthenticationPolicy;
	/** What was set here; the others have their default, sessions' times that of the settings file. */
	set: Partial<AuthenticationPolicy>;
	/** Rises with every change; 0 before the first. */
	version: number;
};

function defaultPolicy({ idleMinutes, absoluteHours }: SessionSettings): AuthenticationPolicy {
	return {
		minimumPasswordLength: 12,
		passwordExpiryDays: 0,
		initialPasswordMustBeChanged: true,
		secondFactorRequired: "nobody",
		sessionIdleMinutes: idleMinutes,
		sessionAbsoluteHours: absoluteHours,
	};
}

export async function readPolicy(db: Db, session: SessionSettings): Promise<PolicyRead> {
	const row = await db.selectFrom("authentication_policy").selectAll().executeTakeFirst();
	const set = row === undefined ? {} : (JSON.parse(row.policy) as Partial<AuthenticationPolicy>);
	return { policy: { ...defaultPolicy(session), ...set }, set, version: row?.version ?? 0 };
}

/** For every call: read anew only after a change of what is configured. */
export async function presentPolicy(
	storage: Pick<Storage, "remembered">,
	session: SessionSettings,
): Promise<AuthenticationPolicy> {
	return (await storage.remembered("authentication policy", (db) => readPolicy(db, session))).policy;
}

/** False: somebody else changed it since `version`. */
export async function writePolicy(tx: Tx, version: number, set: Partial<AuthenticationPolicy>): Promise<boolean> {
	const policy = JSON.stringify(set);
	if (version === 0) {
		const made = await tx
			.insertInto("authentication_policy")
			.values({ id: 1, policy, version: 1 })
			.onConflict((conflict) => conflict.column("id").doNothing())
			.returning("id")
			.executeTakeFirst();
		return made !== undefined;
	}
	const { numUpdatedRows } = await tx
		.updateTable("authentication_policy")
		.set({ policy, version: version + 1 })
		.where("version", "=", version)
		.executeTakeFirstOrThrow();
	return numUpdatedRows === 1n;
}
