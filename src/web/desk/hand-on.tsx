// To whom a chat goes, or who is asked in: agents who are there, and queues. A word to the next agent goes along.

import { Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { randomHex } from "#web/api/random.ts";
import type { Interaction } from "#web/realtime/tree.ts";
import { Dialog } from "#web/ui/dialog.tsx";
import { tell } from "#web/ui/notice.tsx";
import { type Choosable, choosable, type Colleague } from "./colleague.ts";
import { useDesk } from "./desk-context.tsx";
import { moveAmongButtons } from "./templates.tsx";
import { useAsked } from "./use-asked.ts";
import { useDoing } from "./use-doing.ts";

type How = "transfer" | "consult";
type HandOnProps = { chat: Interaction; how: How | undefined; onClose: () => void };

export function HandOnDialog({ chat, how, onClose }: HandOnProps) {
	const { t } = useTranslation("desk");
	return (
		<Dialog
			opened={how !== undefined}
			onClose={onClose}
			title={t(how === "consult" ? "consultTitle" : "transferTitle")}
		>
			{how !== undefined && <Choice chat={chat} how={how} onClose={onClose} />}
		</Dialog>
	);
}

function Choice({ chat, how, onClose }: { chat: Interaction; how: How; onClose: () => void }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const [find, setFind] = useState("");
	const [note, setNote] = useState("");
	const toNote = useNoteOfOneId();
	const { isBusy, run } = useDoing();
	const { body: colleagues = [], refusal } = useAsked<readonly Colleague[]>("/colleagues");
	const words = find.toLocaleLowerCase();
	const found = choosable(how, chat, colleagues).filter(({ name, address }) =>
		`${name} ${address}`.toLocaleLowerCase().includes(words),
	);
	const choose = async ({ address }: Choosable) => {
		if (note.trim() !== "") {
			const told = await desk.ask("POST", `/interactions/${chat.id}/transcript/messages`, toNote(note.trim()));
			if (!told.ok) {
				return told;
			}
		}
		const body = how === "consult" ? { consult: address } : { channel_status: "transferring", destination: address };
		return desk.ask("PUT", `/interactions/${chat.id}`, body);
	};
	const handOn = (one: Choosable) =>
		run(
			() => choose(one),
			() => {
				tell(t(doneBy(how, one), { name: one.name }));
				onClose();
			},
		);
	return (
		<Stack gap="xs" onKeyDown={moveAmongButtons}>
			<Text size="sm">{t(how === "consult" ? "consultLead" : "transferLead")}</Text>
			<TextInput
				data-autofocus
				type="search"
				label={t("findColleague")}
				value={find}
				onChange={(event) => setFind(event.currentTarget.value)}
			/>
			<TextInput
				label={t("noteToNext")}
				value={note}
				maxLength={2000}
				onChange={(event) => setNote(event.currentTarget.value)}
			/>
			{found.length === 0 && <Text c="dimmed">{refusal?.because ?? t("nobody")}</Text>}
			{found.map((one) => (
				<UnstyledButton key={one.address} className="desk-choice" disabled={isBusy} onClick={() => handOn(one)}>
					<Text fw={600} dir="auto">
						{one.name}
					</Text>
					<Text size="sm" c="dimmed">
						{t(`colleagues.${one.state}`)} · {one.address}
					</Text>
				</UnstyledButton>
			))}
		</Stack>
	);
}

function doneBy(how: How, { state }: Choosable) {
	if (how === "consult") {
		return "consulted";
	}
	return state === "inside" ? "handedOn" : "transferred";
}

/** A choice that is refused leaves the note in the chat: with the next one the same words are not said again. */
function useNoteOfOneId() {
	const ids = useRef(new Map<string, string>());
	return (message: string) => {
		const id = ids.current.get(message) ?? randomHex(16);
		ids.current.set(message, id);
		return { type: "note", message, client_message_id: id };
	};
}
