// Who or what belongs to something: groups of a user, members of a group, roles of either. Added and removed one by one.

import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { idempotent, type Key, read } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Block } from "#web/ui/block.tsx";
import { SaveError } from "#web/ui/form/saving.tsx";
import { type Column, ListTable } from "#web/ui/list-table.tsx";
import { tell } from "#web/ui/notice.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Asked } from "#web/ui/states.tsx";
import { useNames } from "./object-names.ts";
import { type HolderKind, pathOfOne, type Reference } from "./people-objects.ts";

type List = (
	page: { limit: number },
	options: { signal: AbortSignal },
) => Promise<{ data: Reference[]; headers: Headers }>;

type MembershipsProps = {
	title: string;
	lead?: string;
	/** Said in place of an empty list. */
	empty: string;
	memberKind: HolderKind;
	queryKey: Key;
	list: List;
	add: (id: string, options: RequestInit) => Promise<unknown>;
	remove: (id: string) => Promise<unknown>;
	/** Undefined: whether any may be added at all. */
	mayChange: (memberId?: string) => boolean;
	/** Why nothing can be changed here. */
	readOnlyBecause: string;
};

export function Memberships(props: MembershipsProps) {
	const { t } = useTranslation("people");
	const renew = useRenew();
	const members = useQuery(read(props.queryKey, (options) => props.list({ limit: 1000 }, options)));
	const change = useMutation({
		mutationFn: ({ id, isAdded }: Reference & { isAdded: boolean }) =>
			isAdded ? props.add(id, idempotent()) : props.remove(id),
		async onSuccess(_answer, { id, name, isAdded }) {
			await renew("users", "userGroups", "roles");
			if (isAdded) {
				tell(t("members.added", { name }));
			} else {
				tell(t("members.removed", { name }), () => change.mutate({ id, name, isAdded: true }));
			}
		},
	});
	return (
		<Block title={props.title} lead={props.lead}>
			<SaveError error={change.error} />
			<Asked query={members} rows={2}>
				{({ body }) => (
					<Stack>
						<MemberTable
							{...props}
							members={body}
							isBusy={change.isPending}
							onRemove={(one) => change.mutate({ ...one, isAdded: false })}
						/>
						{props.mayChange() ? (
							<AddMember
								{...props}
								members={body}
								isBusy={change.isPending}
								onAdd={(one) => change.mutate({ ...one, isAdded: true })}
							/>
						) : (
							<Text size="sm" c="dimmed">
								{props.readOnlyBecause}
							</Text>
						)}
					</Stack>
				)}
			</Asked>
		</Block>
	);
}

type Part = MembershipsProps & { members: readonly Reference[]; isBusy: boolean };

function MemberTable({
	title,
	empty,
	memberKind,
	mayChange,
	members,
	isBusy,
	onRemove,
}: Part & { onRemove: (one: Reference) => void }) {
	const { t } = useTranslation("people");
	if (members.length === 0) {
		return (
			<Text c="dimmed" size="sm">
				{empty}
			</Text>
		);
	}
	const columns: readonly Column<Reference>[] = [
		{
			key: "name",
			label: t(`kinds.${memberKind}`),
			cell: ({ id, name }) => (
				<PageLink to={pathOfOne[memberKind]} params={{ id }}>
					{name}
				</PageLink>
			),
		},
		{
			key: "remove",
			label: t("members.remove"),
			cell: (one) =>
				mayChange(one.id) && (
					<Button
						size="compact-sm"
						variant="default"
						disabled={isBusy}
						onClick={() => onRemove(one)}
						aria-label={t("members.removeNamed", { name: one.name })}
					>
						{t("members.remove")}
					</Button>
				),
		},
	];
	return <ListTable caption={title} rows={members} columns={columns} rowKey={({ id }) => id} />;
}

function AddMember({ memberKind, mayChange, members, isBusy, onAdd }: Part & { onAdd: (one: Reference) => void }) {
	const { t } = useTranslation("people");
	const [chosen, setChosen] = useState<string | null>(null);
	const names = useNames(memberKind);
	const free = names.filter(({ id }) => mayChange(id) && !members.some((member) => member.id === id));
	const one = free.find(({ id }) => id === chosen);
	return (
		<Group align="flex-end" gap="xs">
			<Select
				flex="1 1 14rem"
				maw={420}
				label={t(`members.add.${memberKind}`)}
				placeholder={free.length === 0 ? t("members.noMore") : t("rights.choose")}
				data={free.map(({ id, name }) => ({ value: id, label: name }))}
				value={one === undefined ? null : chosen}
				onChange={setChosen}
				searchable
				clearable
				nothingFoundMessage={t("nothingFound")}
				disabled={free.length === 0}
			/>
			<Button
				variant="default"
				disabled={one === undefined}
				loading={isBusy}
				onClick={() => {
					if (one !== undefined) {
						onAdd(one);
						setChosen(null);
					}
				}}
			>
				{t("members.addVerb")}
			</Button>
		</Group>
	);
}
