// Who is on the other side: addresses, what came along with the chat, and earlier chats with their transcripts.

import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Interaction } from "#web/realtime/tree.ts";
import { ContactCard } from "./contact-card.tsx";
import type { Contact } from "./contact.ts";
import { EarlierChats, type Summary } from "./earlier-chats.tsx";
import { ListTitle } from "./list-title.tsx";
import { useAsked } from "./use-asked.ts";

const refreshMs = 10_000; // Others merge contacts and enter consents, too.

export function CustomerPanel({ chat }: { chat: Interaction }) {
	// What they write may be a word about our messages.
	const written = chat.transcript.messages.filter(({ originator }) => originator === chat.originator).length;
	const { body, refusal, again } = useAsked<Contact>(`/interactions/${chat.id}/contact`, String(written), refreshMs);
	const contact = body ?? inChat(chat);
	const isAnswered = body !== undefined || refusal !== undefined;
	return (
		<Stack gap="md">
			<ContactCard chat={chat} contact={contact} onChange={again} />
			<Attached chat={chat} />
			<Earlier chat={chat} when={isAnswered ? madeOf(contact) : undefined} />
		</Stack>
	);
}

/** As much as the chat itself tells, until the server answers. */
function inChat(chat: Interaction): Contact {
	const addresses = (chat.customer?.addresses ?? []).map((one) => ({ ...one, said: null }));
	return { id: null, name: null, addresses, may_merge: false, merges: [] };
}

/** Another one where other chats are the contact's by now. */
function madeOf({ id, merges }: Contact): string {
	return [id, ...merges.map((one) => `${one.id} ${one.undone}`)].join();
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

/** @param when other chats are the contact's by now; undefined: who the contact is, is still asked */
function Earlier({ chat, when }: { chat: Interaction; when: string | undefined }) {
	const { t } = useTranslation("desk");
	const uri = when === undefined ? undefined : `/interactions/${chat.id}/history`;
	const { body: earlier, refusal } = useAsked<readonly Summary[]>(uri, when);
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
