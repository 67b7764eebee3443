// The state of a delivery in a word.

import { useTranslation } from "react-i18next";
import { Chip } from "#web/ui/chip.tsx";
import { type Delivery, deliveryTones } from "./delivery-facts.ts";

export function DeliveryChip({ state }: Pick<Delivery, "state">) {
	const { t } = useTranslation("subscriptions");
	return <Chip tone={deliveryTones[state]}>{t(`deliveryStates.${state}`)}</Chip>;
}
