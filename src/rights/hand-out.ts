// Nobody hands out what they do not hold: the pure rule behind grants, roles, memberships, and passwords and tokens of
// others.

import { type Access, type Grant, type ObjectType, accessesOf, administeredTypes } from "#domain/rights.ts";
import { decide } from "./decide.ts";

/** Those who may manage the rights of every one of these may hand out anything. */
const masters: readonly ObjectType[] = ["user", "userGroup", "role"];

/** The first grant that `holder` does not hold completely, reduced to what is missing; undefined: all are held. */
export function notHeld(holder: readonly Grant[], asked: readonly Grant[]): Grant | undefined {
	if (mayHandOutAnything(holder)) {
		return undefined;
	}
	for (const grant of asked) {
		const on = grant.objectId === null ? "every" : { id: grant.objectId };
		const access = grant.access.filter((one) => !decide(holder, one, { objectType: grant.objectType, on }).allowed);
		if (access.length > 0) {
			return { ...grant, access };
		}
	}
	return undefined;
}

/** Else nobody could hand out the rights of an object type that came with an upgrade. */
export function mayHandOutAnything(holder: readonly Grant[]): boolean {
	return masters.every((objectType) => decide(holder, "manageRights", { objectType, on: "every" }).allowed);
}

/** An administrator: every access on every object of every type that is not given separately. */
export function holdsEveryRight(grants: readonly Grant[]): boolean {
	return administeredTypes.every((objectType) =>
		accessesOf[objectType].every((access) => decide(grants, access, { objectType, on: "every" }).allowed),
	);
}

const configured: readonly ObjectType[] = [...masters, "messagingService", "smsServer", "authenticationPolicy"];
const configuring: readonly Access[] = ["create", "modify", "delete", "manageRights", "manageMembers"];

/** Whoever can change what is configured, be it one object: the policy asks more of them. */
export function isAdministrative(grants: readonly Grant[]): boolean {
	return grants.some(
		({ objectType, access }) => configured.includes(objectType) && access.some((one) => configuring.includes(one)),
	);
}
