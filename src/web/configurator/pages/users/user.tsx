// One user: Basics, Authentication, Groups and roles, Rights with where they come from, API tokens. `new` is the form.

import { Button, Stack, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rciGetUsersId } from "#web/api/rci.ts";
import { type Answer, read } from "#web/api/read.ts";
import { Caution } from "#web/ui/caution.tsx";
import { Page } from "#web/ui/page.tsx";
import { Failed, Loading } from "#web/ui/states.tsx";
import { fullName, type User } from "../../blocks/people-objects.ts";
import { useSession } from "../../shell/session.tsx";
import { AuthenticationBlock } from "./authentication.tsx";
import { BasicsBlock } from "./basics.tsx";
import { DeleteUser } from "./delete-user.tsx";
import { EffectiveRights, useUsedServices } from "./effective-rights.tsx";
import { UserMemberships } from "./memberships.tsx";
import { UserState } from "./list.tsx";
import { NewUser } from "./new-user.tsx";
import { UserRights } from "./rights.tsx";
import { UserTokens } from "./tokens.tsx";

export function UserPage() {
	const { id } = useParams({ from: "/users/$id" });
	return id === "new" ? <NewUser /> : <StoredUser key={id} id={id} />;
}

function StoredUser({ id }: { id: string }) {
	const { t } = useTranslation("people");
	const user = useQuery(read(["users", id], (options) => rciGetUsersId(id, options)));
	if (user.data !== undefined) {
		return <UserScreen answer={user.data} />;
	}
	return (
		<Page title={t("users.one")} crumbs={[{ label: t("users.title"), to: "/users" }]}>
			{user.isError ? <Failed error={user.error} again={() => void user.refetch()} /> : <Loading />}
		</Page>
	);
}

function UserScreen({ answer }: { answer: Answer<User> }) {
	const { t } = useTranslation("people");
	const [asks, setAsks] = useState(false);
	const user = answer.body;
	const mayDelete = user.allowed.includes("delete") && user.allowed.includes("view");
	return (
		<Page
			title={fullName(user)}
			lead={t(user.externalUser ? "users.externalOf" : "users.personOf", { login: user.login })}
			crumbs={[{ label: t("users.title"), to: "/users" }]}
			mark={<UserState user={user} />}
			actions={
				mayDelete && (
					<Button variant="default" onClick={() => setAsks(true)}>
						{t("delete")}
					</Button>
				)
			}
		>
			<ReusedAccount user={user} />
			<UserTabs answer={answer} />
			<DeleteUser answer={answer} isOpen={asks} onClose={() => setAsks(false)} />
		</Page>
	);
}

/** Whoever knows the password of such an account can do more than call in. */
function ReusedAccount({ user }: { user: User }) {
	const { t } = useTranslation("people");
	const { me } = useSession();
	const services = useUsedServices(user.id, !user.externalUser);
	const named = services?.filter(({ isByAdministration }) => !isByAdministration) ?? [];
	if (named.length === 0 || me.externalUser) {
		return null;
	}
	return (
		<Caution title={t("reused.title")}>
			{t("reused.lead", { services: named.map(({ name }) => name).join(", ") })}
		</Caution>
	);
}

const tabs = ["basics", "authentication", "groups", "rights", "tokens"] as const;

function UserTabs({ answer }: { answer: Answer<User> }) {
	const { t } = useTranslation("people");
	const { tab } = useSearch({ from: "/users/$id" });
	const navigate = useNavigate();
	const user = answer.body;
	const panels = {
		basics: <BasicsBlock answer={answer} />,
		authentication: <AuthenticationBlock answer={answer} />,
		groups: <UserMemberships user={user} />,
		rights: (
			<>
				<UserRights user={user} />
				<EffectiveRights userId={user.id} />
			</>
		),
		tokens: <UserTokens user={user} />,
	};
	return (
		<Tabs
			value={tabs.find((one) => one === tab) ?? "basics"}
			onChange={(chosen) =>
				void navigate({
					to: "/users/$id",
					params: { id: user.id },
					search: chosen === null || chosen === "basics" ? {} : { tab: chosen },
					replace: true,
				})
			}
		>
			<Tabs.List>
				{tabs.map((name) => (
					<Tabs.Tab key={name} value={name}>
						{t(`blocks.${name}`)}
					</Tabs.Tab>
				))}
			</Tabs.List>
			{tabs.map((name) => (
				<Tabs.Panel key={name} value={name} pt="md">
					<Stack>{panels[name]}</Stack>
				</Tabs.Panel>
			))}
		</Tabs>
	);
}
