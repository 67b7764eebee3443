// Chats that are over: a list, and the transcript of the one that is opened.

import { Stack, Text, UnstyledButton } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Interaction, type Message, momentOf } from "#web/realtime/tree.ts";
import { Dialog } from "#web/ui/dialog.tsx";
import { exactTime } from "#web/ui/moments.ts";
import { Loading } from "#web/ui/states.tsx";
import { nothingPending } from "./pending.ts";
import { Transcript } from "./transcript.tsx";
import { useAsked } from "./use-asked.ts";

export type Summary = {
	id: string;
	from_queue: { id: string | null; name: string | null };
	date_created: string;
	ended: string | null;
	originator: string;
	name: string | null;
	channel: string;
	agent: string | null;
	reason: string | null;
};

export function EarlierChats({ chats, withNames = false }: { chats: readonly Summary[]; withNames?: boolean }) {
	const { t, i18n } = useTranslation("desk");
	const [shown, setShown] = useState<string>();
	return (
		<Stack gap={4}>
			{chats.map((one) => (
				<UnstyledButton key={one.id} className="desk-choice" onClick={() => setShown(one.id)}>
					{withNames && (
						<Text size="sm" fw={600} dir="auto">
							{one.name ?? one.originator}
						</Text>
					)}
					<Text size="sm">{exactTime(new Date(momentOf(one.date_created)), i18n.language)}</Text>
					<Text size="xs" c="dimmed">
						{[one.channel, one.from_queue.name, one.agent, one.reason].filter((word) => word !== null).join(" · ")}
					</Text>
				</UnstyledButton>
			))}
			<Dialog
				opened={shown !== undefined}
				onClose={() => setShown(undefined)}
				title={t("customer.earlierOne")}
				size="lg"
			>
				{shown !== undefined && <EarlierTranscript id={shown} />}
			</Dialog>
		</Stack>
	);
}

function EarlierTranscript({ id }: { id: string }) {
	const { body, refusal } = useAsked<Summary & { messages: readonly Message[] }>(`/history/${id}`);
	const chat = useMemo(() => (body === undefined ? undefined : toChat(body)), [body]);
	if (chat === undefined) {
		return refusal === undefined ? <Loading rows={3} /> : <Text>{refusal.because}</Text>;
	}
	return (
		<div className="desk-earlier">
			<Transcript chat={chat} pending={nothingPending} isOwn={false} olderAt={`/history/${id}/before`} />
		</div>
	);
}

/** As much of a chat as its transcript needs. */
function toChat({ messages, ...summary }: Summary & { messages: readonly Message[] }): Interaction {
	return {
		id: summary.id,
		status: "handled",
		channel_status: "disconnected",
		originator: summary.originator,
		destination: "",
		date_created: summary.date_created,
		from_queue: summary.from_queue,
		attached_data: { channel: summary.channel },
		title: null,
		participants: [{ uniquekey: summary.originator, alias: summary.name ?? "" }],
		transcript: { messages },
	};
}
