// One event on its way to a receiver: its state, and each try with what was answered.

import { Text } from "@mantine/core";
import { IconCircleCheck, IconCircleDashed, IconCircleX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { cmiGetSubscriptionsIdDeliveriesDeliveryId } from "#web/api/cmi.ts";
import { read } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { CodeBlock } from "#web/ui/code.tsx";
import { Copyable } from "#web/ui/copy.tsx";
import { type Fact, Facts } from "#web/ui/facts.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { Timeline, type TimelineEntry } from "#web/ui/timeline.tsx";
import { DeliveryChip } from "./delivery-chip.tsx";
import { type Delivery, toneOf, type Try } from "./delivery-facts.ts";
import { Resend } from "./resend.tsx";
import { useTryWords, useTypeWords } from "./try-words.ts";
import { useHook } from "./use-hook.ts";

const askEveryMs = 2000;

export function EventDeliveryPage() {
	const { t } = useTranslation("subscriptions");
	const { id, deliveryId } = useParams({ from: "/eventWebhooks/$id/deliveries/$deliveryId" });
	const hook = useHook(id).data?.body;
	const delivery = useQuery({
		...read(["subscriptions", id, "delivery", deliveryId], (options) =>
			cmiGetSubscriptionsIdDeliveriesDeliveryId(id, deliveryId, options),
		),
		refetchInterval: ({ state }) => (state.error === null && state.data?.body.state === "pending" ? askEveryMs : false),
	});
	const shown = delivery.data?.body;
	return (
		<Page
			title={t("deliveries.one")}
			crumbs={[
				{ label: t("title"), to: "/eventWebhooks" },
				{ label: hook?.name ?? t("one"), to: "/eventWebhooks/$id", params: { id }, search: { tab: "deliveries" } },
			]}
			mark={shown === undefined ? undefined : <DeliveryChip state={shown.state} />}
			actions={
				shown !== undefined && hook?.allowed.includes("modify") === true ? (
					<Resend hook={hook} delivery={shown} />
				) : undefined
			}
			error={delivery.error}
			isNarrow
		>
			<Asked query={delivery}>{({ body }) => <Told delivery={body} />}</Asked>
		</Page>
	);
}

function Told({ delivery }: { delivery: Delivery }) {
	const { t } = useTranslation("subscriptions");
	const typeWords = useTypeWords();
	const { id, event, type, eventAt, nextTryAt, reason, attempts } = delivery;
	const facts: readonly Fact[] = [
		[t("deliveries.type"), `${typeWords(type)} (${type})`],
		[t("deliveries.when"), <Time key="when" at={eventAt} isExact />],
		...(nextTryAt === null
			? []
			: ([[t("deliveries.nextTry"), <Time key="next" at={nextTryAt} isExact />]] satisfies Fact[])),
		["webhook-id", <Copyable key="id" label="webhook-id" text={id} />],
		...(event === null ? [] : ([["data.id", <Copyable key="event" label="data.id" text={event} />]] satisfies Fact[])),
	];
	return (
		<>
			{reason !== null && <Text>{reason}</Text>}
			<Facts facts={facts} />
			<Block title={t("tries.title")} lead={t("tries.lead")}>
				{attempts.length === 0 ? <Text>{t("tries.none")}</Text> : <Tries attempts={attempts} />}
			</Block>
		</>
	);
}

const icons = { good: IconCircleCheck, bad: IconCircleX, pending: IconCircleDashed } as const;

function Tries({ attempts }: { attempts: readonly Try[] }) {
	const { t } = useTranslation("subscriptions");
	const tryWords = useTryWords();
	const entries = attempts.map((tried): TimelineEntry => {
		const tone = toneOf(tried);
		return {
			key: String(tried.number),
			at: tried.at,
			who: t("tries.number", { number: tried.number }),
			tone,
			Icon: icons[tone],
			title: tryWords(tried),
			children: (tried.answer ?? "") !== "" && (
				<CodeBlock label={t("tries.answerOf", { number: tried.number })} text={tried.answer ?? ""} />
			),
		};
	});
	return <Timeline label={t("tries.title")} entries={entries} />;
}
