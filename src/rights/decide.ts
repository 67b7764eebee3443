// The one answer to "may they?": a pure function over grants. Routes, rows, the menu and the webhooks' HTTP users ask here.

import type { Access, Grant, ObjectType } from "#domain/rights.ts";

export type Decision = { allowed: true; by: Grant } | { allowed: false; reason: string };

/** Which objects of a type are asked about: one, all of them, or whether there is any at all (for lists). */
export type Reach = "every" | "some" | { id: string };

export type Asked = { objectType: ObjectType; on: Reach };

export function decide(grants: readonly Grant[], access: Access, asked: Asked): Decision {
	const by = grants.find((grant) => covers(grant, access, asked));
	return by === undefined
		? { allowed: false, reason: `Needs the right ${capitalised(inWords(access))} on ${spoken(asked)}.` }
		: { allowed: true, by };
}

/** Ids of the objects a list may show: `every`, or those named by grants. */
export function visibleObjects(
	grants: readonly Grant[],
	access: Access,
	objectType: ObjectType,
): "every" | readonly string[] {
	const fitting = grants.filter((grant) => grant.objectType === objectType && allows(grant, access));
	return fitting.some((grant) => grant.objectId === null)
		? "every"
		: [...new Set(fitting.flatMap((grant) => grant.objectId ?? []))];
}

function covers(grant: Grant, access: Access, asked: Asked): boolean {
	if (grant.objectType !== asked.objectType || !allows(grant, access)) {
		return false;
	}
	if (grant.objectId === null || asked.on === "some") {
		return true;
	}
	return asked.on !== "every" && grant.objectId === asked.on.id;
}

/** Modify includes View, as in the original. Delete does not: it needs View besides, which the routes state. */
function allows(grant: Grant, access: Access): boolean {
	return grant.access.includes(access) || (access === "view" && grant.access.includes("modify"));
}

function spoken(asked: Asked): string {
	return `${typeof asked.on === "string" ? asked.on : "this"} ${inWords(asked.objectType)}`;
}

/** As people read it: manageContactHistory is “manage contact history”. */
function inWords(name: Access | ObjectType): string {
	return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function capitalised(words: string): string {
	return words.charAt(0).toUpperCase() + words.slice(1);
}
