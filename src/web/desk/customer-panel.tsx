// Who is on the other side: addresses, what came along with the chat, and earlier chats with their transcripts.

import { Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Interaction } from "#web/realtime/tree.ts";
import { Copyable } from "#web/ui/copy.tsx";
import { nameOf } from "./chat-facts.ts";
import { EarlierChats, type Summary } from "./earlier-chats.tsx";
import { ListTitle } from "./list-title.tsx";
import { useAsked } from "./use-asked.ts";

export function CustomerPanel({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const addresses = chat.customer?.addresses ?? [];
	return (
		<Stack gap="md">
			<section aria-label={t("customer.title")}>
				<Title order={2} fz="md" fw={650} dir="auto">
					{nameOf(chat)}
				</Title>
				{addresses.map(({ channel, address }) => (
					<div key={`${channel} ${address}`} dir="auto">
						<Text size="xs" c="dimmed" span>
							{channel}{" "}
						</Text>
						<Copyable label={channel} text={address} />
					</div>
				))}
			</section>
			<Attached chat={chat} />
			<Earlier chat={chat} />
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

function Earlier({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const { body: earlier, refusal } = useAsked<readonly Summary[]>(`/interactions/${chat.id}/history`);
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
