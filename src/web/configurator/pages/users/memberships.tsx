// Block Groups and roles of a user.

import { useTranslation } from "react-i18next";
import {
	rciDeleteUsersIdRolesMemberId,
	rciDeleteUsersIdUserGroupsMemberId,
	rciGetUsersIdRoles,
	rciGetUsersIdUserGroups,
	rciPostUsersIdRoles,
	rciPostUsersIdUserGroups,
} from "#web/api/rci.ts";
import { Memberships } from "../../blocks/memberships.tsx";
import type { User } from "../../blocks/people-objects.ts";
import { useSession } from "../../shell/session.tsx";

export function UserMemberships({ user: { id } }: { user: User }) {
	const { t } = useTranslation("people");
	const { rights } = useSession();
	const mayChange = (kind: "userGroup" | "role") => (memberId?: string) =>
		rights.may("manageMembers", kind, memberId === undefined ? "some" : { id: memberId });
	return (
		<>
			{rights.may("view", "userGroup") && (
				<Memberships
					title={t("members.groups")}
					lead={t("members.groupsLead")}
					empty={t("members.noGroups")}
					memberKind="userGroup"
					queryKey={["users", id, "userGroups"]}
					list={(page, options) => rciGetUsersIdUserGroups(id, page, options)}
					add={(groupId, options) => rciPostUsersIdUserGroups(id, { id: groupId }, options)}
					remove={(groupId) => rciDeleteUsersIdUserGroupsMemberId(id, groupId)}
					mayChange={mayChange("userGroup")}
					readOnlyBecause={t("members.needsManage.userGroup")}
				/>
			)}
			{rights.may("view", "role") && (
				<Memberships
					title={t("members.roles")}
					lead={t("members.rolesLead")}
					empty={t("members.noRoles")}
					memberKind="role"
					queryKey={["users", id, "roles"]}
					list={(page, options) => rciGetUsersIdRoles(id, page, options)}
					add={(roleId, options) => rciPostUsersIdRoles(id, { id: roleId }, options)}
					remove={(roleId) => rciDeleteUsersIdRolesMemberId(id, roleId)}
					mayChange={mayChange("role")}
					readOnlyBecause={t("members.needsManage.role")}
				/>
			)}
		</>
	);
}
