// One user group or role: Basics, members, roles, rights. `new` is the form.

import { Button, Stack, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Answer, read } from "#web/api/read.ts";
import { Page } from "#web/ui/page.tsx";
import { Failed, Loading } from "#web/ui/states.tsx";
import { type Bag, keyOf, pathOf, pathOfOne } from "../../blocks/people-objects.ts";
import { RightsEditor } from "../../blocks/rights-editor.tsx";
import { bagCalls, type BagKind } from "./bag-calls.ts";
import { BagBasics } from "./basics.tsx";
import { DeleteBag } from "./delete-bag.tsx";
import { GroupMembers, GroupRoles, RoleHolders } from "./members.tsx";
import { NewBag } from "./new-bag.tsx";

export function GroupPage() {
	const { id } = useParams({ from: "/userGroups/$id" });
	return <BagPage key={id} kind="userGroup" id={id} />;
}

export function RolePage() {
	const { id } = useParams({ from: "/roles/$id" });
	return <BagPage key={id} kind="role" id={id} />;
}

type Which = { kind: BagKind; id: string };

function BagPage({ kind, id }: Which) {
	return id === "new" ? <NewBag kind={kind} /> : <StoredBag kind={kind} id={id} />;
}

function StoredBag({ kind, id }: Which) {
	const { t } = useTranslation("people");
	const bag = useQuery(read<Bag>([keyOf[kind], id], (options) => bagCalls[kind].get(id, options)));
	if (bag.data !== undefined) {
		return <BagScreen kind={kind} answer={bag.data} />;
	}
	return (
		<Page title={t(`kinds.${kind}`)} crumbs={[{ label: t(`bags.${kind}.title`), to: pathOf[kind] }]}>
			{bag.isError ? <Failed error={bag.error} again={() => void bag.refetch()} /> : <Loading />}
		</Page>
	);
}

const tabs = { userGroup: ["basics", "members", "roles", "rights"], role: ["basics", "members", "rights"] } as const;
type Tab = (typeof tabs)["userGroup"][number];

function BagScreen({ kind, answer }: { kind: BagKind; answer: Answer<Bag> }) {
	const { t } = useTranslation("people");
	const { tab } = useSearch({ strict: false });
	const navigate = useNavigate();
	const [asks, setAsks] = useState(false);
	const bag = answer.body;
	const mayDelete = bag.allowed.includes("delete") && bag.allowed.includes("view");
	const show = (chosen: string | null) =>
		void navigate({
			to: pathOfOne[kind],
			params: { id: bag.id },
			search: chosen === null || chosen === "basics" ? {} : { tab: chosen },
			replace: true,
		});
	return (
		<Page
			title={bag.name}
			lead={bag.description === "" ? t(`kinds.${kind}`) : bag.description}
			crumbs={[{ label: t(`bags.${kind}.title`), to: pathOf[kind] }]}
			actions={
				mayDelete && (
					<Button variant="default" onClick={() => setAsks(true)}>
						{t("delete")}
					</Button>
				)
			}
		>
			<Tabs value={tabs[kind].find((one) => one === tab) ?? "basics"} onChange={show}>
				<Tabs.List>
					{tabs[kind].map((name) => (
						<Tabs.Tab key={name} value={name}>
							{t(`bags.tabs.${name}`)}
						</Tabs.Tab>
					))}
				</Tabs.List>
				{tabs[kind].map((name) => (
					<Tabs.Panel key={name} value={name} pt="md">
						<Stack>
							<BagPanel name={name} kind={kind} answer={answer} />
						</Stack>
					</Tabs.Panel>
				))}
			</Tabs>
			<DeleteBag kind={kind} answer={answer} isOpen={asks} onClose={() => setAsks(false)} />
		</Page>
	);
}

function BagPanel({ name, kind, answer }: { name: Tab; kind: BagKind; answer: Answer<Bag> }) {
	const { id, name: bagName } = answer.body;
	switch (name) {
		case "basics":
			return <BagBasics kind={kind} answer={answer} />;
		case "members":
			return kind === "userGroup" ? <GroupMembers id={id} /> : <RoleHolders id={id} />;
		case "roles":
			return <GroupRoles id={id} />;
		case "rights":
			return <RightsEditor holder={{ kind, id }} name={bagName} startsWith={["view"]} />;
	}
}
