// What was said, in order, and what one has written that is still on its way. Only the rows on the screen are drawn, so that
// thousands of lines scroll as easily as ten.

import { Button, Text, VisuallyHidden } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interaction, Message } from "#web/realtime/tree.ts";
import { momentFormat } from "#web/ui/moments.ts";
import { authorOf, contentOf, isTheirs, stageOf, textOf } from "./chat-facts.ts";
import { useDesk } from "./desk-context.tsx";
import type { Pending } from "./pending.ts";
import { type Row, rowsOf, withOlder } from "./transcript-rows.ts";
import { Line, Notice, PendingLine } from "./transcript-line.tsx";
import { useDoing } from "./use-doing.ts";

const nearEndPx = 80;
const rowPx = 48; // Of a line of one row without a name: most are.

type TranscriptProps = {
	chat: Interaction;
	pending: readonly Pending[];
	/** It is in one's own tree: earlier lines can be asked for, and what failed can be sent again. */
	isOwn: boolean;
};

export function Transcript({ chat, pending, isOwn }: TranscriptProps) {
	const { t, i18n } = useTranslation("desk");
	const { messages, older } = useOlder(chat);
	const rows = useMemo(() => {
		const day = momentFormat(i18n.language, { dateStyle: "full" });
		return rowsOf(messages, pending, (at) => day.format(at));
	}, [messages, pending, i18n.language]);
	const [place, setPlace] = useState<HTMLDivElement | null>(null);
	const typing = chat.participants.find(
		({ status, uniquekey }) => status === "typing" && uniquekey !== chat.destination && stageOf(chat) !== "wrapUp",
	);
	return (
		<div className="desk-transcript-frame">
			<div className="desk-transcript" ref={setPlace} tabIndex={0} role="region" aria-label={t("transcript")}>
				{isOwn && older.mayBeMore && (
					<Button
						size="compact-sm"
						variant="subtle"
						mx="auto"
						display="block"
						loading={older.isBusy}
						onClick={older.ask}
					>
						{t("older")}
					</Button>
				)}
				{place !== null && <Rows rows={rows} chat={chat} isOwn={isOwn} place={place} />}
			</div>
			<Text className="desk-typing" size="xs" c="dimmed" dir="auto">
				{typing === undefined ? "" : t("typing", { name: typing.alias || typing.uniquekey })}
			</Text>
			<NewestSaid chat={chat} />
		</div>
	);
}

type RowsProps = { rows: readonly Row[]; chat: Interaction; isOwn: boolean; place: HTMLDivElement };

function Rows({ rows, chat, isOwn, place }: RowsProps) {
	const virtual = useVirtualizer({
		count: rows.length,
		getScrollElement: () => place,
		estimateSize: () => rowPx,
		getItemKey: (index) => rows[index]?.key ?? index,
		overscan: 8,
	});
	useStayingAtEnd(place, rows.length, (end) =>
		virtual.scrollToIndex(end === "last" ? rows.length - 1 : 0, { align: end === "last" ? "end" : "start" }),
	);
	const items = virtual.getVirtualItems();
	return (
		<div className="desk-rows" role="list" style={{ height: virtual.getTotalSize() }}>
			{items.map(({ index, key, start }) => {
				const row = rows[index];
				return row === undefined ? null : (
					<div
						key={key}
						ref={virtual.measureElement}
						data-index={index}
						className="desk-row"
						role="listitem"
						style={{ transform: `translateY(${start}px)` }}
					>
						<RowContent row={row} chat={chat} isOwn={isOwn} />
					</div>
				);
			})}
		</div>
	);
}

function RowContent({ row, chat, isOwn }: { row: Row; chat: Interaction; isOwn: boolean }) {
	const { i18n } = useTranslation("desk");
	switch (row.kind) {
		case "day":
			return (
				<Text className="desk-day" size="xs" c="dimmed">
					{momentFormat(i18n.language, { dateStyle: "full" }).format(row.at)}
				</Text>
			);
		case "notice":
			return <Notice message={row.message} />;
		case "line":
			return <Line row={row} chat={chat} isOwn={isOwn} />;
		case "pending":
			return <PendingLine chat={chat} pending={row.pending} />;
	}
}

/** Whoever reads further up is left there; whoever is at the end sees what comes. */
function useStayingAtEnd(place: HTMLDivElement, count: number, scrollTo: (end: "first" | "last") => void): void {
	const isAtEnd = useRef(true);
	const scroll = useRef(scrollTo);
	useLayoutEffect(() => {
		scroll.current = scrollTo;
	});
	useEffect(() => {
		const note = () => {
			isAtEnd.current = place.scrollHeight - place.scrollTop - place.clientHeight < nearEndPx;
		};
		// Rows are measured only when they are drawn, and the place itself grows and shrinks with what is below it.
		const watch = new ResizeObserver(() => isAtEnd.current && scroll.current("last"));
		// The browser's own way there is slow, and stops where rows turn out to be of another height.
		const jump = (event: KeyboardEvent) => {
			const end = event.target === place ? ({ Home: "first", End: "last" } as const)[event.key] : undefined;
			if (end !== undefined) {
				event.preventDefault();
				isAtEnd.current = end === "last";
				scroll.current(end);
			}
		};
		place.addEventListener("scroll", note, { passive: true });
		place.addEventListener("keydown", jump);
		[place, ...place.children].forEach((one) => watch.observe(one));
		return () => {
			place.removeEventListener("scroll", note);
			place.removeEventListener("keydown", jump);
			watch.disconnect();
		};
	}, [place]);
	useLayoutEffect(() => {
		if (isAtEnd.current && count > 0) {
			scroll.current("last");
		}
	}, [count]);
}

/** For who hears the page: what the contact said last, once. */
function NewestSaid({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const last = chat.transcript.messages.findLast((message) => isTheirs(message, chat));
	const [firstSeen] = useState(last?.id);
	const isNew = last !== undefined && last.id !== firstSeen;
	return (
		<VisuallyHidden role="log">
			{isNew ? t("said", { name: authorOf(last, chat), text: wordsOf(last) }) : ""}
		</VisuallyHidden>
	);
}

function wordsOf({ type, message }: Message): string {
	return type === "text" ? message : textOf(contentOf(message)["text"]);
}

/** A snapshot has the newest lines; those before them are asked for when somebody wants them. */
function useOlder(chat: Interaction) {
	const desk = useDesk();
	const { isBusy, run } = useDoing();
	const [older, setOlder] = useState<readonly Message[]>();
	const { messages } = chat.transcript;
	const first = messages[0];
	const all = useMemo(() => withOlder(older ?? [], messages), [older, messages]);
	return {
		messages: all,
		older: {
			isBusy,
			mayBeMore: older === undefined && first !== undefined && first.seq > 1,
			ask: () =>
				run(
					() => desk.ask("GET", `/interactions/${chat.id}/transcript/messages`),
					(body) => setOlder(body as Message[]),
				),
		},
	};
}
