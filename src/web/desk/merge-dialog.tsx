// Two contacts that are one person: the other is found, what would become of both is shown, and only then it is done.

import { Button, Group, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "#web/ui/dialog.tsx";
import { Loading } from "#web/ui/states.tsx";
import { callOf, type Contact, type FoundContact } from "./contact.ts";
import { MergePreview } from "./merge-preview.tsx";
import { moveAmongButtons } from "./templates.tsx";
import { useAsked } from "./use-asked.ts";

type MergeProps = { chatId: string; contact: Contact; isOpen: boolean; onClose: () => void; onDone: () => void };

export function MergeDialog({ isOpen, ...props }: MergeProps) {
	const { t } = useTranslation("desk");
	return (
		<Dialog opened={isOpen} onClose={props.onClose} title={t("merge.title")} size="lg">
			{isOpen && <Steps {...props} />}
		</Dialog>
	);
}

function Steps({ chatId, contact, onClose, onDone }: Omit<MergeProps, "isOpen">) {
	const [words, setWords] = useState("");
	const [chosen, setChosen] = useState<FoundContact>();
	return chosen === undefined ? (
		<Search chatId={chatId} words={words} onSearch={setWords} onChoose={setChosen} />
	) : (
		<MergePreview
			chatId={chatId}
			contact={contact}
			other={chosen}
			onBack={() => setChosen(undefined)}
			onDone={() => {
				onClose();
				onDone();
			}}
		/>
	);
}

type SearchProps = {
	chatId: string;
	/** What was searched last. */
	words: string;
	onSearch: (words: string) => void;
	onChoose: (contact: FoundContact) => void;
};

function Search({ chatId, words, onSearch, onChoose }: SearchProps) {
	const { t } = useTranslation("desk");
	const [typed, setTyped] = useState(words);
	const uri = words === "" ? undefined : `/interactions/${chatId}/contact/find/${encodeURIComponent(words)}`;
	const { body: found, refusal } = useAsked<readonly FoundContact[]>(uri);
	return (
		<Stack gap="sm" onKeyDown={moveAmongButtons}>
			<Text size="sm">{t("merge.lead")}</Text>
			<form
				role="search"
				onSubmit={(event) => {
					event.preventDefault();
					onSearch(typed.trim());
				}}
			>
				<Group align="flex-end">
					<TextInput
						type="search"
						label={t("merge.find")}
						description={t("merge.findHelp")}
						value={typed}
						onChange={(event) => setTyped(event.currentTarget.value)}
						maxLength={200}
						required
						data-autofocus
					/>
					<Button type="submit" variant="default">
						{t("merge.search")}
					</Button>
				</Group>
			</form>
			<div role="status">
				{refusal !== undefined && <Text size="sm">{refusal.because}</Text>}
				{found?.length === 0 && <Text size="sm">{t("merge.none")}</Text>}
				{found !== undefined && found.length > 0 && <Text size="sm">{t("merge.found", { count: found.length })}</Text>}
				{uri !== undefined && found === undefined && refusal === undefined && <Loading rows={2} />}
			</div>
			{found?.map((one) => (
				<UnstyledButton key={one.id} className="desk-choice" onClick={() => onChoose(one)}>
					<Text fw={600} dir="auto">
						{callOf(one)}
					</Text>
					<Text size="sm" c="dimmed" dir="auto">
						{one.addresses.map(({ channel, address }) => `${channel} ${address}`).join(" · ")}
					</Text>
				</UnstyledButton>
			))}
		</Stack>
	);
}
