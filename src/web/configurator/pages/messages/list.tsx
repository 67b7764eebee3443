// The message explorer: any id, number or word, narrowed by what a message has; newest first.

import { Anchor, Button, Group, Select, TextInput } from "@mantine/core";
import { IconArrowDownLeft, IconArrowUpRight } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiGetMessages, type CmiGetMessagesParams } from "#web/api/cmi.ts";
import type { Message } from "#web/api/objects.ts";
import { rciGetMessagingServices } from "#web/api/rci.ts";
import { read, readPages } from "#web/api/read.ts";
import { type Column, ListTable } from "#web/ui/list-table.tsx";
import { Page } from "#web/ui/page.tsx";
import { Pages } from "#web/ui/pages.tsx";
import { Empty } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { MessageState } from "../../blocks/message-state.tsx";

const states = [
	...(["received", "matched", "parked", "queued", "sending", "sent"] as const),
	...(["delivered", "read", "failed", "expired", "held"] as const),
];
const snippetMax = 120;

export function MessagesPage() {
	const { t } = useTranslation("messages");
	const search = useSearch({ from: "/messages" });
	const navigate = useNavigate();
	const columns = useColumns();
	const messages = useInfiniteQuery(
		readPages(["messages", search], (cursor, options) =>
			cmiGetMessages({ ...(search as CmiGetMessagesParams), ...cursor, limit: 100 }, options),
		),
	);
	return (
		<Page title={t("title")} lead={t("lead")}>
			<Filters key={search.find ?? ""} />
			<Pages query={messages} empty={<Empty title={t("none")}>{t("noneNext")}</Empty>}>
				{(rows) => (
					<ListTable
						caption={t("title")}
						rows={rows}
						columns={columns}
						rowKey={({ id }) => id}
						onOpen={({ id }) => void navigate({ to: "/messages/$id", params: { id } })}
					/>
				)}
			</Pages>
		</Page>
	);
}

function Filters() {
	const { t } = useTranslation("messages");
	const search = useSearch({ from: "/messages" });
	const navigate = useNavigate();
	const [find, setFind] = useState(search.find ?? "");
	const services = useQuery(
		read(["services", "names"], (options) => rciGetMessagingServices({ limit: 1000 }, options)),
	);
	const change = (part: Partial<typeof search>) =>
		void navigate({
			to: "/messages",
			search: Object.fromEntries(Object.entries({ ...search, ...part }).filter(([, value]) => value !== "")),
		});
	const select = (name: "direction" | "state", values: readonly string[], label: (value: string) => string) => (
		<Select
			label={t(`filters.${name}`)}
			placeholder={t("filters.any")}
			data={values.map((value) => ({ value, label: label(value) }))}
			value={search[name] ?? null}
			onChange={(value) => change({ [name]: value ?? "" })}
			clearable
			w={170}
		/>
	);
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				change({ find: find.trim() });
			}}
		>
			<Group align="flex-end" gap="sm">
				<TextInput
					label={t("filters.find")}
					value={find}
					onChange={(event) => setFind(event.currentTarget.value)}
					maxLength={200}
					flex="1 1 16rem"
				/>
				<Select
					label={t("filters.service")}
					placeholder={t("filters.any")}
					data={(services.data?.body ?? []).map(({ id, name }) => ({ value: id, label: name }))}
					value={search.service ?? null}
					onChange={(service) => change({ service: service ?? "" })}
					clearable
					searchable
					w={220}
				/>
				{select("direction", ["in", "out"], (value) => t(`directions.${value as "in" | "out"}`))}
				{select("state", states, (value) => t(`states.${value as Message["state"]}`))}
				<Button type="submit">{t("filters.search")}</Button>
			</Group>
		</form>
	);
}

function useColumns(): readonly Column<Message>[] {
	const { t } = useTranslation("messages");
	return [
		{ key: "receivedAt", label: t("columns.time"), cell: ({ receivedAt }) => <Time at={receivedAt} /> },
		{
			key: "direction",
			label: t("columns.direction"),
			cell: ({ direction }) => {
				const Icon = direction === "in" ? IconArrowDownLeft : IconArrowUpRight;
				return (
					<Group gap={4} wrap="nowrap">
						<Icon size={16} aria-hidden />
						{t(`directions.${direction}`)}
					</Group>
				);
			},
		},
		{
			key: "text",
			label: t("columns.text"),
			cell: ({ id, text }) => (
				<Anchor renderRoot={(props) => <Link to="/messages/$id" params={{ id }} {...props} />}>
					<bdi>{text === "" ? t("noText") : text.slice(0, snippetMax)}</bdi>
				</Anchor>
			),
		},
		{ key: "from", label: t("columns.from"), cell: ({ from }) => <bdi>{from}</bdi> },
		{ key: "to", label: t("columns.to"), cell: ({ to }) => <bdi>{to}</bdi> },
		{ key: "service", label: t("columns.service"), cell: ({ serviceName }) => serviceName ?? t("deletedService") },
		{ key: "state", label: t("columns.state"), cell: ({ state }) => <MessageState state={state} /> },
		{ key: "error", label: t("columns.error"), cell: ({ error }) => error?.detail ?? error?.code ?? "" },
	];
}
