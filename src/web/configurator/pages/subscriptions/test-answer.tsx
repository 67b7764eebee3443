// What came of a test: asked for until it is settled, and told by itself to who does not see it.

import { Card, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { cmiGetSubscriptionsIdDeliveriesDeliveryId } from "#web/api/cmi.ts";
import { read } from "#web/api/read.ts";
import { CodeBlock } from "#web/ui/code.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Asked } from "#web/ui/states.tsx";
import { DeliveryChip } from "./delivery-chip.tsx";
import { type Delivery, lastTry } from "./delivery-facts.ts";
import { useTryWords } from "./try-words.ts";

const askEveryMs = 500;

export function TestAnswer({ hookId, id }: { hookId: string; id: string }) {
	const test = useQuery({
		...read(["subscriptions", hookId, "delivery", id], (options) =>
			cmiGetSubscriptionsIdDeliveriesDeliveryId(hookId, id, options),
		),
		refetchInterval: ({ state }) => (state.error === null && state.data?.body.state === "pending" ? askEveryMs : false),
	});
	return (
		<Asked query={test} rows={1}>
			{({ body }) => <Told hookId={hookId} delivery={body} />}
		</Asked>
	);
}

function Told({ hookId, delivery }: { hookId: string; delivery: Delivery }) {
	const { t } = useTranslation("subscriptions");
	const tryWords = useTryWords();
	const tried = lastTry(delivery);
	const isOver = delivery.state !== "pending";
	return (
		<Card withBorder padding="md" role="status">
			<Stack gap="xs">
				<Group gap="sm">
					<Text fw={600}>{t(`test.${delivery.state}`)}</Text>
					<DeliveryChip state={delivery.state} />
				</Group>
				{isOver && tried !== undefined && <Text size="sm">{tryWords(tried)}</Text>}
				{isOver && (tried?.answer ?? "") !== "" && <CodeBlock label={t("tries.answer")} text={tried?.answer ?? ""} />}
				<PageLink to="/eventWebhooks/$id/deliveries/$deliveryId" params={{ id: hookId, deliveryId: delivery.id }}>
					{t("test.toDelivery")}
				</PageLink>
			</Stack>
		</Card>
	);
}
