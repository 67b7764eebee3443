// The lists of user groups and of roles.

import { TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { readAll } from "#web/api/read.ts";
import { type Column, ListTable } from "#web/ui/list-table.tsx";
import { PageButton, PageLink } from "#web/ui/page-link.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked, Empty } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { type Bag, keyOf, pathOf, pathOfOne } from "../../blocks/people-objects.ts";
import { filled } from "../../shell/search.ts";
import { useSession } from "../../shell/session.tsx";
import { bagCalls, type BagKind, createNeeds } from "./bag-calls.ts";
import { foundBags, sortedBags } from "./bag-rows.ts";

export function GroupsPage() {
	return <BagsPage kind="userGroup" />;
}

export function RolesPage() {
	return <BagsPage kind="role" />;
}

function BagsPage({ kind }: { kind: BagKind }) {
	const { t } = useTranslation("people");
	const { rights } = useSession();
	const mayAdd = createNeeds[kind].every((access) => rights.may(access, kind, "every"));
	const bags = useQuery(readAll<Bag>([keyOf[kind]], (page, options) => bagCalls[kind].list(page, options)));
	const add = (
		<PageButton to={pathOfOne[kind]} params={{ id: "new" }} leftSection={<IconPlus size={16} aria-hidden />}>
			{t(`bags.${kind}.add`)}
		</PageButton>
	);
	return (
		<Page title={t(`bags.${kind}.title`)} lead={t(`bags.${kind}.lead`)} actions={mayAdd && add}>
			<Asked query={bags}>
				{(list) =>
					list.length === 0 ? (
						<Empty title={t(`bags.${kind}.none`)} action={mayAdd && add}>
							{t(`bags.${kind}.noneLead`)}
						</Empty>
					) : (
						<BagTable kind={kind} bags={list} />
					)
				}
			</Asked>
		</Page>
	);
}

function BagTable({ kind, bags }: { kind: BagKind; bags: readonly Bag[] }) {
	const { t, i18n } = useTranslation("people");
	const { find = "", sort = "name" } = useSearch({ strict: false });
	const navigate = useNavigate();
	const to = pathOf[kind];
	const show = (wanted: { find?: string; sort?: string }) => {
		const next = { find, sort, ...wanted };
		void navigate({ to, search: filled({ ...next, sort: next.sort === "name" ? "" : next.sort }), replace: true });
	};
	const nameOf = (id: string) => bags.find((one) => one.id === id)?.name ?? id;
	const found = sortedBags(foundBags(bags, find), sort, i18n.language);
	const parents: Column<Bag> = {
		key: "parents",
		label: t("bags.parents"),
		cell: (bag) => (bag.parents ?? []).map(nameOf).join(", "),
	};
	const columns: readonly Column<Bag>[] = [
		{
			key: "name",
			label: t("bags.name"),
			isSortable: true,
			cell: ({ id, name }) => (
				<PageLink to={pathOfOne[kind]} params={{ id }}>
					{name}
				</PageLink>
			),
		},
		{ key: "description", label: t("bags.description"), cell: ({ description }) => description },
		...(kind === "userGroup" ? [parents] : []),
		{
			key: "updatedAt",
			label: t("users.changed"),
			isSortable: true,
			cell: ({ updatedAt }) => <Time at={updatedAt} />,
		},
	];
	return (
		<>
			<TextInput
				type="search"
				maw={420}
				aria-label={t(`bags.${kind}.find`)}
				placeholder={t(`bags.${kind}.find`)}
				leftSection={<IconSearch size={16} aria-hidden />}
				value={find}
				onChange={(event) => show({ find: event.currentTarget.value })}
				maxLength={200}
			/>
			{found.length === 0 ? (
				<Empty title={t("nothingFound")} />
			) : (
				<ListTable
					caption={t(`bags.${kind}.title`)}
					rows={found}
					columns={columns}
					rowKey={({ id }) => id}
					sort={sort}
					onSort={(wanted) => show({ sort: wanted })}
					onOpen={({ id }) => void navigate({ to: pathOfOne[kind], params: { id } })}
				/>
			)}
		</>
	);
}
