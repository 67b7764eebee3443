// Reply templates: found by name or words, filled in and put into the answer; or a provider's template, whose gaps are filled
// in before it goes out as it is.

import { Button, Group, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interaction } from "#web/realtime/tree.ts";
import { Dialog } from "#web/ui/dialog.tsx";
import { textOf } from "./chat-facts.ts";
import { type Approved, ApprovedFields, type ReplyTemplate } from "./approved.tsx";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { filled } from "./placeholders.ts";
import { useAsked } from "./use-asked.ts";

type TemplateProps = {
	chat: Interaction;
	isOpen: boolean;
	/** Closed: only a provider's templates may go out. */
	isWindowOpen: boolean;
	onClose: () => void;
	onText: (text: string) => void;
};

export function TemplateDialog(props: TemplateProps) {
	const { t } = useTranslation("desk");
	return (
		<Dialog opened={props.isOpen} onClose={props.onClose} title={t("templates.title")}>
			{props.isOpen && <Templates {...props} />}
		</Dialog>
	);
}

function Templates({ chat, isWindowOpen, onClose, onText }: TemplateProps) {
	const desk = useDesk();
	const agent = textOf(useDeskState().tree.properties["alias"]);
	const [chosen, setChosen] = useState<Approved>();
	const send = (template: Approved) => {
		desk.say(chat.id, "template", JSON.stringify(template));
		onClose();
	};
	const choose = ({ text, template }: ReplyTemplate) => {
		if (template === null) {
			onText(filled(text, chat, agent));
			onClose();
		} else {
			const given = Object.entries(template.parameters ?? {});
			const parameters = Object.fromEntries(given.map(([name, value]) => [name, filled(value, chat, agent)]));
			setChosen({ ...template, parameters });
		}
	};
	return chosen === undefined ? (
		<TemplateList isWindowOpen={isWindowOpen} onChoose={choose} />
	) : (
		<ApprovedForm template={chosen} onSend={send} onBack={() => setChosen(undefined)} />
	);
}

function TemplateList({ isWindowOpen, onChoose }: { isWindowOpen: boolean; onChoose: (one: ReplyTemplate) => void }) {
	const { t } = useTranslation("desk");
	const [find, setFind] = useState("");
	const { body: templates = [], refusal } = useAsked<readonly ReplyTemplate[]>("/reply_templates");
	const words = find.toLocaleLowerCase();
	const found = templates.filter(
		({ name, folder, text, template }) =>
			`${folder} ${name} ${text}`.toLocaleLowerCase().includes(words) && (isWindowOpen || template !== null),
	);
	return (
		<Stack gap="xs" onKeyDown={moveAmongButtons}>
			<TextInput
				data-autofocus
				type="search"
				label={t("templates.find")}
				value={find}
				onChange={(event) => setFind(event.currentTarget.value)}
				onKeyDown={(event) => {
					const [first] = found;
					if (event.key === "Enter" && first !== undefined) {
						event.preventDefault();
						onChoose(first);
					}
				}}
			/>
			{found.length === 0 && <Text c="dimmed">{refusal?.because ?? t("templates.none")}</Text>}
			{found.map((one) => (
				<UnstyledButton key={one.id} className="desk-choice" onClick={() => onChoose(one)}>
					<Text fw={600}>{one.folder === "" ? one.name : `${one.folder} / ${one.name}`}</Text>
					<Text size="sm" c="dimmed" lineClamp={2} dir="auto">
						{one.template === null ? one.text : t("templates.provider", { text: one.text })}
					</Text>
				</UnstyledButton>
			))}
		</Stack>
	);
}

/** Up and down go through the choices. */
export function moveAmongButtons(event: KeyboardEvent<HTMLElement>): void {
	const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
	if (step === undefined) {
		return;
	}
	const places = Array.from(event.currentTarget.querySelectorAll<HTMLElement>("input, button"));
	const here = places.findIndex((place) => place === document.activeElement);
	event.preventDefault();
	places[Math.max(0, here + step)]?.focus();
}

type ApprovedProps = { template: Approved; onSend: (template: Approved) => void; onBack: () => void };

function ApprovedForm({ template, onSend, onBack }: ApprovedProps) {
	const { t } = useTranslation("desk");
	const [filledIn, setFilledIn] = useState(template);
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				event.stopPropagation(); // It stands, for React, in the form of the answer.
				onSend(filledIn);
			}}
		>
			<Stack gap="sm">
				<Text>{t("templateSent", { id: template.id })}</Text>
				<ApprovedFields template={filledIn} onChange={setFilledIn} />
				<Group justify="flex-end">
					<Button variant="default" onClick={onBack}>
						{t("templates.back")}
					</Button>
					<Button type="submit" data-autofocus>
						{t("templates.send")}
					</Button>
				</Group>
			</Stack>
		</form>
	);
}
