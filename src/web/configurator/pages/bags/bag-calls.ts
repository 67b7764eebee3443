// User groups and roles are read and changed alike; here is what each of them is called at the interface.

import {
	rciDeleteRolesId,
	rciDeleteUserGroupsId,
	rciGetRoles,
	rciGetRolesId,
	rciGetUserGroups,
	rciGetUserGroupsId,
	rciPatchRolesId,
	rciPatchUserGroupsId,
	rciPostRoles,
	rciPostUserGroups,
} from "#web/api/rci.ts";

export type BagKind = "userGroup" | "role";

export const bagCalls = {
	userGroup: {
		list: rciGetUserGroups,
		get: rciGetUserGroupsId,
		post: rciPostUserGroups,
		patch: rciPatchUserGroupsId,
		remove: rciDeleteUserGroupsId,
	},
	role: {
		list: rciGetRoles,
		get: rciGetRolesId,
		post: rciPostRoles,
		patch: rciPatchRolesId,
		remove: rciDeleteRolesId,
	},
} as const;

/** A new group may be put below others and be given rights, so making one asks for these rights too. */
export const createNeeds = {
	userGroup: ["create", "manageRights", "manageMembers"],
	role: ["create"],
} as const;
