// Which groups each user is a direct member of: asked group by group, of which there are fewer than users.

import { queryOptions, useQuery } from "@tanstack/react-query";
import { rciGetUserGroups, rciGetUserGroupsIdUsers } from "#web/api/rci.ts";
import { shaped } from "#web/api/read.ts";
import { useSession } from "../../shell/session.tsx";

const groupsMax = 50;

const memberships = queryOptions({
	queryKey: shaped(["userGroups"], "ofUsers"),
	async queryFn({ signal }) {
		const { data: groups } = await rciGetUserGroups({ limit: groupsMax }, { signal });
		const members = await Promise.all(
			groups.map(async ({ id, name }) => {
				const { data } = await rciGetUserGroupsIdUsers(id, { limit: 1000 }, { signal });
				return data.map((user) => [user.id, name] as const);
			}),
		);
		const names = new Map<string, string[]>();
		for (const [userId, name] of members.flat()) {
			names.set(userId, [...(names.get(userId) ?? []), name]);
		}
		return names;
	},
});

/** Undefined: one may not see groups, or they are not there yet. */
export function useGroupsOfUsers(): ReadonlyMap<string, readonly string[]> | undefined {
	const { rights } = useSession();
	return useQuery({ ...memberships, enabled: rights.may("view", "userGroup") }).data;
}
