// Writing first: an SMS or WhatsApp message from an address of a queue that one serves.

import { Button, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "#web/ui/dialog.tsx";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { useAsked } from "./use-asked.ts";
import { useDoing } from "./use-doing.ts";
import { goTo } from "./use-place.ts";

const channels = ["sms", "whatsapp"] as const;

export function OutboundButton() {
	const { t } = useTranslation("desk");
	const { queues } = useDeskState().tree;
	const [isOpen, setOpen] = useState(false);
	if (queues.length === 0) {
		return null;
	}
	return (
		<>
			<Button variant="default" size="compact-sm" aria-keyshortcuts="w" onClick={() => setOpen(true)}>
				{t("outbound.open")}
			</Button>
			<Dialog opened={isOpen} onClose={() => setOpen(false)} title={t("outbound.title")}>
				<OutboundForm onDone={() => setOpen(false)} />
			</Dialog>
		</>
	);
}

type Approved = { id: string; name: string; template: object | null };

function OutboundForm({ onDone }: { onDone: () => void }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { tree } = useDeskState();
	const { isBusy, run } = useDoing();
	// Queues one may not serve are listed for their figures only.
	const queues = tree.queues
		.filter(({ serve, forced_to_serve: isForced }) => serve === true || isForced !== true)
		.map(({ id, name }) => ({ value: id, label: String(name) }));
	const templates = (useAsked<readonly Approved[]>("/reply_templates").body ?? []).filter(
		(one) => one.template !== null,
	);
	const [queue, setQueue] = useState(queues[0]?.value ?? null);
	const [channel, setChannel] = useState<string>("sms");
	const [to, setTo] = useState("");
	const [message, setMessage] = useState("");
	const [templateId, setTemplateId] = useState("");
	const template = templates.find(({ id }) => id === templateId)?.template ?? undefined;
	const body = {
		channel_type: "chat",
		channel_sub_type: "text",
		destination: to.trim(),
		from_queue: { id: queue },
		attached_data: { channel },
		...(template === undefined ? { message: message.trim() } : { template }),
	};
	const open = (answer: unknown) => {
		goTo({ view: "chats", chatId: (answer as { id: string }).id });
		onDone();
	};
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				run(() => desk.ask("POST", "/interactions", body), open);
			}}
		>
			<Stack gap="sm">
				<Select label={t("outbound.queue")} data={queues} value={queue} onChange={setQueue} allowDeselect={false} />
				<Select
					label={t("outbound.channel")}
					data={channels.map((one) => ({ value: one, label: t(`outbound.channels.${one}`) }))}
					value={channel}
					onChange={(chosen) => setChannel(chosen ?? "sms")}
					allowDeselect={false}
				/>
				<TextInput
					label={t("outbound.to")}
					value={to}
					onChange={(event) => setTo(event.currentTarget.value)}
					required
					maxLength={254}
				/>
				{templates.length > 0 && (
					<Select
						label={t("outbound.template")}
						data={[
							{ value: "", label: t("outbound.noTemplate") },
							...templates.map(({ id, name }) => ({ value: id, label: name })),
						]}
						value={templateId}
						onChange={(chosen) => setTemplateId(chosen ?? "")}
						allowDeselect={false}
					/>
				)}
				{template === undefined && (
					<Textarea
						label={t("outbound.message")}
						value={message}
						onChange={(event) => setMessage(event.currentTarget.value)}
						autosize
						minRows={3}
						required
						maxLength={10_000}
					/>
				)}
				<Button type="submit" loading={isBusy} w="fit-content">
					{t("outbound.send")}
				</Button>
			</Stack>
		</form>
	);
}
