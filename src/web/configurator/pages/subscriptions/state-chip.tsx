// The state of an event webhook in a word, and why it is not simply working in a sentence.

import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Chip } from "#web/ui/chip.tsx";
import { Time } from "#web/ui/time.tsx";
import type { Subscription } from "./event-groups.ts";
import { stateOf, tones } from "./state.ts";

export function HookChip({ hook }: { hook: Subscription }) {
	const { t } = useTranslation("subscriptions");
	const state = stateOf(hook);
	return <Chip tone={tones[state]}>{t(`states.${state}`)}</Chip>;
}

export function HookReason({ hook }: { hook: Subscription }) {
	const { t } = useTranslation("subscriptions");
	const state = stateOf(hook);
	if (state === "working") {
		return null;
	}
	return (
		<Text size="sm" className="breaks">
			{state === "stopped" ? hook.disabledReason : t(`because.${state}`, { count: hook.waiting })}
			{state === "waiting" && (
				<>
					{" "}
					{t("failingSince")} <Time at={hook.failingSince} />.
				</>
			)}
		</Text>
	);
}
