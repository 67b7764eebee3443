// Who is on the other side: addresses, what came along with the chat, and earlier chats with their transcripts.

import { Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interaction } from "#web/realtime/tree.ts";
import { ContactCard } from "./contact-card.tsx";
import { EarlierChats, type Summary } from "./earlier-chats.tsx";
import { ListTitle } from "./list-title.tsx";
import { useAsked } from "./use-asked.ts";

export function CustomerPanel({ chat }: { chat: Interaction }) {
	const [changes, setChanges] = useState(0);
	return (
		<Stack gap="md">
			<ContactCard chat={chat} onChange={() => setChanges((before) => before + 1)} />
			<Attached chat={chat} />
			<Earlier chat={chat} when={String(changes)} />
		</Stack>
	);
}

function Attached({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const attached = Object.entries(chat.attached_data).filter(([name]) => name !== "channel");
	return attached.length === 0 ? null : (
		<section aria-label={t("customer.attached")}>
			<ListTitle text={t("customer.attached")} order={3} />
			<dl className="desk-attached">
				{attached.map(([name, value]) => (
					<div key={name}>
						<dt>{name}</dt>
						<dd dir="auto">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
					</div>
				))}
			</dl>
		</section>
	);
}

/** @param when other chats are the contact's by now */
function Earlier({ chat, when }: { chat: Interaction; when: string }) {
	const { t } = useTranslation("desk");
	const { body: earlier, refusal } = useAsked<readonly Summary[]>(`/interactions/${chat.id}/history`, when);
	return (
		<section aria-label={t("customer.earlier")}>
			<ListTitle text={t("customer.earlier")} order={3} />
			{refusal !== undefined && <Text size="sm">{refusal.because}</Text>}
			{earlier?.length === 0 && (
				<Text size="sm" c="dimmed">
					{t("customer.none")}
				</Text>
			)}
			<EarlierChats chats={earlier ?? []} />
		</section>
	);
}
