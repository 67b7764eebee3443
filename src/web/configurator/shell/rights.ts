// What the person may do, from the rights that /me lists. It only decides what is shown: the server decides again.

import type { Access, ObjectType } from "#domain/rights.ts";
import type { Me } from "#web/api/objects.ts";

/** `some`: at least one object; `every`: the whole type, as for making one; or the id of an object. */
type On = "some" | "every" | { id: string };

export type Rights = { may: (access: Access, objectType: ObjectType, on?: On) => boolean };

export function rightsOf(me: Pick<Me, "rights">): Rights {
	return {
		may: (access, objectType, on = "some") =>
			me.rights.some(
				(right) => right.objectType === objectType && allows(right, access) && reaches(right.objectId, on),
			),
	};
}

/** Modify includes View, as the server decides. */
function allows({ access: held }: Me["rights"][number], access: Access): boolean {
	return held.includes(access) || (access === "view" && held.includes("modify"));
}

function reaches(objectId: string | null, on: On): boolean {
	if (objectId === null || on === "some") {
		return true;
	}
	return on !== "every" && on.id === objectId;
}
