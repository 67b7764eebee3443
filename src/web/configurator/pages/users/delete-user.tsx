// The question before a user is deleted, with what goes along.

import { List, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { rciDeleteUsersId } from "#web/api/rci.ts";
import { type Answer, ifMatch } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Confirm } from "#web/ui/confirm.tsx";
import { tell } from "#web/ui/notice.tsx";
import { fullName, type User } from "../../blocks/people-objects.ts";
import { useUsedServices } from "./effective-rights.tsx";
import { tokensOf } from "./tokens.tsx";

type Props = { answer: Answer<User>; isOpen: boolean; onClose: () => void };

export function DeleteUser({ answer: { body: user, etag }, isOpen, onClose }: Props) {
	const { t } = useTranslation("people");
	const queries = useQueryClient();
	const renew = useRenew();
	const navigate = useNavigate();
	const name = fullName(user);
	return (
		<Confirm
			isOpen={isOpen}
			title={t("users.deleteTitle", { name })}
			verb={t("delete")}
			isDangerous
			onConfirm={async () => {
				await rciDeleteUsersId(user.id, ifMatch(etag));
				await navigate({ to: "/users" });
				queries.removeQueries({ queryKey: ["users", user.id] });
				await renew("users");
				tell(t("users.deleted", { name }));
			}}
			onClose={onClose}
		>
			<Dependents user={user} />
		</Confirm>
	);
}

function Dependents({ user }: { user: User }) {
	const { t } = useTranslation("people");
	const tokens = useQuery(tokensOf(user.id));
	const services = useUsedServices(user.id, user.externalUser) ?? [];
	return (
		<>
			<Text>{t("users.deleteLead")}</Text>
			<List mt="xs" size="sm">
				<List.Item>{t("users.deleteTokens", { count: tokens.data?.length ?? 0 })}</List.Item>
				{services.length > 0 && (
					<List.Item>{t("users.deleteServices", { services: services.map(({ name }) => name).join(", ") })}</List.Item>
				)}
				<List.Item>{t("users.deleteRecords")}</List.Item>
			</List>
		</>
	);
}
