// The rights that a user, a group or a role holds itself: three resources of the same shape.

import {
	rciGetRolesIdRights,
	rciGetUserGroupsIdRights,
	rciGetUsersIdRights,
	rciPutRolesIdRights,
	rciPutUserGroupsIdRights,
	rciPutUsersIdRights,
} from "#web/api/rci.ts";
import { type Answer, ifMatch, read } from "#web/api/read.ts";
import { type GivenRight, type HolderKind, keyOf } from "./people-objects.ts";

export type Holder = { kind: HolderKind; id: string };

const calls = {
	user: { get: rciGetUsersIdRights, put: rciPutUsersIdRights },
	userGroup: { get: rciGetUserGroupsIdRights, put: rciPutUserGroupsIdRights },
	role: { get: rciGetRolesIdRights, put: rciPutRolesIdRights },
} as const;

export function rightsQuery({ kind, id }: Holder) {
	return read<GivenRight[]>([keyOf[kind], id, "rights"], (options) => calls[kind].get(id, options));
}

/** On the version it had when the editing began. */
export async function putRights(
	{ kind, id }: Holder,
	stored: Answer<readonly GivenRight[]>,
	rights: GivenRight[],
): Promise<void> {
	await calls[kind].put(id, rights, ifMatch(stored.etag));
}
