// Writing first: an SMS or WhatsApp message from an address of a queue that one serves.

import { Button, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "#web/ui/dialog.tsx";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { useDoing } from "./use-doing.ts";

const channels = ["sms", "whatsapp"] as const;

export function OutboundButton() {
	const { t } = useTranslation("desk");
	const [isOpen, setOpen] = useState(false);
	return (
		<>
			<Button variant="default" size="compact-sm" onClick={() => setOpen(true)}>
				{t("outbound.open")}
			</Button>
			<Dialog opened={isOpen} onClose={() => setOpen(false)} title={t("outbound.title")}>
				<OutboundForm onDone={() => setOpen(false)} />
			</Dialog>
		</>
	);
}

function OutboundForm({ onDone }: { onDone: () => void }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { tree } = useDeskState();
	const { isBusy, run } = useDoing();
	const queues = tree.queues.map(({ id, name }) => ({ value: id, label: String(name) }));
	const [queue, setQueue] = useState(queues[0]?.value ?? null);
	const [channel, setChannel] = useState<string>("sms");
	const [to, setTo] = useState("");
	const [message, setMessage] = useState("");
	const body = {
		channel_type: "chat",
		channel_sub_type: "text",
		destination: to.trim(),
		from_queue: { id: queue },
		message: message.trim(),
		attached_data: { channel },
	};
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				run(
					() => desk.ask("POST", "/interactions", body),
					(answer) => {
						location.hash = (answer as { id: string }).id;
						onDone();
					},
				);
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
				<Textarea
					label={t("outbound.message")}
					value={message}
					onChange={(event) => setMessage(event.currentTarget.value)}
					autosize
					minRows={3}
					required
					maxLength={10_000}
				/>
				<Button type="submit" loading={isBusy} w="fit-content">
					{t("outbound.send")}
				</Button>
			</Stack>
		</form>
	);
}
