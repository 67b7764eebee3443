// The state of a message in a word, with its tone.

import { useTranslation } from "react-i18next";
import type { Message } from "#web/api/objects.ts";
import { Chip, type Tone } from "#web/ui/chip.tsx";

const tones: Readonly<Record<Message["state"], Tone>> = {
	received: "pending",
	matched: "good",
	parked: "warning",
	queued: "pending",
	sending: "pending",
	sent: "good",
	delivered: "good",
	read: "good",
	failed: "bad",
	expired: "bad",
	held: "warning",
};

export function MessageState({ state }: { state: Message["state"] }) {
	const { t } = useTranslation("messages");
	return <Chip tone={tones[state]}>{t(`states.${state}`)}</Chip>;
}
