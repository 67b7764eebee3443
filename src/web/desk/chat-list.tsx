// The chats: what is offered first, then those that go on, then those in wrap-up; and below, those that wait to be picked.

import { Badge, Button, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Interaction, momentOf } from "#web/realtime/tree.ts";
import { channelOf, clockText, leftUntil, nameOf, type Stage, stageOf, unreadOf } from "./chat-facts.ts";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { OutboundButton } from "./outbound.tsx";
import { PickList } from "./pick-list.tsx";
import { useNow } from "./use-now.ts";
import { useDoing } from "./use-doing.ts";

const stages: readonly Stage[] = ["offered", "open", "wrapUp"];

type ListProps = { selected: string | undefined; onSelect: (id: string) => void };

export function ChatList({ selected, onSelect }: ListProps) {
	const { t } = useTranslation("desk");
	const { tree } = useDeskState();
	return (
		<Stack gap="md">
			{stages.map((stage) => {
				const chats = tree.interactions
					.filter((chat) => stageOf(chat) === stage)
					.toSorted((a, b) => momentOf(a.waiting_since) - momentOf(b.waiting_since));
				return chats.length === 0 ? null : (
					<section key={stage} aria-label={t(`stages.${stage}`)}>
						<Text component="h2" size="xs" fw={650} c="dimmed" mb={4}>
							{t(`stages.${stage}`)}
						</Text>
						<ul className="desk-chats">
							{chats.map((chat) => (
								<li key={chat.id}>
									<ChatItem chat={chat} isSelected={chat.id === selected} onSelect={onSelect} />
								</li>
							))}
						</ul>
					</section>
				);
			})}
			<PickList />
			<OutboundButton />
		</Stack>
	);
}

type ItemProps = { chat: Interaction; isSelected: boolean; onSelect: (id: string) => void };

function ChatItem({ chat, isSelected, onSelect }: ItemProps) {
	const { t } = useTranslation("desk");
	const { seen } = useDeskState();
	const unread = unreadOf(chat, seen);
	const last = chat.transcript.messages.findLast(({ type }) => type === "text");
	return (
		<div className="desk-chat-item" data-selected={isSelected}>
			<UnstyledButton
				className="desk-chat-button"
				aria-current={isSelected ? "true" : undefined}
				onClick={() => onSelect(chat.id)}
			>
				<Group justify="space-between" wrap="nowrap" gap="xs">
					<Text fw={unread > 0 ? 700 : 500} truncate dir="auto">
						{nameOf(chat)}
					</Text>
					{unread > 0 && (
						<Badge size="sm" circle aria-label={t("unread", { count: unread })}>
							{unread}
						</Badge>
					)}
				</Group>
				<Text size="xs" c="dimmed" truncate>
					{channelOf(chat)} · {chat.from_queue.name ?? "–"} · <ItemClock chat={chat} />
				</Text>
				<Text size="sm" truncate dir="auto">
					{last?.message ?? ""}
				</Text>
			</UnstyledButton>
			{chat.status === "incoming" && <OfferButtons chat={chat} onSelect={onSelect} />}
		</div>
	);
}

/** What runs out, or how long it goes on. */
function ItemClock({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const nowMs = useNow();
	const stage = stageOf(chat);
	const left = leftUntil(stage === "offered" ? chat.offer_until : chat.wrapup_until, nowMs);
	if (stage !== "open" && left !== undefined) {
		return <span>{t("left", { time: clockText(left) })}</span>;
	}
	const since = momentOf(chat.waiting_since ?? chat.date_created);
	return <span>{t("since", { time: clockText(Math.max(0, nowMs - since)) })}</span>;
}

function OfferButtons({ chat, onSelect }: { chat: Interaction; onSelect: (id: string) => void }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { isBusy, run } = useDoing();
	const answer = (status: "accepted" | "rejected") => desk.ask("PUT", `/interactions/${chat.id}`, { status });
	return (
		<Group gap="xs" mt={6}>
			<Button
				size="compact-sm"
				loading={isBusy}
				onClick={() =>
					run(
						() => answer("accepted"),
						() => onSelect(chat.id),
					)
				}
				aria-label={t("acceptOf", { name: nameOf(chat) })}
			>
				{t("accept")}
			</Button>
			<Button
				size="compact-sm"
				variant="default"
				disabled={isBusy}
				onClick={() => run(() => answer("rejected"))}
				aria-label={t("rejectOf", { name: nameOf(chat) })}
			>
				{t("reject")}
			</Button>
		</Group>
	);
}
