// Writing first: an SMS or WhatsApp message from an address of a queue that one serves.

import { Alert, Button, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "#web/ui/dialog.tsx";
import { textOf } from "./chat-facts.ts";
import { ApprovedFields, type ReplyTemplate } from "./approved.tsx";
import { ConsentDialog } from "./consent-dialog.tsx";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { chosenOf, type Letter, type Letters } from "./letters.ts";
import { may, usePerson } from "./person.ts";
import { useAsked } from "./use-asked.ts";
import { useDoing } from "./use-doing.ts";
import { goTo } from "./use-place.ts";

const channels = ["sms", "whatsapp"] as const;

export function OutboundButton() {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { tree, letter } = useDeskState();
	const queues = useServedQueues();
	if (tree.queues.length === 0) {
		return null;
	}
	const begin = () => desk.letters.begin({ ...emptyLetter, queue: queues[0]?.value ?? null });
	const close = () => letter !== undefined && desk.letters.putAway(letter.number);
	return (
		<>
			<Button variant="default" size="compact-sm" aria-keyshortcuts="w" onClick={begin}>
				{t("outbound.open")}
			</Button>
			<Dialog opened={letter !== undefined} onClose={close} title={t("outbound.title")}>
				{letter !== undefined && <OutboundForm key={letter.number} letter={letter} />}
			</Dialog>
		</>
	);
}

function OutboundForm({ letter }: { letter: Letter }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { isBusy, run } = useDoing();
	const queues = useServedQueues();
	/** The letter whose receiver wants none. */
	const [unwanted, setUnwanted] = useState<Letter>();
	const change: Change = (more) => desk.letters.change(letter.number, more);
	const send = async () => {
		const asked = await desk.ask("POST", "/interactions", toStart(letter));
		setUnwanted(!asked.ok && asked.code === "OPTOUT" ? letter : undefined);
		return asked;
	};
	const open = (answer: unknown) => {
		goTo({ view: "chats", chatId: (answer as { id: string }).id });
		desk.letters.putAway(letter.number);
	};
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				run(send, open);
			}}
		>
			<Stack gap="sm">
				<Select
					label={t("outbound.queue")}
					data={queues}
					value={letter.queue}
					onChange={(queue) => change({ queue })}
					allowDeselect={false}
				/>
				<Select
					label={t("outbound.channel")}
					data={channels.map((one) => ({ value: one, label: t(`outbound.channels.${one}`) }))}
					value={letter.channel}
					onChange={(channel) => change({ channel: channel ?? "sms" })}
					allowDeselect={false}
				/>
				<TextInput
					label={t("outbound.to")}
					value={letter.to}
					onChange={(event) => change({ to: event.currentTarget.value })}
					required
					maxLength={254}
				/>
				<TemplateOrWords letter={letter} onChange={change} />
				{unwanted?.to === letter.to && unwanted.channel === letter.channel && (
					<Unwanted letter={unwanted} onEntered={() => setUnwanted(undefined)} />
				)}
				<Button type="submit" loading={isBusy} w="fit-content">
					{t("outbound.send")}
				</Button>
			</Stack>
		</form>
	);
}

/** Beside the refusal: what the receiver said since can be entered by who may. */
function Unwanted({ letter: { channel, to }, onEntered }: { letter: Letter; onEntered: () => void }) {
	const { t } = useTranslation("desk");
	const person = usePerson();
	const [isEntering, setEntering] = useState(false);
	const about = { channel, address: to, isRefused: true };
	return (
		<Alert color="yellow" title={t("refusals.OPTOUT")}>
			{may(person, "create", "customerConsent") && (
				<Stack gap="xs">
					<Text size="sm">{t("consent.offer")}</Text>
					<Button variant="default" size="compact-sm" w="fit-content" onClick={() => setEntering(true)}>
						{t("consent.open")}
					</Button>
				</Stack>
			)}
			<ConsentDialog about={isEntering ? about : undefined} onClose={() => setEntering(false)} onDone={onEntered} />
		</Alert>
	);
}

type Change = (more: Parameters<Letters["change"]>[1]) => void;

const emptyLetter = { channel: "sms", to: "", message: "", templateId: "" };

function toStart({ queue, channel, to, message, template }: Letter) {
	return {
		channel_type: "chat",
		channel_sub_type: "text",
		destination: to.trim(),
		from_queue: { id: queue },
		attached_data: { channel },
		...(template?.template ? { template: template.template } : { message: message.trim() }),
	};
}

/** Queues one may not serve are listed for their figures only. */
function useServedQueues(): { value: string; label: string }[] {
	const { tree } = useDeskState();
	return tree.queues
		.filter(({ serve, forced_to_serve: isForced }) => serve === true || isForced !== true)
		.map(({ id, name }) => ({ value: id, label: textOf(name) }));
}

type WordsProps = { letter: Letter; onChange: Change };

function TemplateOrWords({ letter: { template, templateId, message }, onChange }: WordsProps) {
	const { t } = useTranslation("desk");
	const { body } = useAsked<readonly ReplyTemplate[]>("/reply_templates");
	const templates = (body ?? []).filter((one) => one.template !== null);
	const choose = useEffectEvent(() => {
		if (body !== undefined && templateId !== "") {
			onChange(chosenOf(templateId, body));
		}
	});
	useEffect(() => choose(), [body]);
	return (
		<>
			{templates.length > 0 && (
				<Select
					label={t("outbound.template")}
					data={[
						{ value: "", label: t("outbound.noTemplate") },
						...templates.map(({ id, name }) => ({ value: id, label: name })),
					]}
					value={template?.id ?? ""}
					onChange={(chosen) => onChange({ templateId: "", template: templates.find(({ id }) => id === chosen) })}
					allowDeselect={false}
				/>
			)}
			{template?.template ? (
				<ApprovedFields
					template={template.template}
					onChange={(changed) => onChange({ template: { ...template, template: changed } })}
				/>
			) : (
				<Textarea
					label={t("outbound.message")}
					value={message}
					onChange={(event) => onChange({ templateId: "", message: event.currentTarget.value })}
					autosize
					minRows={3}
					required
					maxLength={10_000}
				/>
			)}
		</>
	);
}
