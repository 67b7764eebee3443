// The event webhooks: where each goes, how it does, and what was delivered last.

import { Stack, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { cmiGetSubscriptions } from "#web/api/cmi.ts";
import { readAll } from "#web/api/read.ts";
import { type Column, ListTable } from "#web/ui/list-table.tsx";
import { PageButton, PageLink } from "#web/ui/page-link.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked, Empty } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { filled } from "../../shell/search.ts";
import { useSession } from "../../shell/session.tsx";
import { countedGroups, type Subscription } from "./event-groups.ts";
import { HookChip, HookReason } from "./state-chip.tsx";

const askEveryMs = 5000; // What is delivered changes nothing that a live event tells of.

export function EventWebhooksPage() {
	const { t } = useTranslation("subscriptions");
	const { rights } = useSession();
	const mayAdd = rights.may("create", "eventSubscription", "every");
	const hooks = useQuery({
		...readAll<Subscription>(["subscriptions"], (page, options) => cmiGetSubscriptions(page, options)),
		refetchInterval: askEveryMs,
	});
	const add = (
		<PageButton to="/eventWebhooks/$id" params={{ id: "new" }} leftSection={<IconPlus size={16} aria-hidden />}>
			{t("add")}
		</PageButton>
	);
	return (
		<Page title={t("title")} lead={t("lead")} actions={mayAdd && add} error={hooks.error}>
			<Asked query={hooks}>
				{(found) =>
					found.length === 0 ? (
						<Empty title={t("none")} action={mayAdd && add}>
							{mayAdd ? t("noneLead") : t("mayNotCreate")}
						</Empty>
					) : (
						<HookTable hooks={found} />
					)
				}
			</Asked>
		</Page>
	);
}

function HookTable({ hooks }: { hooks: readonly Subscription[] }) {
	const { t, i18n } = useTranslation("subscriptions");
	const { find = "" } = useSearch({ from: "/eventWebhooks" });
	const navigate = useNavigate();
	const columns = useColumns();
	const { compare } = new Intl.Collator(i18n.language, { numeric: true, sensitivity: "base" });
	const words = find.toLocaleLowerCase().split(/\s+/).filter(Boolean);
	const rows = hooks
		.filter(({ name, url }) => words.every((word) => `${name} ${url}`.toLocaleLowerCase().includes(word)))
		.toSorted((one, other) => compare(one.name, other.name));
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
					void navigate({ to: "/eventWebhooks", search: filled({ find: event.currentTarget.value }), replace: true })
				}
				maxLength={200}
			/>
			{rows.length === 0 ? (
				<Empty title={t("nothingFound")} />
			) : (
				<ListTable
					caption={t("title")}
					rows={rows}
					columns={columns}
					rowKey={({ id }) => id}
					onOpen={({ id }) => void navigate({ to: "/eventWebhooks/$id", params: { id } })}
				/>
			)}
		</>
	);
}

function useColumns(): readonly Column<Subscription>[] {
	const { t } = useTranslation("subscriptions");
	return [
		{
			key: "name",
			label: t("fields.name.title"),
			cell: ({ id, name }) => (
				<PageLink to="/eventWebhooks/$id" params={{ id }}>
					<bdi>{name}</bdi>
				</PageLink>
			),
			width: "16%",
		},
		{ key: "url", label: t("fields.url.title"), cell: ({ url }) => <bdi className="breaks">{url}</bdi>, width: "24%" },
		{
			key: "state",
			label: t("state"),
			cell: (hook) => (
				<Stack gap={4} align="flex-start">
					<HookChip hook={hook} />
					<HookReason hook={hook} />
				</Stack>
			),
		},
		{ key: "events", label: t("fields.events.title"), cell: ({ events }) => <ChosenEvents events={events} /> },
		{
			key: "lastDeliveredAt",
			label: t("lastDelivered"),
			cell: ({ lastDeliveredAt }) => <Time at={lastDeliveredAt} never={t("never")} />,
		},
	];
}

function ChosenEvents({ events }: Pick<Subscription, "events">) {
	const { t } = useTranslation("subscriptions");
	const named = countedGroups(events).map(({ group, count, of }) =>
		count === of ? t(`groups.${group}.title`) : t("someOf", { group: t(`groups.${group}.title`), count, of }),
	);
	return <>{named.join(", ")}</>;
}
