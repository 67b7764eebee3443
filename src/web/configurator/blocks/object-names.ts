// What objects are called, for choosing one and for telling which one a right is about.

import { useQueries, useQuery } from "@tanstack/react-query";
import { rciGetApiTokens, rciGetMessagingServices, rciGetRoles, rciGetUserGroups, rciGetUsers } from "#web/api/rci.ts";
import { readAll } from "#web/api/read.ts";
import { useSession } from "../shell/session.tsx";
import { fullName, type ObjectType, type Reference } from "./people-objects.ts";

/** Object types whose objects have rights one by one. */
export const namedTypes = ["messagingService", "user", "userGroup", "role", "apiToken"] as const;
export type NamedType = (typeof namedTypes)[number];

export function isNamedType(objectType: ObjectType): objectType is NamedType {
	return (namedTypes as readonly ObjectType[]).includes(objectType);
}

const sources = {
	messagingService: readAll<Reference>(["services", "names"], (page, options) =>
		rciGetMessagingServices({ ...page, sort: "name" }, options),
	),
	user: readAll<Reference>(["users", "names"], async (page, options) => {
		const { data } = await rciGetUsers(page, options);
		return { data: data.map((user) => ({ id: user.id, name: `${fullName(user)} (${user.login})` })) };
	}),
	userGroup: readAll<Reference>(["userGroups", "names"], (page, options) => rciGetUserGroups(page, options)),
	role: readAll<Reference>(["roles", "names"], (page, options) => rciGetRoles(page, options)),
	apiToken: readAll<Reference>(["apiTokens", "names"], (page, options) => rciGetApiTokens(page, options)),
} as const;

/** Those that the person may view; none while they are not there yet. */
export function useNames(objectType: NamedType, isWanted = true): readonly Reference[] {
	const { rights } = useSession();
	return useQuery({ ...sources[objectType], enabled: isWanted && rights.may("view", objectType) }).data ?? [];
}

export type NameOf = (objectType: ObjectType, id: string) => string | undefined;

export function useNameOf(objectTypes: readonly ObjectType[]): NameOf {
	const { rights } = useSession();
	const wanted = namedTypes.filter((one) => objectTypes.includes(one) && rights.may("view", one));
	const answers = useQueries({ queries: wanted.map((objectType) => sources[objectType]) });
	return (objectType, id) =>
		answers[wanted.findIndex((one) => one === objectType)]?.data?.find((one) => one.id === id)?.name;
}
