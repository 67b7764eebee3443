// The chats: what is offered first, then those that go on, those one looks on at, and those in wrap-up; below them those
// that wait to be picked, and words that reached nobody.

import { Badge, Button, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Interaction, momentOf } from "#web/realtime/tree.ts";
import { channelOf, clockText, inListOrder, leftUntil, nameOf, stageOf, stages, unreadOf } from "./chat-facts.ts";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { LeftOverWords } from "./left-over.tsx";
import { ListTitle } from "./list-title.tsx";
import { OutboundButton } from "./outbound.tsx";
import { PickList } from "./pick-list.tsx";
import { useNow } from "./use-now.ts";
import { useDoing } from "./use-doing.ts";
import { goTo } from "./use-place.ts";

export function ChatList({ selected }: { selected: string | undefined }) {
	const { t } = useTranslation("desk");
	const { tree } = useDeskState();
	const chats = inListOrder(tree.interactions);
	const offered = chats.find((chat) => stageOf(chat) === "offered");
	// The keys for an offer mean the one that is open, else the first.
	const keyed = chats.find((chat) => chat.id === selected && stageOf(chat) === "offered") ?? offered;
	return (
		<Stack gap="md">
			{stages.map((stage) => {
				const here = chats.filter((chat) => stageOf(chat) === stage);
				return here.length === 0 ? null : (
					<section key={stage} aria-label={t(`stages.${stage}`)}>
						<ListTitle text={t(`stages.${stage}`)} />
						<ul className="desk-chats">
							{here.map((chat) => (
								<li key={chat.id}>
									<ChatItem chat={chat} isSelected={chat.id === selected} isKeyed={chat === keyed} />
								</li>
							))}
						</ul>
					</section>
				);
			})}
			<PickList />
			<LeftOverWords />
			<OutboundButton />
		</Stack>
	);
}

type ItemProps = { chat: Interaction; isSelected: boolean; isKeyed: boolean };

function ChatItem({ chat, isSelected, isKeyed }: ItemProps) {
	const { t } = useTranslation("desk");
	const { seen, words } = useDeskState();
	const unread = stageOf(chat) === "supervised" ? 0 : unreadOf(chat, seen);
	const draft = words.drafts[chat.id]?.text ?? "";
	return (
		<div className="desk-chat-item" data-selected={isSelected}>
			<UnstyledButton
				className="desk-chat-button"
				aria-current={isSelected ? "true" : undefined}
				onClick={() => goTo({ view: "chats", chatId: chat.id })}
			>
				<Group justify="space-between" wrap="nowrap" gap="xs">
					<Text fw={unread > 0 ? 700 : 500} lineClamp={1} dir="auto">
						{nameOf(chat)}
					</Text>
					{unread > 0 && <Badge size="sm">{t("unread", { count: unread })}</Badge>}
				</Group>
				<Text size="xs" c="dimmed" lineClamp={1}>
					{channelOf(chat)} · {chat.from_queue.name ?? "–"} · <ItemClock chat={chat} />
					<WindowEnd chat={chat} />
				</Text>
				<Text size="sm" lineClamp={1} dir="auto">
					{draft === "" ? lastWordsOf(chat) : t("draft", { text: draft })}
				</Text>
			</UnstyledButton>
			{chat.status === "incoming" && <OfferButtons chat={chat} isKeyed={isKeyed} />}
		</div>
	);
}

function lastWordsOf({ transcript }: Interaction): string {
	return transcript.messages.findLast(({ type }) => type === "text")?.message ?? "";
}

const windowSoonMs = 2 * 3_600_000;

/** Of the reply window, once it is about to close. */
function WindowEnd({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const left = leftUntil(chat.window_until, useNow());
	return left === undefined || left > windowSoonMs ? null : (
		<span> · {left === 0 ? t("window.closed") : t("window.open", { time: clockText(left) })}</span>
	);
}

/** What runs out, or how long it goes on. */
function ItemClock({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const nowMs = useNow();
	const stage = stageOf(chat);
	const left = leftUntil(stage === "offered" ? chat.offer_until : chat.wrapup_until, nowMs);
	if ((stage === "offered" || stage === "wrapUp") && left !== undefined) {
		return <span>{t("left", { time: clockText(left) })}</span>;
	}
	const since = momentOf(chat.waiting_since ?? chat.date_created);
	return <span>{t("since", { time: clockText(Math.max(0, nowMs - since)) })}</span>;
}

function OfferButtons({ chat, isKeyed }: { chat: Interaction; isKeyed: boolean }) {
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
						() => goTo({ view: "chats", chatId: chat.id }),
					)
				}
				aria-label={t("acceptOf", { name: nameOf(chat) })}
				{...(isKeyed ? { "aria-keyshortcuts": "a" } : {})}
			>
				{t("accept")}
			</Button>
			<Button
				size="compact-sm"
				variant="default"
				disabled={isBusy}
				onClick={() => run(() => answer("rejected"))}
				aria-label={t("rejectOf", { name: nameOf(chat) })}
				{...(isKeyed ? { "aria-keyshortcuts": "x" } : {})}
			>
				{t("reject")}
			</Button>
		</Group>
	);
}
