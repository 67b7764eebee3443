// Reply templates: found by name, filled in, put into the answer; or a provider's template, which goes out as it is.

import { Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interaction } from "#web/realtime/tree.ts";
import { Dialog } from "#web/ui/dialog.tsx";
import { nameOf, textOf } from "./chat-facts.ts";
import { useDesk, useDeskState } from "./desk-context.tsx";

type Template = { id: string; name: string; folder: string; text: string; template: object | null };

type TemplateProps = {
	chat: Interaction;
	isOpen: boolean;
	/** Closed: only a provider's templates may go out. */
	isWindowOpen: boolean;
	onClose: () => void;
	onText: (text: string) => void;
};

export function TemplateDialog({ chat, isOpen, isWindowOpen, onClose, onText }: TemplateProps) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { tree } = useDeskState();
	const [find, setFind] = useState("");
	const templates = useTemplates(isOpen);
	const words = find.toLocaleLowerCase();
	const found = templates.filter(
		({ name, folder, template }) =>
			`${folder} ${name}`.toLocaleLowerCase().includes(words) && (isWindowOpen || template !== null),
	);
	const choose = (one: Template) => {
		if (one.template === null) {
			onText(filled(one.text, chat, textOf(tree.properties["alias"])));
		} else {
			desk.say(chat.id, "template", JSON.stringify(one.template));
		}
		onClose();
	};
	return (
		<Dialog opened={isOpen} onClose={onClose} title={t("templates.title")}>
			<Stack gap="xs">
				<TextInput
					data-autofocus
					type="search"
					label={t("templates.find")}
					value={find}
					onChange={(event) => setFind(event.currentTarget.value)}
				/>
				{found.length === 0 && <Text c="dimmed">{t("templates.none")}</Text>}
				{found.map((one) => (
					<UnstyledButton key={one.id} className="desk-template" onClick={() => choose(one)}>
						<Text fw={600}>{one.folder === "" ? one.name : `${one.folder} / ${one.name}`}</Text>
						<Text size="sm" c="dimmed" lineClamp={2} dir="auto">
							{one.template === null ? one.text : t("templates.provider", { text: one.text })}
						</Text>
					</UnstyledButton>
				))}
			</Stack>
		</Dialog>
	);
}

function useTemplates(isOpen: boolean): readonly Template[] {
	const desk = useDesk();
	const [templates, setTemplates] = useState<readonly Template[]>([]);
	useEffect(() => {
		if (isOpen) {
			void desk.ask("GET", "/reply_templates").then((asked) => asked.ok && setTemplates(asked.body as Template[]));
		}
	}, [desk, isOpen]);
	return templates;
}

export function filled(text: string, chat: Interaction, agent: string): string {
	const values: Readonly<Record<string, string>> = { name: nameOf(chat), agent, queue: chat.from_queue.name ?? "" };
	return text.replaceAll(/\{(name|agent|queue)\}/g, (_whole, name: string) => values[name] ?? "");
}
