// To whom a chat goes, or who is asked in: agents who are there, and queues.

import { Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interaction } from "#web/realtime/tree.ts";
import { Dialog } from "#web/ui/dialog.tsx";
import { useDesk } from "./desk-context.tsx";
import { useDoing } from "./use-doing.ts";

type Colleague = { kind: "agent" | "queue"; address: string; name: string; state: string };

type HandOnProps = { chat: Interaction; how: "transfer" | "consult" | undefined; onClose: () => void };

export function HandOnDialog({ chat, how, onClose }: HandOnProps) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const [find, setFind] = useState("");
	const { isBusy, run } = useDoing();
	const colleagues = useColleagues(how !== undefined);
	const words = find.toLocaleLowerCase();
	const found = colleagues.filter(
		({ kind, name, address }) =>
			(how === "transfer" || kind === "agent") && `${name} ${address}`.toLocaleLowerCase().includes(words),
	);
	const choose = ({ address }: Colleague) => {
		const body = how === "consult" ? { consult: address } : { channel_status: "transferring", destination: address };
		run(() => desk.ask("PUT", `/interactions/${chat.id}`, body), onClose);
	};
	return (
		<Dialog
			opened={how !== undefined}
			onClose={onClose}
			title={t(how === "consult" ? "consultTitle" : "transferTitle")}
		>
			<Stack gap="xs">
				<TextInput
					data-autofocus
					type="search"
					label={t("findColleague")}
					value={find}
					onChange={(event) => setFind(event.currentTarget.value)}
				/>
				{found.length === 0 && <Text c="dimmed">{t("nobody")}</Text>}
				{found.map((one) => (
					<UnstyledButton key={one.address} className="desk-template" disabled={isBusy} onClick={() => choose(one)}>
						<Text fw={600}>{one.name}</Text>
						<Text size="sm" c="dimmed">
							{t(`colleagues.${one.state}` as "colleagues.ready", { defaultValue: one.state })} · {one.address}
						</Text>
					</UnstyledButton>
				))}
			</Stack>
		</Dialog>
	);
}

function useColleagues(isOpen: boolean): readonly Colleague[] {
	const desk = useDesk();
	const [colleagues, setColleagues] = useState<readonly Colleague[]>([]);
	useEffect(() => {
		if (isOpen) {
			void desk.ask("GET", "/colleagues").then((asked) => asked.ok && setColleagues(asked.body as Colleague[]));
		}
	}, [desk, isOpen]);
	return colleagues;
}
