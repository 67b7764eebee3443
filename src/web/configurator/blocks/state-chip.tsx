// The state of a messaging service as a word with an icon; the reason is the sentence that the server gives.

import { useTranslation } from "react-i18next";
import type { ServiceState } from "#web/api/objects.ts";
import { Chip, type Tone } from "#web/ui/chip.tsx";

const tones: Readonly<Record<ServiceState, Tone>> = {
	ready: "good",
	draft: "neutral",
	connecting: "pending",
	degraded: "warning",
	unauthorised: "bad",
	paused: "paused",
	failing: "bad",
};

export function StateChip({ state, because }: { state: ServiceState; because?: string }) {
	const { t } = useTranslation("services");
	return (
		<Chip tone={tones[state]} title={because}>
			{t(`states.${state}`)}
		</Chip>
	);
}
