// The lists of what is set for chats: one screen for all kinds.

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
import { filled } from "../../shell/search.ts";
import { useSession } from "../../shell/session.tsx";
import { pathOf, pathOfOne } from "./addresses.ts";
import { chatCalls, type ChatKind, type ChatObject } from "./kinds.ts";
import { useNaming } from "./names.ts";

export function QueuesPage() {
	return <ObjectsPage kind="queues" />;
}

export function PromptsPage() {
	return <ObjectsPage kind="prompts" />;
}

export function CalendarsPage() {
	return <ObjectsPage kind="calendars" />;
}

export function SchedulesPage() {
	return <ObjectsPage kind="schedules" />;
}

export function AdHocSchedulesPage() {
	return <ObjectsPage kind="adHocSchedules" />;
}

export function ReplyTemplatesPage() {
	return <ObjectsPage kind="replyTemplates" />;
}

function ObjectsPage({ kind }: { kind: ChatKind }) {
	const { t } = useTranslation("chats");
	const { rights } = useSession();
	const { list, objectType } = chatCalls[kind];
	const mayAdd = rights.may("create", objectType, "every");
	const objects = useQuery(readAll<ChatObject>([kind], (page, options) => list(page, options)));
	const add = (
		<PageButton to={pathOfOne[kind]} params={{ id: "new" }} leftSection={<IconPlus size={16} aria-hidden />}>
			{t(`kinds.${kind}.add`)}
		</PageButton>
	);
	return (
		<Page title={t(`kinds.${kind}.title`)} lead={t(`kinds.${kind}.lead`)} actions={mayAdd && add}>
			<Asked query={objects}>
				{(found) =>
					found.length === 0 ? (
						<Empty title={t(`kinds.${kind}.none`)} action={mayAdd && add}>
							{t(`kinds.${kind}.lead`)}
						</Empty>
					) : (
						<ObjectTable kind={kind} objects={found} />
					)
				}
			</Asked>
		</Page>
	);
}

function ObjectTable({ kind, objects }: { kind: ChatKind; objects: readonly ChatObject[] }) {
	const { t, i18n } = useTranslation("chats");
	const { find = "" } = useSearch({ strict: false });
	const navigate = useNavigate();
	const naming = useNaming(kind);
	const { compare } = new Intl.Collator(i18n.language, { numeric: true, sensitivity: "base" });
	const words = find.toLocaleLowerCase().split(/\s+/).filter(Boolean);
	const rows = objects
		.map((object) => ({ object, name: naming(object) }))
		.filter(({ name }) => words.every((word) => name.toLocaleLowerCase().includes(word)))
		.toSorted((one, other) => compare(one.name, other.name));
	type Row = (typeof rows)[number];
	const columns: readonly Column<Row>[] = [
		{
			key: "name",
			label: t("name"),
			cell: ({ object, name }) => (
				<PageLink to={pathOfOne[kind]} params={{ id: object.id }}>
					{name}
				</PageLink>
			),
		},
		{ key: "what", label: t("what"), cell: ({ object }) => <What kind={kind} object={object} /> },
		{ key: "updatedAt", label: t("changed"), cell: ({ object }) => <Time at={object.updatedAt} /> },
	];
	return (
		<>
			<TextInput
				type="search"
				maw={420}
				aria-label={t("find")}
				placeholder={t("find")}
				leftSection={<IconSearch size={16} aria-hidden />}
				value={find}
				onChange={(event) =>
					void navigate({ to: pathOf[kind], search: filled({ find: event.currentTarget.value }), replace: true })
				}
				maxLength={200}
			/>
			{rows.length === 0 ? (
				<Empty title={t("nothingFound")} />
			) : (
				<ListTable
					caption={t(`kinds.${kind}.title`)}
					rows={rows}
					columns={columns}
					rowKey={({ object }) => object.id}
					onOpen={({ object }) => void navigate({ to: pathOfOne[kind], params: { id: object.id } })}
				/>
			)}
		</>
	);
}

/** What tells one from another at a glance. */
function What({ kind, object }: { kind: ChatKind; object: ChatObject }) {
	const { t } = useTranslation("chats");
	switch (kind) {
		case "queues":
			return <>{(object["addresses"] as string[]).join(", ")}</>;
		case "prompts":
			return <>{t(`promptTypes.${String(object["type"]) as "welcome"}`)}</>;
		case "calendars":
			return <>{t("priorityIs", { priority: object["priority"] })}</>;
		case "schedules":
			return <>{t(`kindsOfSchedules.${String(object["kind"]) as "serviceTimes"}`)}</>;
		case "adHocSchedules":
			return (
				<>
					{t(object["isOpen"] === true ? "open" : "closed")}: <Time at={String(object["from"])} /> –{" "}
					<Time at={String(object["until"])} />
				</>
			);
		case "replyTemplates":
			return <>{String(object["folder"])}</>;
	}
}
