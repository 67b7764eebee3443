// Members and roles of a group, and who holds a role.

import { useTranslation } from "react-i18next";
import {
	rciDeleteUserGroupsIdRolesMemberId,
	rciDeleteUserGroupsIdUsersMemberId,
	rciDeleteUsersIdRolesMemberId,
	rciGetRolesIdUserGroups,
	rciGetRolesIdUsers,
	rciGetUserGroupsIdRoles,
	rciGetUserGroupsIdUsers,
	rciPostUserGroupsIdRoles,
	rciPostUserGroupsIdUsers,
	rciPostUsersIdRoles,
} from "#web/api/rci.ts";
import { Memberships } from "../../blocks/memberships.tsx";
import { useSession } from "../../shell/session.tsx";

export function GroupMembers({ id }: { id: string }) {
	const { t } = useTranslation("people");
	const { rights } = useSession();
	return (
		<Memberships
			title={t("members.users")}
			lead={t("members.usersLead")}
			empty={t("members.noUsers")}
			memberKind="user"
			queryKey={["userGroups", id, "users"]}
			list={(page, options) => rciGetUserGroupsIdUsers(id, page, options)}
			add={(userId, options) => rciPostUserGroupsIdUsers(id, { id: userId }, options)}
			remove={(userId) => rciDeleteUserGroupsIdUsersMemberId(id, userId)}
			mayChange={() => rights.may("manageMembers", "userGroup", { id })}
			readOnlyBecause={t("members.needsManage.userGroup")}
		/>
	);
}

export function GroupRoles({ id }: { id: string }) {
	const { t } = useTranslation("people");
	const { rights } = useSession();
	return (
		<Memberships
			title={t("members.roles")}
			lead={t("members.groupRolesLead")}
			empty={t("members.noRoles")}
			memberKind="role"
			queryKey={["userGroups", id, "roles"]}
			list={(page, options) => rciGetUserGroupsIdRoles(id, page, options)}
			add={(roleId, options) => rciPostUserGroupsIdRoles(id, { id: roleId }, options)}
			remove={(roleId) => rciDeleteUserGroupsIdRolesMemberId(id, roleId)}
			mayChange={(roleId) => rights.may("manageMembers", "role", roleId === undefined ? "some" : { id: roleId })}
			readOnlyBecause={t("members.needsManage.role")}
		/>
	);
}

/** The interface gives and takes a role at the side of who holds it. */
export function RoleHolders({ id }: { id: string }) {
	const { t } = useTranslation("people");
	const { rights } = useSession();
	const mayChange = () => rights.may("manageMembers", "role", { id });
	return (
		<>
			<Memberships
				title={t("members.roleGroups")}
				lead={t("members.roleGroupsLead")}
				empty={t("members.noRoleGroups")}
				memberKind="userGroup"
				queryKey={["roles", id, "userGroups"]}
				list={(page, options) => rciGetRolesIdUserGroups(id, page, options)}
				add={(groupId, options) => rciPostUserGroupsIdRoles(groupId, { id }, options)}
				remove={(groupId) => rciDeleteUserGroupsIdRolesMemberId(groupId, id)}
				mayChange={mayChange}
				readOnlyBecause={t("members.needsManage.role")}
			/>
			<Memberships
				title={t("members.roleUsers")}
				lead={t("members.roleUsersLead")}
				empty={t("members.noRoleUsers")}
				memberKind="user"
				queryKey={["roles", id, "users"]}
				list={(page, options) => rciGetRolesIdUsers(id, page, options)}
				add={(userId, options) => rciPostUsersIdRoles(userId, { id }, options)}
				remove={(userId) => rciDeleteUsersIdRolesMemberId(userId, id)}
				mayChange={mayChange}
				readOnlyBecause={t("members.needsManage.role")}
			/>
		</>
	);
}
