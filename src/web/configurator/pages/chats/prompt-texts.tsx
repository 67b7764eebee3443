// A prompt's texts, one for each language.

import { ActionIcon, Button, Fieldset, Group, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { fillable } from "#domain/prompts.ts";
import { promptTypes } from "#domain/queues.ts";
import { fieldId, mistakeAt } from "#web/ui/form/schema-fields.tsx";
import type { FieldsProps } from "#web/ui/form/stored-form.tsx";

export function PromptTexts({ values, onChange, mistakes, isReadOnly }: FieldsProps) {
	const { t } = useTranslation("chats");
	const texts = Object.entries((values["texts"] as Record<string, string> | undefined) ?? {});
	const type = promptTypes.find((one) => one === values["type"]);
	const help = type === undefined ? undefined : t("texts.help", { values: fillable(type) });
	const set = (next: readonly (readonly [string, string])[]) => onChange("texts", Object.fromEntries(next));
	return (
		<Fieldset legend={t("texts.title")} id={fieldId("/texts")}>
			{texts.map(([language, text], index) => (
				<Group key={index} align="flex-start" gap="xs" mb="sm">
					<TextInput
						label={t("texts.language")}
						w={90}
						defaultValue={language}
						onBlur={(event) => {
							const named = event.currentTarget.value.trim();
							set(texts.map((one, place) => (place === index ? [named, text] : one)));
						}}
						readOnly={isReadOnly}
						maxLength={35}
					/>
					<Textarea
						id={fieldId(`/texts/${language}`)}
						label={t("texts.text")}
						description={help}
						flex="1 1 16rem"
						autosize
						minRows={2}
						value={text}
						onChange={(event) => {
							const said = event.currentTarget.value;
							set(texts.map((one, place) => (place === index ? [language, said] : one)));
						}}
						error={mistakeAt(mistakes, `/texts/${language}`)}
						readOnly={isReadOnly}
						maxLength={2000}
					/>
					{!isReadOnly && (
						<ActionIcon
							mt={25}
							variant="default"
							size="input-sm"
							aria-label={t("texts.remove", { language })}
							onClick={() => set(texts.filter((_, place) => place !== index))}
						>
							<IconTrash size={16} aria-hidden />
						</ActionIcon>
					)}
				</Group>
			))}
			{!isReadOnly && (
				<Button
					variant="default"
					size="xs"
					leftSection={<IconPlus size={14} aria-hidden />}
					onClick={() => set([...texts, [freeLanguage(texts), ""]])}
				>
					{t("texts.add")}
				</Button>
			)}
		</Fieldset>
	);
}

/** The next that has no text yet. */
function freeLanguage(texts: readonly (readonly [string, string])[]): string {
	const candidates = ["en", "de", "fi", "fr", "es", "sv", "it", "nl", "pl", "pt"];
	return candidates.find((one) => !texts.some(([language]) => language === one)) ?? "";
}
