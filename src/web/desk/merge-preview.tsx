// What a merge would make of two contacts: whose name stays, every address, how much moves. Nothing is done before the button.

import { Button, Group, Radio, Stack, Text, Textarea, Title } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { tell } from "#web/ui/notice.tsx";
import { Loading } from "#web/ui/states.tsx";
import { ContactAddresses } from "./contact-addresses.tsx";
import { callOf, type Contact, type FoundContact, type Preview, type PreviewSide } from "./contact.ts";
import { useDesk } from "./desk-context.tsx";
import { type Answered, useAsked } from "./use-asked.ts";
import { useDoing } from "./use-doing.ts";
import { useReason } from "./use-reason.ts";

type PreviewProps = {
	chatId: string;
	contact: Contact;
	other: FoundContact;
	onBack: () => void;
	onDone: () => void;
};

type Stays = "this" | "other";

export function MergePreview({ chatId, contact, other, onBack, onDone }: PreviewProps) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { isBusy, run } = useDoing();
	const [stays, setStays] = useState<Stays>("this");
	const [reason, setReason] = useState("");
	const asked = useAsked<Preview>(`/interactions/${chatId}/contact/preview/${other.id}/${stays}`);
	const merge = () =>
		run(
			() =>
				desk.ask("POST", `/interactions/${chatId}/contact/merges`, { with: other.id, stays, reason: reason.trim() }),
			() => {
				tell(t("merge.done"));
				onDone();
			},
		);
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				merge();
			}}
		>
			<Stack gap="sm">
				<Step title={t("merge.preview")} />
				<Text size="sm">{t("merge.nothingYet")}</Text>
				<Radio.Group
					label={t("merge.stays")}
					value={stays}
					onChange={(chosen) => setStays(chosen === "other" ? "other" : "this")}
				>
					<Stack gap="xs" mt="xs">
						<Radio value="this" label={<bdi>{t("merge.thisOne", { name: callOf(contact) })}</bdi>} />
						<Radio value="other" label={<bdi>{t("merge.otherOne", { name: callOf(other) })}</bdi>} />
					</Stack>
				</Radio.Group>
				<Outcome asked={asked} />
				<Textarea
					label={t("merge.reason")}
					description={t("merge.reasonHelp")}
					value={reason}
					onChange={(event) => setReason(event.currentTarget.value)}
					required
					maxLength={500}
					autosize
					minRows={2}
				/>
				<Group>
					<Button variant="default" onClick={onBack}>
						{t("merge.back")}
					</Button>
					<Button type="submit" loading={isBusy} disabled={asked.body === undefined || reason.trim() === ""}>
						{t("merge.merge")}
					</Button>
				</Group>
			</Stack>
		</form>
	);
}

/** Who works without a mouse goes on here, where the list they chose from was. */
function Step({ title }: { title: string }) {
	const here = useRef<HTMLHeadingElement>(null);
	useEffect(() => here.current?.focus(), []);
	return (
		<Title order={3} fz="md" fw={650} ref={here} tabIndex={-1}>
			{title}
		</Title>
	);
}

function Outcome({ asked: { body: preview, refusal } }: { asked: Answered<Preview> }) {
	const { t } = useTranslation("desk");
	const reason = useReason();
	if (preview === undefined) {
		return refusal === undefined ? <Loading rows={3} /> : <Text role="alert">{reason(refusal)}</Text>;
	}
	const { kept, other, name } = preview;
	const addresses = [...kept.addresses, ...other.addresses];
	return (
		<Stack gap="xs" role="region" aria-label={t("merge.outcome")}>
			<Text fw={600} dir="auto">
				{t("merge.called", { name: name ?? callOf(kept) })}
			</Text>
			<ContactAddresses addresses={addresses} />
			<Comes side={other} />
			<Text size="sm">{t("merge.consents")}</Text>
		</Stack>
	);
}

function Comes({ side }: { side: PreviewSide }) {
	const { t } = useTranslation("desk");
	const counts = [
		t("merge.conversations", { count: side.conversations }),
		t("merge.chats", { count: side.chats }),
		t("merge.messages", { count: side.messages }),
	];
	return (
		<Text size="sm" dir="auto">
			{t("merge.comes", { name: callOf(side), what: counts.join(", ") })}
		</Text>
	);
}
