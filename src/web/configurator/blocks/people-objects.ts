// Users, groups, roles and their rights as the screens of User and Role Management know them.

import type { Access, ObjectType } from "#domain/rights.ts";
import type {
	RciGetApiTokens200Item,
	RciGetUserGroupsId200,
	RciGetUsersId200,
	RciGetUsersIdEffectiveRights200Item,
	RciGetUsersIdRights200Item,
} from "#web/api/rci.ts";

export type User = RciGetUsersId200;
export type Bag = RciGetUserGroupsId200;
export type ApiToken = RciGetApiTokens200Item;
export type EffectiveRight = RciGetUsersIdEffectiveRights200Item;
export type GivenRight = RciGetUsersIdRights200Item;
export type HolderKind = "user" | "userGroup" | "role";
export type Reference = { id: string; name: string };
export type { Access, ObjectType };

/** Where all of them are shown, and where one of them is. */
export const pathOf = { user: "/users", userGroup: "/userGroups", role: "/roles" } as const;
export const pathOfOne = { user: "/users/$id", userGroup: "/userGroups/$id", role: "/roles/$id" } as const;
/** The first word of the keys of what was asked about them. */
export const keyOf = { user: "users", userGroup: "userGroups", role: "roles" } as const;

export function fullName({ firstName, surname }: Pick<User, "firstName" | "surname">): string {
	return `${firstName} ${surname}`.trim();
}
