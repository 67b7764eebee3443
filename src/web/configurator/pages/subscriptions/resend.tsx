// Sends one event again, under the same id. What still waits is tried by itself.

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { cmiPostSubscriptionsIdDeliveriesDeliveryIdResend } from "#web/api/cmi.ts";
import { useRenew } from "#web/api/renew.ts";
import { complain, tell } from "#web/ui/notice.tsx";
import type { Delivery } from "./delivery-facts.ts";
import type { Subscription } from "./event-groups.ts";

type ResendProps = { hook: Pick<Subscription, "id">; delivery: Delivery; isInRow?: boolean };

export function Resend({ hook, delivery, isInRow = false }: ResendProps) {
	const { t } = useTranslation("subscriptions");
	const renew = useRenew();
	const resend = useMutation({
		mutationFn: () => cmiPostSubscriptionsIdDeliveriesDeliveryIdResend(hook.id, delivery.id),
		async onSuccess() {
			await renew("subscriptions");
			tell(t("deliveries.resent"));
		},
		onError: complain,
	});
	if (delivery.state === "pending") {
		return isInRow ? <span>–</span> : null;
	}
	return (
		<Button
			{...(isInRow ? { size: "compact-sm", variant: "default" } : {})}
			loading={resend.isPending}
			onClick={() => resend.mutate()}
		>
			{t("deliveries.resend")}
		</Button>
	);
}
