// People and external users: found by name, logon name, address or group, and sorted by what the columns say.

import { Group, SegmentedControl, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { rciGetUsers } from "#web/api/rci.ts";
import { readAll } from "#web/api/read.ts";
import { Chip } from "#web/ui/chip.tsx";
import { type Column, ListTable } from "#web/ui/list-table.tsx";
import { PageButton, PageLink } from "#web/ui/page-link.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked, Empty } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { fullName, type User } from "../../blocks/people-objects.ts";
import { filled } from "../../shell/search.ts";
import { useSession } from "../../shell/session.tsx";
import { foundUsers, sortedUsers, type UserRow } from "./user-rows.ts";

const all = readAll<UserRow>(["users"], (page, options) => rciGetUsers(page, options));

export function UsersPage() {
	const { t } = useTranslation("people");
	const { rights } = useSession();
	const mayAdd = rights.may("create", "user", "every");
	const users = useQuery(all);
	return (
		<Page title={t("users.title")} lead={t("users.lead")} actions={mayAdd && <AddButtons />}>
			<Filters />
			<Asked query={users}>{(list) => <UserTable users={list} />}</Asked>
		</Page>
	);
}

function AddButtons() {
	const { t } = useTranslation("people");
	const plus = <IconPlus size={16} aria-hidden />;
	return (
		<>
			<PageButton
				to="/users/$id"
				params={{ id: "new" }}
				search={{ external: "1" }}
				leftSection={plus}
				variant="default"
			>
				{t("users.addExternal")}
			</PageButton>
			<PageButton to="/users/$id" params={{ id: "new" }} leftSection={plus}>
				{t("users.add")}
			</PageButton>
		</>
	);
}

const kinds = ["all", "person", "external"] as const;

function Filters() {
	const { t } = useTranslation("people");
	const search = useSearch({ from: "/users" });
	const navigate = useNavigate();
	const show = (wanted: { find?: string; kind?: string }) => {
		void navigate({ to: "/users", search: filled({ ...search, ...wanted }), replace: true });
	};
	return (
		<Group gap="sm">
			<TextInput
				type="search"
				flex="1 1 14rem"
				maw={420}
				aria-label={t("users.find")}
				placeholder={t("users.find")}
				leftSection={<IconSearch size={16} aria-hidden />}
				value={search.find ?? ""}
				onChange={(event) => show({ find: event.currentTarget.value })}
				maxLength={200}
			/>
			<SegmentedControl
				aria-label={t("users.kind")}
				data={kinds.map((value) => ({ value, label: t(`users.kinds.${value}`) }))}
				value={kinds.find((one) => one === search.kind) ?? "all"}
				onChange={(kind) => show({ kind: kind === "all" ? "" : kind })}
			/>
		</Group>
	);
}

function UserTable({ users }: { users: readonly UserRow[] }) {
	const { t, i18n } = useTranslation("people");
	const { find = "", kind, sort = "name" } = useSearch({ from: "/users" });
	const navigate = useNavigate();
	const { rights } = useSession();
	const columns = useColumns(rights.may("view", "userGroup"));
	const found = sortedUsers(foundUsers(users, find, kind), sort, i18n.language);
	if (found.length === 0) {
		return <Empty title={t("users.none")}>{t("users.noneLead")}</Empty>;
	}
	return (
		<ListTable
			caption={t("users.title")}
			rows={found}
			columns={columns}
			rowKey={({ id }) => id}
			sort={sort}
			onSort={(wanted) => void navigate({ to: "/users", search: (before) => ({ ...before, sort: wanted }) })}
			onOpen={({ id }) => void navigate({ to: "/users/$id", params: { id } })}
		/>
	);
}

function useColumns(hasGroups: boolean): readonly Column<UserRow>[] {
	const { t } = useTranslation("people");
	const groups: Column<UserRow> = {
		key: "groups",
		label: t("users.groups"),
		cell: (row) => row.userGroups.map(({ name }) => name).join(", "),
		isWideOnly: true,
	};
	return [
		{
			key: "name",
			label: t("users.name"),
			isSortable: true,
			cell: (row) => (
				<PageLink to="/users/$id" params={{ id: row.id }}>
					{fullName(row)}
				</PageLink>
			),
		},
		{ key: "login", label: t("users.login"), isSortable: true, cell: ({ login }) => login },
		{
			key: "kind",
			label: t("users.kind"),
			isSortable: true,
			cell: ({ externalUser }) => t(externalUser ? "users.external" : "users.person"),
		},
		{ key: "state", label: t("users.state"), isSortable: true, cell: (row) => <UserState user={row} /> },
		...(hasGroups ? [groups] : []),
		{
			key: "updatedAt",
			label: t("users.changed"),
			isSortable: true,
			cell: ({ updatedAt }) => <Time at={updatedAt} />,
		},
	];
}

export function UserState({ user }: { user: User }) {
	const { t } = useTranslation("people");
	if (!user.enabled) {
		return <Chip tone="paused">{t("states.disabled")}</Chip>;
	}
	return user.passwordSet ? (
		<Chip tone="good">{t("states.enabled")}</Chip>
	) : (
		<Chip tone="warning" title={t("states.noPasswordWhy")}>
			{t("states.noPassword")}
		</Chip>
	);
}
