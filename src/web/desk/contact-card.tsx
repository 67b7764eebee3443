// Who the contact of a chat is: name, addresses with what they said about our messages, and who was merged into them.

import { Button, Stack, Text, Title } from "@mantine/core";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Interaction, momentOf } from "#web/realtime/tree.ts";
import { Dialog } from "#web/ui/dialog.tsx";
import { exactTime } from "#web/ui/moments.ts";
import { tell } from "#web/ui/notice.tsx";
import { nameOf } from "./chat-facts.ts";
import { type ConsentAbout, ConsentDialog } from "./consent-dialog.tsx";
import { ContactAddresses } from "./contact-addresses.tsx";
import { type Contact, type ContactAddress, isRefused, type Merge } from "./contact.ts";
import { useDesk } from "./desk-context.tsx";
import { MergeDialog } from "./merge-dialog.tsx";
import { may, usePerson } from "./person.ts";
import { useDoing } from "./use-doing.ts";

type CardProps = {
	chat: Interaction;
	contact: Contact;
	/** The contact is another by now. */
	onChange: () => void;
};

export function ContactCard({ chat, contact, onChange }: CardProps) {
	const { t } = useTranslation("desk");
	const person = usePerson();
	const [consent, setConsent] = useState<ConsentAbout>();
	const [isMerging, setMerging] = useState(false);
	const mayEnter = may(person, "create", "customerConsent");
	const enter = (one: ContactAddress) =>
		one.said === null || !mayEnter ? null : (
			<Button
				variant="subtle"
				size="compact-xs"
				aria-label={t("consent.openFor", { address: one.address })}
				onClick={() => setConsent({ channel: one.channel, address: one.address, isRefused: isRefused(one) })}
			>
				{t("consent.open")}
			</Button>
		);
	const title = useFocusWhenFewer(contact.merges.filter(({ undone }) => undone === null).length);
	return (
		<section aria-label={t("customer.title")}>
			<Stack gap="xs">
				<Title order={2} fz="md" fw={650} dir="auto" ref={title} tabIndex={-1}>
					{contact.name ?? nameOf(chat)}
				</Title>
				<ContactAddresses addresses={contact.addresses} action={enter} />
				<Merges chatId={chat.id} merges={contact.merges} onUndone={onChange} />
				{contact.may_merge && (
					<Button variant="default" size="compact-sm" w="fit-content" onClick={() => setMerging(true)}>
						{t("merge.open")}
					</Button>
				)}
			</Stack>
			<ConsentDialog about={consent} onClose={() => setConsent(undefined)} onDone={onChange} />
			<MergeDialog
				chatId={chat.id}
				contact={contact}
				isOpen={isMerging}
				onClose={() => setMerging(false)}
				onDone={onChange}
			/>
		</section>
	);
}

/** Who undid a merge by keys stood on a button that is gone: they go on from here. */
function useFocusWhenFewer(count: number): RefObject<HTMLHeadingElement | null> {
	const here = useRef<HTMLHeadingElement>(null);
	const before = useRef(count);
	useEffect(() => {
		if (count < before.current && document.activeElement === document.body) {
			here.current?.focus();
		}
		before.current = count;
	}, [count]);
	return here;
}

type MergesProps = { chatId: string; merges: readonly Merge[]; onUndone: () => void };

function Merges({ chatId, merges, onUndone }: MergesProps) {
	const { t, i18n } = useTranslation("desk");
	const [asked, setAsked] = useState<Merge>();
	const standing = merges.filter(({ undone }) => undone === null);
	return (
		<>
			{standing.map((one) => (
				<div key={one.id}>
					<Text size="sm" dir="auto">
						{t("merge.was", {
							name: one.name ?? t("merge.nameless"),
							by: one.by,
							when: exactTime(new Date(momentOf(one.at)), i18n.language),
							reason: one.reason,
						})}
					</Text>
					{one.stands === null ? (
						<Button variant="subtle" size="compact-xs" onClick={() => setAsked(one)}>
							{t("merge.undoOpen")}
						</Button>
					) : (
						<Text size="xs" c="dimmed">
							{t(`merge.stands.${one.stands}`)}
						</Text>
					)}
				</div>
			))}
			<Dialog opened={asked !== undefined} onClose={() => setAsked(undefined)} title={t("merge.undoTitle")}>
				{asked !== undefined && (
					<Undo
						chatId={chatId}
						merge={asked}
						onUndone={() => {
							setAsked(undefined);
							onUndone();
						}}
					/>
				)}
			</Dialog>
		</>
	);
}

function Undo({ chatId, merge, onUndone }: { chatId: string; merge: Merge; onUndone: () => void }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { isBusy, run } = useDoing();
	const undo = () =>
		run(
			() => desk.ask("DELETE", `/interactions/${chatId}/contact/merges/${merge.id}`),
			() => {
				tell(t("merge.undone"));
				onUndone();
			},
		);
	return (
		<Stack gap="sm">
			<Text size="sm">{t("merge.undoLead")}</Text>
			<Button loading={isBusy} w="fit-content" onClick={undo} data-autofocus>
				{t("merge.undo")}
			</Button>
		</Stack>
	);
}
