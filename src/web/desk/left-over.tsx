// Words that were written in a chat that is gone: nobody got them, and they stay until they are dropped.

import { Button, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CopyAll } from "#web/ui/copy.tsx";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { ListTitle } from "./list-title.tsx";
import { leftOver } from "./pending.ts";

export function LeftOverWords() {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { tree, words, link } = useDeskState();
	const found = leftOver(
		words,
		tree.interactions.map(({ id }) => id),
	);
	if (found.length === 0 || link !== "open") {
		return null;
	}
	return (
		<section aria-label={t("leftOver.title")}>
			<ListTitle text={t("leftOver.title")} />
			<Stack gap="xs">
				{found.map(({ chatId, texts }) => (
					<div key={chatId} className="desk-chat-item">
						<Text size="sm" lineClamp={4} dir="auto">
							{texts.join("\n")}
						</Text>
						<Group gap="xs" mt={6}>
							<CopyAll label={t("leftOver.copy")} text={texts.join("\n")} />
							<Button size="xs" variant="default" onClick={() => desk.dropChat(chatId)}>
								{t("leftOver.drop")}
							</Button>
						</Group>
					</div>
				))}
			</Stack>
		</section>
	);
}
