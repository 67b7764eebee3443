// The question before a group or role is deleted, with who loses something by it.

import { List, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { rciGetRolesIdUserGroups, rciGetRolesIdUsers, rciGetUserGroupsIdUsers } from "#web/api/rci.ts";
import { type Answer, ifMatch, read } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Confirm } from "#web/ui/confirm.tsx";
import { tell } from "#web/ui/notice.tsx";
import { type Bag, keyOf, pathOf } from "../../blocks/people-objects.ts";
import { useSession } from "../../shell/session.tsx";
import { bagCalls, type BagKind } from "./bag-calls.ts";

type Props = { kind: BagKind; answer: Answer<Bag>; isOpen: boolean; onClose: () => void };

export function DeleteBag({ kind, answer: { body: bag, etag }, isOpen, onClose }: Props) {
	const { t } = useTranslation("people");
	const queries = useQueryClient();
	const renew = useRenew();
	const navigate = useNavigate();
	return (
		<Confirm
			isOpen={isOpen}
			title={t("users.deleteTitle", { name: bag.name })}
			verb={t("delete")}
			isDangerous
			onConfirm={async () => {
				await bagCalls[kind].remove(bag.id, ifMatch(etag));
				await navigate({ to: pathOf[kind] });
				queries.removeQueries({ queryKey: [keyOf[kind], bag.id] });
				await renew(keyOf[kind]);
				tell(t("users.deleted", { name: bag.name }));
			}}
			onClose={onClose}
		>
			<Text>{t(`bags.${kind}.deleteLead`)}</Text>
			<Losers kind={kind} id={bag.id} />
		</Confirm>
	);
}

function Losers({ kind, id }: { kind: BagKind; id: string }) {
	const { t } = useTranslation("people");
	const { rights } = useSession();
	const mayCount = rights.may("view", "user");
	const users = useQuery({
		...read([keyOf[kind], id, "users"], (options) =>
			kind === "userGroup"
				? rciGetUserGroupsIdUsers(id, { limit: 1000 }, options)
				: rciGetRolesIdUsers(id, { limit: 1000 }, options),
		),
		enabled: mayCount,
	});
	const groups = useQuery({
		...read(["roles", id, "userGroups"], (options) => rciGetRolesIdUserGroups(id, { limit: 1000 }, options)),
		enabled: kind === "role" && rights.may("view", "userGroup"),
	});
	return (
		<List mt="xs" size="sm">
			{users.data !== undefined && <List.Item>{t("bags.users", { count: users.data.body.length })}</List.Item>}
			{groups.data !== undefined && <List.Item>{t("bags.groups", { count: groups.data.body.length })}</List.Item>}
		</List>
	);
}
