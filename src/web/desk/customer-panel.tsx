// Who is on the other side: addresses, what came along with the chat, and earlier chats with their transcripts.

import { Button, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Interaction, type Message, momentOf } from "#web/realtime/tree.ts";
import { Dialog } from "#web/ui/dialog.tsx";
import { exactTime } from "#web/ui/moments.ts";
import { nameOf } from "./chat-facts.ts";
import { useDesk } from "./desk-context.tsx";
import { useDoing } from "./use-doing.ts";

export function CustomerPanel({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const attached = Object.entries(chat.attached_data).filter(([name]) => name !== "channel");
	return (
		<Stack gap="md">
			<section aria-label={t("customer.title")}>
				<Text component="h2" fw={650} dir="auto">
					{nameOf(chat)}
				</Text>
				{(chat.customer?.addresses ?? []).map(({ channel, address }) => (
					<Text key={address} size="sm" dir="auto">
						{channel}: {address}
					</Text>
				))}
			</section>
			{attached.length > 0 && (
				<section aria-label={t("customer.attached")}>
					<Text component="h3" size="sm" fw={650}>
						{t("customer.attached")}
					</Text>
					<dl className="desk-attached">
						{attached.map(([name, value]) => (
							<div key={name}>
								<dt>{name}</dt>
								<dd dir="auto">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
							</div>
						))}
					</dl>
				</section>
			)}
			<Earlier chat={chat} />
		</Stack>
	);
}

type Summary = { id: string; from_queue: { name: string | null }; date_created: string; agent: string | null };

function Earlier({ chat }: { chat: Interaction }) {
	const { t, i18n } = useTranslation("desk");
	const desk = useDesk();
	const [earlier, setEarlier] = useState<readonly Summary[]>([]);
	const [shown, setShown] = useState<Told>();
	const { run } = useDoing();
	useEffect(() => {
		void desk
			.ask("GET", `/interactions/${chat.id}/history`)
			.then((asked) => asked.ok && setEarlier(asked.body as Summary[]));
	}, [desk, chat.id]);
	return (
		<section aria-label={t("customer.earlier")}>
			<Text component="h3" size="sm" fw={650}>
				{t("customer.earlier")}
			</Text>
			{earlier.length === 0 && (
				<Text size="sm" c="dimmed">
					{t("customer.none")}
				</Text>
			)}
			{earlier.map(({ id, from_queue: { name }, date_created: created, agent }) => (
				<Button
					key={id}
					variant="subtle"
					size="compact-sm"
					onClick={() =>
						run(
							() => desk.ask("GET", `/history/${id}`),
							(body) => setShown(body as Told),
						)
					}
				>
					{exactTime(new Date(momentOf(created)), i18n.language)} · {name ?? "–"} · {agent ?? "–"}
				</Button>
			))}
			<EarlierDialog told={shown} onClose={() => setShown(undefined)} />
		</section>
	);
}

type Told = Summary & { messages: readonly Message[] };

function EarlierDialog({ told, onClose }: { told: Told | undefined; onClose: () => void }) {
	const { t } = useTranslation("desk");
	const messages = (told?.messages ?? []).filter(({ type }) => type === "text" || type === "note");
	return (
		<Dialog opened={told !== undefined} onClose={onClose} title={t("customer.earlierOne")} size="lg">
			<Stack gap="xs" tabIndex={0} role="log" aria-label={t("transcript")}>
				{messages.map(({ id, originator, message }) => (
					<div key={id} dir="auto">
						<Text size="xs" c="dimmed">
							{originator}
						</Text>
						<Text size="sm">{message}</Text>
					</div>
				))}
			</Stack>
		</Dialog>
	);
}
