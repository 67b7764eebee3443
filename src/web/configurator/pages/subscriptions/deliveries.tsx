// The log of one event webhook: what was sent or waits, newest first, and what a person can do about it.

import { Group, Select, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { cmiGetSubscriptionsIdDeliveries } from "#web/api/cmi.ts";
import { readPages } from "#web/api/read.ts";
import { type Column, ListTable } from "#web/ui/list-table.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Pages } from "#web/ui/pages.tsx";
import { Empty } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { filled } from "../../shell/search.ts";
import { DeliveryChip } from "./delivery-chip.tsx";
import { type Delivery, deliveryStates, lastTry, triesOf } from "./delivery-facts.ts";
import { eventTypes, type Subscription, testType } from "./event-groups.ts";
import { Recover } from "./recover.tsx";
import { Resend } from "./resend.tsx";
import { useTryWords, useTypeWords } from "./try-words.ts";

const askEveryMs = 3000;

export function Deliveries({ hook }: { hook: Subscription }) {
	const { t } = useTranslation("subscriptions");
	const { state, type } = useFilter();
	const navigate = useNavigate();
	const columns = useColumns(hook);
	const filter = { ...(state === undefined ? {} : { state }), ...(type === undefined ? {} : { type }) };
	const deliveries = useInfiniteQuery({
		...readPages(["subscriptions", hook.id, "deliveries", filter], (cursor, options) =>
			cmiGetSubscriptionsIdDeliveries(hook.id, { ...filter, ...cursor, limit: 50 }, options),
		),
		// Who has gone further down reads what was; the newest is asked for again.
		refetchInterval: ({ state: { data, error } }) =>
			error === null && (data?.pages.length ?? 0) <= 1 ? askEveryMs : false,
	});
	const isFiltered = state !== undefined || type !== undefined;
	return (
		<Stack>
			{hook.allowed.includes("modify") ? <Recover hook={hook} /> : <Text c="dimmed">{t("mayOnlyLook")}</Text>}
			<Filters id={hook.id} />
			<Pages
				query={deliveries}
				empty={
					<Empty title={t(isFiltered ? "deliveries.noneFit" : "deliveries.none")}>
						{t(isFiltered ? "deliveries.noneFitNext" : "deliveries.noneNext")}
					</Empty>
				}
			>
				{(rows) => (
					<ListTable
						caption={t("tabs.deliveries")}
						rows={rows}
						columns={columns}
						rowKey={({ id }) => id}
						onOpen={({ id: deliveryId }) =>
							void navigate({
								to: "/eventWebhooks/$id/deliveries/$deliveryId",
								params: { id: hook.id, deliveryId },
							})
						}
					/>
				)}
			</Pages>
		</Stack>
	);
}

/** From the address; words it does not know are left out. */
function useFilter() {
	const search = useSearch({ from: "/eventWebhooks/$id" });
	return {
		state: deliveryStates.find((one) => one === search.state),
		type: [...eventTypes, testType].find((one) => one === search.type),
	};
}

function Filters({ id }: { id: string }) {
	const { t } = useTranslation("subscriptions");
	const filter = useFilter();
	const navigate = useNavigate();
	const typeWords = useTypeWords();
	const change = (part: { state?: string | undefined; type?: string | undefined }) => {
		const search = filled({ tab: "deliveries", ...filter, ...part });
		void navigate({ to: "/eventWebhooks/$id", params: { id }, search, replace: true });
	};
	return (
		<Group gap="sm">
			<Select
				label={t("state")}
				placeholder={t("any")}
				data={deliveryStates.map((value) => ({ value, label: t(`deliveryStates.${value}`) }))}
				value={filter.state ?? null}
				onChange={(state) => change({ state: state ?? undefined })}
				clearable
			/>
			<Select
				label={t("deliveries.type")}
				placeholder={t("any")}
				data={[...eventTypes, testType].map((value) => ({ value, label: typeWords(value) }))}
				value={filter.type ?? null}
				onChange={(type) => change({ type: type ?? undefined })}
				clearable
				searchable
			/>
		</Group>
	);
}

function useColumns(hook: Subscription): readonly Column<Delivery>[] {
	const { t } = useTranslation("subscriptions");
	const typeWords = useTypeWords();
	const tryWords = useTryWords();
	const columns: readonly Column<Delivery>[] = [
		{
			key: "eventAt",
			label: t("deliveries.when"),
			cell: ({ id: deliveryId, eventAt }) => (
				<PageLink to="/eventWebhooks/$id/deliveries/$deliveryId" params={{ id: hook.id, deliveryId }}>
					<Time at={eventAt} isExact />
				</PageLink>
			),
			width: "12rem",
		},
		{ key: "type", label: t("deliveries.type"), cell: ({ type }) => typeWords(type) },
		{ key: "state", label: t("state"), cell: ({ state }) => <DeliveryChip state={state} /> },
		{ key: "tries", label: t("deliveries.tries"), cell: triesOf, align: "end" },
		{
			key: "answer",
			label: t("deliveries.lastTry"),
			cell: (delivery) => {
				const tried = lastTry(delivery);
				return tried === undefined ? "–" : tryWords(tried);
			},
		},
		{ key: "nextTryAt", label: t("deliveries.nextTry"), cell: ({ nextTryAt }) => <Time at={nextTryAt} /> },
	];
	const resend: Column<Delivery> = {
		key: "resend",
		label: t("deliveries.again"),
		cell: (delivery) => <Resend hook={hook} delivery={delivery} isInRow />,
	};
	return hook.allowed.includes("modify") ? [...columns, resend] : columns;
}
